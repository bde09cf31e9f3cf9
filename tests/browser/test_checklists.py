"""A deal's checklist as a person works with it, and files on a deal."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from crm import deals, pipelines
from crm.platform.people import users
from crm.records import checklists
from crm.records.checklists import TemplateItem
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle
from tests.browser.test_records import PIXEL
from tests.people import find


def seed(store: Store) -> dict[str, int]:
    people = find(store)
    with store.writing(users.actor(store, people.marta)) as tx:
        sales = pipelines.create(tx, "Sales", ["Lead"])
        checklists.create_template(tx, "Handover", [TemplateItem(text="Write", due_days=2), TemplateItem(text="Call")])
        made = {
            name: deals.create(tx, title=name, pipeline_id=sales.id).id
            for name in ("Chairs", "Desks", "Lamps", "Stools")
        }
        for name, texts in (("Offer", ["Call", "Draw", "Call"]), ("Start", ["Greet"])):
            listed = checklists.add(tx, made["Desks"], name)
            for text in texts:
                checklists.add_item(tx, listed.id, text)
    return made


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[dict[str, int]]:
    return serve(seed)


def opened(
    sign_in: SignIn, server: Server[dict[str, int]], title: str, tab: str = "Activity", *, who: str = "ana"
) -> Page:
    page = sign_in(who, server)
    page.goto(f"/deal?deal={server.seeded[title]}")
    idle(page)  # a tab that is pressed while the page still comes in is drawn closed again
    page.get_by_role("tab", name=tab).click()
    idle(page)
    return page


def steps(page: Page) -> Locator:
    return page.locator(".st-key-card-steps")


def choose(page: Page, entry: str, *, menu: int = 0) -> None:
    """An entry of one of the menus of the next steps; the first is the card's own."""
    steps(page).get_by_role("button", name="More").nth(menu).click()
    page.get_by_text(entry, exact=True).last.click()


def add_step(page: Page, text: str) -> None:
    steps(page).get_by_role("button", name="Add", exact=True).click()
    page.get_by_label("New step").fill(text)
    page.get_by_role("button", name="Add step").click()
    expect(steps(page).get_by_text(text, exact=True)).to_be_visible()
    expect(page.get_by_label("New step")).to_have_value("")
    idle(page)
    page.reload()  # the popover stays open for the next one
    idle(page)


def drag(page: Page, one: Locator, below: Locator) -> None:
    start, end = one.bounding_box(), below.bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 20, start["y"] + start["height"] / 2)
    page.mouse.down()
    for step in range(1, 11):
        page.mouse.move(
            start["x"] + 20 + (end["x"] - start["x"]) * step / 10,
            start["y"] + (end["y"] + end["height"] - start["y"]) * step / 10,
        )
        page.wait_for_timeout(30)
    page.mouse.up()


def test_a_checklist_comes_from_a_template_grows_and_is_ticked(sign_in: SignIn, server: Server[dict[str, int]]) -> None:
    page = opened(sign_in, server, "Chairs")
    choose(page, "New checklist")
    page.get_by_role("dialog").get_by_role("button", name="Use").click()
    expect(page.get_by_text("0/2", exact=True)).to_be_visible()
    idle(page)
    add_step(page, "Sing *aloud*")
    steps(page).get_by_text("Write").click()
    expect(page.get_by_text("1/3", exact=True)).to_be_visible()
    idle(page)
    page.reload()
    expect(page.get_by_role("checkbox", name="Write")).to_be_checked()
    expect(page.get_by_text("1/3", exact=True)).to_be_visible()


def test_items_of_one_name_are_dragged_into_another_list(sign_in: SignIn, server: Server[dict[str, int]]) -> None:
    page = opened(sign_in, server, "Desks")
    choose(page, "Order")
    frame = page.get_by_role("dialog").frame_locator("iframe")
    lists = frame.locator(".sortable-container")
    expect(lists.first.locator(".sortable-item")).to_have_count(3)
    idle(page)
    drag(page, lists.first.locator(".sortable-item").first, lists.last.locator(".sortable-item").last)
    expect(lists.first.locator(".sortable-item")).to_have_count(2)
    expect(lists.last.locator(".sortable-item")).to_have_count(2)
    idle(page)
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.reload()
    expect(page.get_by_text("Offer · 0/2")).to_be_visible()
    expect(page.get_by_text("Start · 0/2")).to_be_visible()
    expect(page.get_by_role("checkbox")).to_have_count(4)


def test_an_item_is_changed_and_removed_by_its_menu(sign_in: SignIn, server: Server[dict[str, int]]) -> None:
    page = opened(sign_in, server, "Lamps")
    choose(page, "New checklist")
    page.get_by_role("dialog").get_by_label("Name").fill("Offer")
    page.get_by_role("dialog").get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    idle(page)
    add_step(page, "Measure")
    choose(page, "Edit", menu=2)
    page.get_by_role("dialog").get_by_label("What is to be done").fill("Measure twice")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("checkbox", name="Measure twice")).to_be_attached()
    idle(page)
    choose(page, "Remove", menu=2)
    expect(page.get_by_role("checkbox")).to_have_count(0)


def test_what_others_do_waits_for_the_dialog_in_which_somebody_types(
    sign_in: SignIn, server: Server[dict[str, int]]
) -> None:
    ana, marta = (opened(sign_in, server, "Stools", who=who) for who in ("ana", "marta"))
    choose(ana, "New checklist")
    ana.get_by_role("dialog").get_by_label("Name").fill("Mine")
    heard = ana.evaluate("() => window.mallardLive.heard")
    choose(marta, "New checklist")
    marta.get_by_role("dialog").get_by_label("Name").fill("Theirs")
    marta.get_by_role("dialog").get_by_role("button", name="Add", exact=True).click()
    expect(marta.get_by_text("Theirs", exact=True)).to_be_visible()
    ana.wait_for_function("heard => window.mallardLive.heard !== heard", arg=heard)
    ana.wait_for_timeout(1500)  # longer than news waits for anything else
    expect(ana.get_by_role("dialog").get_by_label("Name")).to_have_value("Mine")
    expect(ana.get_by_text("Theirs", exact=True)).to_have_count(0)
    ana.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(ana.get_by_text("Theirs", exact=True)).to_be_visible()


def test_a_file_is_put_on_a_deal_and_looked_at_and_what_is_not_what_it_says_is_refused(
    sign_in: SignIn, server: Server[dict[str, int]], tmp_path: Path
) -> None:
    (tmp_path / "plan.png").write_bytes(PIXEL)
    (tmp_path / "tool.png").write_bytes(b"MZ" + bytes(100))
    page = opened(sign_in, server, "Lamps", tab="Files")
    page.locator("input[type=file]").set_input_files([tmp_path / "plan.png", tmp_path / "tool.png"])
    expect(page.get_by_text("plan.png", exact=True)).to_be_visible()
    expect(page.get_by_text("Programs are not taken in")).to_be_visible()
    expect(page.get_by_role("tab", name="Files")).to_be_visible()
    idle(page)
    page.get_by_role("button", name="Preview").click()
    picture = page.get_by_role("dialog").get_by_role("img", name="The picture")
    expect(picture).to_have_js_property("naturalWidth", 1)
    answer = page.request.get(page.get_by_role("link", name="Download").get_attribute("href") or "")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
