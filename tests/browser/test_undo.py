"""The undo in a browser: after a drag, by keyboard, and gone by itself."""

import pytest
from playwright.sync_api import Page, expect

from crm import deals, pipelines
from crm.foundation.access import SYSTEM
from crm.platform.people import users
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle
from tests.browser.test_board import card, column, drag, titles, written


def seed(store: Store) -> dict[str, int]:
    made = {}
    with store.writing(SYSTEM) as tx:
        people = {person.name: person.id for person in users.everyone(tx)}
        for name in ("drag", "won", "goes"):
            pipeline = pipelines.create(tx, name, ["Lead", "Talk", "Offer"])
            made[name] = pipeline.id
            for title in ("Lamps", "Desks", "Chairs"):
                deals.create(tx, title=title, pipeline_id=pipeline.id, value=1000, owner_id=people["Ana"])
    return made


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[dict[str, int]]:
    return serve(seed)


def board(sign_in: SignIn, server: Server[dict[str, int]], name: str) -> Page:
    page = sign_in("ana", server)
    page.goto(f"/pipeline?pipeline={server.seeded[name]}")
    expect(card(page, "Chairs")).to_be_visible()
    idle(page)
    return page


def test_a_drag_is_said_and_undone_by_keyboard_at_its_former_place(
    sign_in: SignIn, server: Server[dict[str, int]]
) -> None:
    page = board(sign_in, server, "drag")
    drag(page, "Desks", column(page, "Offer").locator(".list"))
    said = page.get_by_role("status").filter(has_text="“Desks” moved to Offer.")
    expect(said).to_be_visible()
    written(page)
    idle(page)
    undo = page.get_by_role("button", name="Undo")
    undo.focus()
    page.keyboard.press("Enter")
    expect(titles(page, "Lead")).to_have_text(["Chairs", "Desks", "Lamps"])
    expect(page.get_by_role("status").filter(has_text="Undone.")).to_be_visible()
    expect(undo).to_have_count(0)
    page.reload()
    expect(titles(page, "Lead")).to_have_text(["Chairs", "Desks", "Lamps"])


def test_a_win_is_undone_and_the_message_moves_nothing(sign_in: SignIn, server: Server[dict[str, int]]) -> None:
    page = board(sign_in, server, "won")
    before = page.locator(".board").bounding_box()
    drag(page, "Lamps", column(page, "Won").locator(".list"))
    page.get_by_role("button", name="Mark as won").click()
    expect(page.get_by_role("status").filter(has_text="“Lamps” is won.")).to_be_visible()
    idle(page)
    assert page.locator(".board").bounding_box() == before
    page.get_by_role("button", name="Undo").click()
    expect(titles(page, "Lead")).to_have_text(["Chairs", "Desks", "Lamps"])


def test_the_message_goes_by_itself_but_not_under_the_pointer(sign_in: SignIn, server: Server[dict[str, int]]) -> None:
    page = board(sign_in, server, "goes")
    drag(page, "Lamps", column(page, "Talk").locator(".list"))
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    undo.hover()
    page.wait_for_timeout(11_000)
    expect(undo).to_be_visible()
    page.mouse.move(5, 5)
    expect(undo).to_be_hidden()
