"""A day that is typed is the day that is written, or none is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from crm import deals, pipelines
from crm.foundation import clock
from crm.foundation.access import FOREVER, SYSTEM
from crm.platform.people import tokens, users
from crm.platform.people.tokens import Scope
from crm.records import checklists
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle
from tests.people import find


@dataclass(frozen=True)
class Seeded:
    deals: dict[str, int]
    token: str


WAYS: dict[str, Callable[[Page], None]] = {
    "at once": lambda page: None,
    "after Enter": lambda page: page.keyboard.press("Enter"),
    "after Tab": lambda page: page.keyboard.press("Tab"),
    "after Escape": lambda page: page.keyboard.press("Escape"),
}
BEGUN = timedelta(days=400)


def seed(store: Store) -> Seeded:
    """Deals that were opened more than a year ago."""
    people = find(store)
    now = clock.now
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: now() - BEGUN)
        with store.writing(SYSTEM) as tx:
            sales = pipelines.create(tx, "Sales", ["Lead"])
            made = {
                name: deals.create(tx, title=name, pipeline_id=sales.id, owner_id=people.ana).id
                for name in (*WAYS, "picked", "lost", "in part", "beyond", "listed")
            }
            checklists.add(tx, made["listed"], "Before the offer")
    with store.writing(users.actor(store, people.ana, confirmed_until=FOREVER)) as tx:
        token = tokens.issue(tx, name="Test", scopes=tuple(Scope), expires_at=None).text
    return Seeded(made, token)


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[Seeded]:
    return serve(seed)


def held(server: Server[Seeded], title: str, path: str = "") -> httpx.Response:
    return httpx.get(
        f"{server.url}/api/v1/deals/{server.seeded.deals[title]}{path}",
        headers={"Authorization": f"Bearer {server.seeded.token}"},
    ).raise_for_status()


def closed_on(server: Server[Seeded], title: str) -> str | None:
    found: str | None = held(server, title).json()["closed_on"]
    return found


def last_march() -> date:
    """No day that a box would hold by itself."""
    return date(clock.now().year - (clock.now().month < 4), 3, 9)


def asked(sign_in: SignIn, server: Server[Seeded], title: str, result: str = "Won") -> tuple[Page, Locator]:
    page = sign_in("ana", server)
    page.goto(f"/deal?deal={server.seeded.deals[title]}")
    idle(page)
    page.get_by_role("button", name=result).first.click()
    dialog = page.get_by_role("dialog").first
    expect(dialog.get_by_label("Note")).to_be_visible()
    idle(page)
    return page, dialog


def typed(page: Page, room: Locator, digits: str) -> None:
    room.get_by_test_id("stDateInput").locator("[data-type=year]").click()
    page.keyboard.type(digits)


@pytest.mark.parametrize("way", WAYS)
def test_a_deal_closes_on_the_day_that_was_typed_however_the_box_was_left(
    sign_in: SignIn, server: Server[Seeded], way: str
) -> None:
    page, dialog = asked(sign_in, server, way)
    typed(page, dialog, f"{last_march():%Y%m%d}")
    WAYS[way](page)
    dialog.get_by_role("button", name="Mark as won").click()
    expect(page.get_by_role("button", name="Reopen")).to_be_visible()
    assert closed_on(server, way) == str(last_march())


def test_a_deal_closes_on_the_day_that_was_picked(sign_in: SignIn, server: Server[Seeded]) -> None:
    page, dialog = asked(sign_in, server, "picked")
    dialog.get_by_role("button", name="Choose date").click()
    calendar = page.get_by_test_id("stDateInputCalendar")
    calendar.get_by_role("button").first.click()  # the month before
    calendar.get_by_role("gridcell").get_by_text("9", exact=True).click()
    dialog.get_by_role("button", name="Mark as won").click()
    expect(page.get_by_role("button", name="Reopen")).to_be_visible()
    picked = date.fromisoformat(closed_on(server, "picked") or "")
    assert picked.day == 9
    assert picked < clock.now().date().replace(day=1)


def test_a_lost_deal_too(sign_in: SignIn, server: Server[Seeded]) -> None:
    page, dialog = asked(sign_in, server, "lost", "Lost")
    dialog.get_by_label("Note").fill("They moved away")
    typed(page, dialog, f"{last_march():%Y%m%d}")
    dialog.get_by_role("button", name="Mark as lost").click()
    expect(page.get_by_role("button", name="Reopen")).to_be_visible()
    assert closed_on(server, "lost") == str(last_march())


def test_a_day_typed_in_part_holds_the_button_back_until_it_is_whole(sign_in: SignIn, server: Server[Seeded]) -> None:
    """Streamlit puts the day of before back into such a box just when the button is pressed."""
    page, dialog = asked(sign_in, server, "in part")
    typed(page, dialog, "09032026")  # day first, into a box that begins with the year
    dialog.get_by_role("button", name="Mark as won").click()
    expect(page.get_by_text("This day is not complete.")).to_be_visible()
    idle(page)
    assert closed_on(server, "in part") is None
    typed(page, dialog, f"{last_march():%Y%m%d}")
    expect(page.get_by_text("This day is not complete.")).to_have_count(0)
    dialog.get_by_role("button", name="Mark as won").click()
    expect(page.get_by_role("button", name="Reopen")).to_be_visible()
    assert closed_on(server, "in part") == str(last_march())


def test_a_day_that_cannot_be_is_refused_in_words_and_not_replaced(sign_in: SignIn, server: Server[Seeded]) -> None:
    page, dialog = asked(sign_in, server, "beyond")
    for digits, said in (
        (f"{clock.now().year + 1}0309", "cannot lie in the future"),
        ("26110309", "not in a year from 1900"),
        ("20010309", "was opened on"),
    ):
        typed(page, dialog, digits)
        dialog.get_by_role("button", name="Mark as won").click()
        expect(dialog.get_by_role("alert").get_by_text(said)).to_be_visible()
        idle(page)
        assert closed_on(server, "beyond") is None


def test_an_item_is_not_added_without_the_day_that_was_typed(sign_in: SignIn, server: Server[Seeded]) -> None:
    page = sign_in("ana", server)
    page.goto(f"/deal?deal={server.seeded.deals['listed']}")
    idle(page)
    page.get_by_role("button", name="Add", exact=True).click()
    room = page.get_by_test_id("stPopoverBody")
    room.get_by_label("New step").fill("Measure")
    for digits, said in (("18000309", "not in a year from 1900"), ("09032030", "This day is not complete.")):
        typed(page, room, digits)
        room.get_by_role("button", name="Add step").click()
        expect(page.get_by_text(said)).to_be_visible()
        idle(page)
        assert "Measure" not in held(server, "listed", "/checklist").text
    typed(page, room, "20300309")
    room.get_by_role("button", name="Add step").click()
    expect(page.get_by_role("checkbox", name="Measure")).to_be_attached()
    assert "2030-03-09" in held(server, "listed", "/checklist").text
