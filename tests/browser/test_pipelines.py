"""Pipelines in a browser: stages put in order by drag, and a board that holds to the rules."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from crm import deals, pipelines
from crm.foundation.access import SYSTEM
from crm.platform.people import users
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle


@dataclass(frozen=True)
class Seeded:
    order: int
    rules: int


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[Seeded]:
    def seed(store: Store) -> Seeded:
        with store.reading(SYSTEM) as tx:
            ana = next(person.id for person in users.everyone(tx) if person.name == "Ana")
        with store.writing(SYSTEM) as tx:
            order = pipelines.create(tx, "Order", ["Lead", "Talk", "Offer"])
            rules = pipelines.create(tx, "Rules", ["Lead", "Talk", "Offer"])
            for stage in (rules.open_stages[2], rules.won):
                pipelines.require_fields(tx, stage.id, ["contact_id", "source"])
            for title in ("Lamps", "Chairs"):
                deals.create(tx, title=title, pipeline_id=rules.id, owner_id=ana)
        return Seeded(order.id, rules.id)

    return serve(seed)


def card(page: Page, title: str) -> Locator:
    return page.locator(".card:not(.ghost)", has=page.locator(f".title:text-is('{title}')"))


def column(page: Page, name: str) -> Locator:
    return page.locator(".column", has=page.locator(f".name:text-is('{name}')"))


def drag(page: Page, title: str, to: Locator) -> None:
    card(page, title).hover()
    page.mouse.down()
    box = to.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 6, steps=12)
    page.mouse.up()


def test_stages_are_dragged_into_order(sign_in: SignIn, server: Server[Seeded]) -> None:
    page = sign_in("marta", server)
    page.goto(f"/pipeline?pipeline={server.seeded.order}")
    idle(page)
    page.locator(".st-key-shape").get_by_role("button").click()
    page.get_by_text("Pipeline settings").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("tab", name="Order").click()
    items = dialog.frame_locator("iframe").locator(".sortable-item")
    expect(items).to_have_text(["Lead", "Talk", "Offer"])
    idle(page)
    first, last = items.first.bounding_box(), items.last.bounding_box()
    assert first
    assert last
    page.mouse.move(first["x"] + 40, first["y"] + first["height"] / 2)
    page.mouse.down()
    for step in range(1, 11):
        page.mouse.move(first["x"] + 40, first["y"] + (last["y"] + last["height"] - first["y"]) * step / 10)
        page.wait_for_timeout(30)
    page.mouse.up()
    expect(items).to_have_text(["Talk", "Offer", "Lead"])
    idle(page)
    page.reload()
    expect(page.locator(".column .name")).to_have_text(["Talk", "Offer", "Lead", "Won", "Lost"])


def test_a_card_that_lacks_what_the_stage_asks_for_snaps_back_and_says_what(
    sign_in: SignIn, server: Server[Seeded]
) -> None:
    page = sign_in("ana", server)
    page.goto(f"/pipeline?pipeline={server.seeded.rules}")
    expect(card(page, "Chairs")).to_be_visible()
    idle(page)
    foot = page.locator(".st-key-sidebar-foot")
    below = foot.bounding_box()
    drag(page, "Chairs", column(page, "Offer").locator(".list"))
    expect(page.get_by_text("asks for Contact and Source")).to_be_visible()
    expect(column(page, "Lead").locator(".title")).to_have_count(2)
    expect(column(page, "Offer").locator(".title")).to_have_count(0)
    assert foot.bounding_box() == below, "the frame's style was lost to the toast"
    page.reload()
    expect(column(page, "Lead").locator(".title")).to_have_count(2)


def test_won_says_what_a_deal_lacks_before_it_asks_for_the_day(sign_in: SignIn, server: Server[Seeded]) -> None:
    page = sign_in("ana", server)
    page.goto(f"/pipeline?pipeline={server.seeded.rules}")
    expect(card(page, "Lamps")).to_be_visible()
    idle(page)
    drag(page, "Lamps", column(page, "Won").locator(".list"))
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("asks for Contact and Source")).to_be_visible()
    expect(dialog.get_by_text("Closing day")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(column(page, "Lead").locator(".title")).to_have_count(2)


def test_a_card_shows_its_health_by_icon_and_word(sign_in: SignIn, server: Server[Seeded]) -> None:
    page = sign_in("vera", server)
    page.goto(f"/pipeline?pipeline={server.seeded.rules}")
    mark = card(page, "Chairs").locator(".icon.health")
    expect(mark).to_have_text("favorite")
    expect(mark).to_have_attribute("title", "Healthy, 85 of 100: no next step, no contact or no owner")
