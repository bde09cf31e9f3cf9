"""The way of a person through a list: keep a filter as a segment, pick what it holds, change it, take it back."""

import re

import pytest
from playwright.sync_api import Page, expect

from crm import contacts, objects
from crm.foundation.access import SYSTEM, Module
from crm.platform import workspace
from crm.records import links
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle


def seed(store: Store) -> None:
    with store.writing(SYSTEM) as tx:
        for number in range(60):
            contacts.create(tx, name=f"Person {number:02}", city="Recife" if number % 2 else "Porto")
        workspace.switch(tx, Module.OBJECTS, True)
        course = objects.create(tx, singular="Course", plural="Courses")
        links.add_label(tx, course.kind, "student")


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[None]:
    return serve(seed)


def pick(page: Page, *rows: int) -> None:
    """One after the other."""
    table = page.get_by_test_id("stDataFrame")
    for count, row in enumerate(rows, start=1):
        selected = page.get_by_text(f"{count} contact{'s' if count > 1 else ''} selected")
        table.click(position={"x": 16, "y": 53 + 35 * row})
        expect(selected).to_be_visible()
        idle(page)


def test_a_segment_is_kept_its_contacts_are_changed_and_put_back(sign_in: SignIn, server: Server[None]) -> None:
    page = sign_in("marta", server)
    page.goto("/contacts?q=person 1&sort=name")
    expect(page.get_by_test_id("stDataFrame").locator("canvas").first).to_be_visible()
    idle(page)
    page.get_by_role("button", name="Save as segment").click()
    page.get_by_test_id("stDialog").get_by_label("Name").fill("Teens")
    page.get_by_test_id("stDialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Teens")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/contacts\?segment=\d+$"))
    expect(page.get_by_test_id("stSidebar").get_by_role("button", name=re.compile("Teens"))).to_be_visible()
    idle(page)
    pick(page, 0, 1)
    expect(page).to_have_url(re.compile(r"/contacts\?segment=\d+$"))  # what the list before was narrowed to is gone
    expect(page.get_by_role("searchbox", name="Search")).to_have_value("")
    page.get_by_role("button", name=re.compile("^Select all")).click()
    expect(page.get_by_text(re.compile(r"All \d+ contacts selected"))).to_be_visible()
    page.get_by_role("button", name="Add label").click()
    dialog = page.get_by_test_id("stDialog")
    dialog.get_by_role("combobox").click()
    page.keyboard.type("Young")
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name=re.compile(r"Change \d+ contacts")).click()
    expect(page.get_by_text("put on")).to_be_visible()
    idle(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone:")).to_be_visible()


def test_picked_contacts_are_linked_to_a_record_made_on_the_way_and_unlinked_by_undo(
    sign_in: SignIn, server: Server[None]
) -> None:
    page = sign_in("marta", server)
    page.goto("/contacts?sort=name")
    expect(page.get_by_test_id("stDataFrame").locator("canvas").first).to_be_visible()
    idle(page)
    pick(page, 0, 1)
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_text("Link to a record").click()
    dialog = page.get_by_role("dialog", name=re.compile("Link to a record"))
    dialog.get_by_role("combobox", name="Course").fill("Chess")
    dialog.get_by_role("option", name="Create course “Chess”").click()
    idle(page)
    dialog.get_by_role("combobox", name="Label").click()
    page.get_by_role("option", name="student").click()
    expect(dialog.get_by_text("2 contacts would change")).to_be_visible()
    idle(page)
    dialog.get_by_role("button", name="Change 2 contacts").click()
    expect(page.get_by_text("2 contacts linked to Chess")).to_be_visible()
    idle(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone: 2 contacts put back")).to_be_visible()


@pytest.mark.parametrize("width", [1440, 900, 390])
def test_what_can_be_done_with_picked_rows_pushes_no_row_from_under_the_pointer(
    sign_in: SignIn, server: Server[None], width: int
) -> None:
    page = sign_in("marta", server, viewport={"width": width, "height": 844})
    page.goto("/contacts?sort=name")
    table = page.get_by_test_id("stDataFrame")
    expect(table.locator("canvas").first).to_be_visible()
    idle(page)
    before = table.bounding_box()
    pick(page, 0)
    assert table.bounding_box() == before
    expect(page.get_by_role("button", name="Clear")).to_be_in_viewport()
    table.click(position={"x": 16, "y": 53 + 35 * 40})  # far below, where the list's head is out of sight
    expect(page.get_by_text("2 contacts selected")).to_be_in_viewport()


def test_the_address_says_which_segment_is_open(sign_in: SignIn, server: Server[None]) -> None:
    page = sign_in("marta", server)
    page.goto("/contacts?q=costa&sort=name")
    page.get_by_role("button", name="Save as segment").click()
    page.get_by_role("textbox", name="Name").fill("Costas")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page).to_have_url(re.compile(r"/contacts\?segment=\d+$"))
    page.get_by_role("button", name="All contacts").click()
    expect(page).to_have_url(re.compile(r"/contacts$"))
    page.get_by_test_id("stSidebar").get_by_role("button", name=re.compile("Costas")).click()
    expect(page).to_have_url(re.compile(r"/contacts\?segment=\d+$"))


def test_a_page_that_nobody_sees_holds_no_connection_and_catches_up(sign_in: SignIn, server: Server[None]) -> None:
    page = sign_in("marta", server)
    page.goto("/contacts")
    idle(page)
    page.wait_for_function("() => window.mallardLive?.source?.readyState === EventSource.OPEN")
    show = "hidden => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });"
    show += " document.dispatchEvent(new Event('visibilitychange')); return mallardLive.source.readyState }"
    assert page.evaluate(show, True) == 2, "closed: six hidden tabs would leave no connection for a seventh"
    page.evaluate(show, False)
    page.wait_for_function("() => window.mallardLive?.source.readyState === EventSource.OPEN")
