"""Table and calendar of a pipeline in a browser: a deal dragged to another day, a row typed into, many moved."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from crm import deals, pipelines
from crm.foundation.access import SYSTEM
from crm.platform.people import users
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle, insist


@dataclass(frozen=True)
class Seeded:
    pipelines: dict[str, int]
    today: date


def seed(store: Store) -> Seeded:
    with store.reading(SYSTEM) as tx:
        people = {person.name: person.id for person in users.everyone(tx)}
    made = {}
    with store.writing(SYSTEM) as tx:
        middle = tx.today.replace(day=15)
        for name in ("drag", "keys", "menu", "viewer", "rows", "many", "more", "focus"):
            pipeline = pipelines.create(tx, name, ["Lead", "Talk"])
            made[name] = pipeline.id
            for title, day in (("Lamps", middle), ("Desks", None), ("Chairs", None)):
                deals.create(
                    tx,
                    title=title,
                    pipeline_id=pipeline.id,
                    value=1000,
                    owner_id=people["Ana"],
                    expected_close=day,
                )
        for number in range(5):
            deals.create(tx, title=f"Stool {number}", pipeline_id=made["more"], value=10, expected_close=middle)
        return Seeded(made, tx.today)


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[Seeded]:
    return serve(seed)


def calendar(sign_in: SignIn, server: Server[Seeded], name: str, pipeline: str, **context: object) -> Page:
    page = sign_in(name, server, **context)
    page.goto(f"/pipeline?pipeline={server.seeded.pipelines[pipeline]}&show=calendar")
    expect(chip(page, "Lamps").first).to_be_visible()
    idle(page)
    return page


def chip(page: Page, title: str) -> Locator:
    return page.locator(".chip:not(.ghost)", has=page.locator(f".title:text-is('{title}')"))


def day(page: Page, of: date) -> Locator:
    return page.locator(f".day[data-day='{of.isoformat()}']")


def on_day(page: Page, of: date) -> Locator:
    return day(page, of).locator(".title")


def written(page: Page) -> None:
    """Every move has its answer."""
    expect(page.locator(".calendar")).to_have_attribute("aria-busy", "false")


def drag(page: Page, grabbed: Locator, to: Locator) -> None:
    grabbed.hover()
    page.mouse.down()
    box = to.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=12)
    expect(to).to_have_class(re.compile(r"\bover\b"))
    page.mouse.up()


def test_a_deal_is_dragged_to_another_day_and_from_none_to_one(sign_in: SignIn, server: Server[Seeded]) -> None:
    page = calendar(sign_in, server, "ana", "drag")
    middle = server.seeded.today.replace(day=15)
    later = middle + timedelta(days=2)
    drag(page, day(page, middle).locator(".chip"), day(page, later))
    expect(on_day(page, later)).to_have_text(["Lamps"])
    written(page)
    drag(page, page.locator(".apart.undated .chip", has_text="Desks"), day(page, later))
    expect(on_day(page, later)).to_have_count(2)
    written(page)
    page.reload()
    expect(on_day(page, later)).to_have_text(["Lamps", "Desks"])
    expect(day(page, later).locator(".sums")).to_have_text("R$2K")
    expect(page.locator(".apart.undated .count")).to_have_text("1")


def test_the_focus_comes_back_to_the_entry_whose_drawer_is_closed(sign_in: SignIn, server: Server[Seeded]) -> None:
    page = calendar(sign_in, server, "ana", "focus")
    chip(page, "Desks").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_label("Title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(chip(page, "Desks")).to_be_focused()


def test_the_keyboard_carries_a_deal_by_days_and_puts_it_back(sign_in: SignIn, server: Server[Seeded]) -> None:
    page = calendar(sign_in, server, "ana", "keys")
    middle = server.seeded.today.replace(day=15)
    own = day(page, middle).locator(".chip")
    own.focus()
    for key in ("Space", "ArrowRight", "Escape"):
        page.keyboard.press(key)
    expect(on_day(page, middle)).to_have_text(["Lamps"])
    own.focus()
    for key in ("Space", "ArrowRight", "ArrowDown", "Space"):
        page.keyboard.press(key)
    expect(on_day(page, middle + timedelta(days=8))).to_have_text(["Lamps"])
    written(page)
    page.reload()
    expect(on_day(page, middle + timedelta(days=8))).to_have_text(["Lamps"])


def test_the_menu_of_a_deal_takes_any_day_and_a_click_opens_it(sign_in: SignIn, server: Server[Seeded]) -> None:
    page = calendar(sign_in, server, "ana", "menu")
    middle = server.seeded.today.replace(day=15)
    day(page, middle).locator(".menu-button").click()
    page.locator(".menu input[type=date]").fill((middle + timedelta(days=3)).isoformat())
    expect(on_day(page, middle + timedelta(days=3))).to_have_text(["Lamps"])
    written(page)
    day(page, middle + timedelta(days=3)).locator(".title").click()
    expect(page.get_by_test_id("stDialog").get_by_role("heading", name="Lamps")).to_be_visible()


def test_a_viewer_cannot_drag_a_deal_on_a_narrow_screen_either(sign_in: SignIn, server: Server[Seeded]) -> None:
    page = calendar(sign_in, server, "vera", "viewer")
    middle = server.seeded.today.replace(day=15)
    day(page, middle).locator(".chip").focus()
    for key in ("Space", "ArrowRight", "Space"):
        page.keyboard.press(key)
    expect(on_day(page, middle)).to_have_text(["Lamps"])
    page.set_viewport_size({"width": 390, "height": 844})
    expect(day(page, middle).locator(".long")).to_be_visible()
    expect(page.locator(".weekday").first).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_row_is_typed_into_and_saved(sign_in: SignIn, server: Server[Seeded]) -> None:
    page = sign_in("ana", server)
    page.goto(f"/pipeline?pipeline={server.seeded.pipelines['rows']}&show=table&sort=title&edit=1")
    grid = page.get_by_test_id("stDataFrame")
    expect(grid.locator("canvas").first).to_be_visible()
    idle(page)

    editor = page.locator("#portal textarea, #portal input").first
    insist(lambda: grid.dblclick(position={"x": 80, "y": 53}), editor)
    editor.fill("Ten chairs")
    editor.press("Enter")
    expect(page.get_by_text("1 deal changed, not saved yet")).to_be_visible()
    page.get_by_role("button", name="Save 1 deal").click()
    expect(page.get_by_text("Saved “Ten chairs”.")).to_be_visible()
    expect(page.get_by_text("not saved yet")).to_have_count(0)
    page.goto(f"/pipeline?pipeline={server.seeded.pipelines['rows']}")
    expect(page.locator(".card .title").get_by_text("Ten chairs", exact=True)).to_be_visible()


def test_picked_deals_are_moved_and_put_back(sign_in: SignIn, server: Server[Seeded]) -> None:
    page = sign_in("ana", server)
    page.goto(f"/pipeline?pipeline={server.seeded.pipelines['many']}&show=table&sort=title")
    grid = page.get_by_test_id("stDataFrame")
    expect(grid.locator("canvas").first).to_be_visible()
    idle(page)
    picked = page.get_by_text("1 deal selected")
    insist(lambda: grid.click(position={"x": 16, "y": 53}), picked)
    page.get_by_role("button", name="Select all 3").click()
    expect(page.get_by_text("All 3 deals selected")).to_be_visible()
    page.get_by_role("button", name="Move to stage").click()
    dialog = page.get_by_test_id("stDialog")
    dialog.get_by_role("combobox").click()
    page.get_by_role("option", name="many · Talk").click()
    dialog.get_by_role("button", name="Change 3 deals").click()
    expect(page.get_by_text("3 deals moved to")).to_be_visible()
    idle(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone: 3 deals put back")).to_be_visible()


def test_more_of_a_day_leads_to_the_table_of_that_day_and_back(sign_in: SignIn, server: Server[Seeded]) -> None:
    page = calendar(sign_in, server, "ana", "more")
    page.locator(".more", has_text="2 more").click()
    expect(page).to_have_url(re.compile(r"show=table.*period=due-\d{4}-\d\d-15|period=due-\d{4}-\d\d-15.*show=table"))
    expect(page.get_by_text("6 deals", exact=True)).to_be_visible()
    idle(page)
    page.get_by_text("Calendar", exact=True).click()
    expect(page.locator(".grid")).to_be_visible()
