"""Without a mouse: contacts and their list, the board, a filter, the lines of a deal, and what opens over a page."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from crm import contacts, deals, pipelines
from crm.foundation.access import SYSTEM
from crm.platform.people import users
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle
from tests.people import find

COUNTING = """
for (const kind of ["pointerdown", "pointermove", "mousedown", "touchstart"]) addEventListener(kind, (event) => {
    // A browser sends a move of its own where a page is drawn under a pointer that rests.
    const moved = kind !== "pointermove" || event.movementX || event.movementY;
    if (event.isTrusted && moved) sessionStorage.setItem("pointed", Number(sessionStorage.getItem("pointed")) + 1);
}, true);
"""


def seed(store: Store) -> dict[str, int]:
    people = find(store)
    with store.writing(SYSTEM) as tx:
        sales = pipelines.create(tx, "Sales", ["Lead", "Talk", "Offer"])
        for number in range(30):
            contacts.create(tx, name=f"Person {number:02}", city="Recife" if number % 3 else "Natal")
    with store.writing(users.actor(store, people.ana)) as tx:
        made = [deals.create(tx, title=title, pipeline_id=sales.id, value=1000) for title in ("Lamps", "Desks")]
        return {"deal": made[0].id}


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[dict[str, int]]:
    return serve(seed)


@pytest.fixture
def page(sign_in: SignIn, server: Server[dict[str, int]]) -> Iterator[Page]:
    """Signed in, and at the end asked whether anything was pointed at."""
    page = sign_in("ana", server)
    page.add_init_script(COUNTING)
    yield page
    assert page.evaluate("() => sessionStorage.getItem('pointed')") is None


def arrive(page: Page, address: str, sign: Locator) -> None:
    """Open a page and skip its sidebar by the link that is its first stop."""
    page.goto(address)
    expect(sign).to_be_visible()
    idle(page)
    reach(page, page.get_by_role("link", name="Skip to main content"), most=1)
    page.keyboard.press("Enter")


def reach(page: Page, target: Locator, key: str = "Tab", *, most: int = 30) -> None:
    """Go there from stop to stop."""
    expect(target).to_be_attached()
    for _ in range(most):
        page.keyboard.press(key)
        if target.evaluate("one => one.matches(':focus')"):
            return
    stop = page.evaluate("() => document.activeElement.outerHTML.slice(0, 200)")
    raise AssertionError(f"{most} times {key} do not lead to {target}, but to {stop}")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def choose(page: Page, box: Locator, text: str) -> None:
    """In a box of choices: by its first letters."""
    reach(page, box)
    page.keyboard.type(text)
    expect(page.get_by_role("option", name=text, exact=True)).to_be_visible()
    page.keyboard.press("Enter")
    idle(page)


# Contacts


def table(page: Page) -> Locator:
    return page.locator("[class*='st-key-records-contacts'] canvas[data-testid=data-grid-canvas]")


def test_a_contact_is_made_in_the_form_and_a_dialog_gives_the_focus_back(page: Page) -> None:
    arrive(page, "/contacts", table(page))
    new = page.get_by_role("button", name="New contact")
    dialog = page.get_by_role("dialog")
    reach(page, new)
    press(page, "Enter")
    expect(dialog.get_by_label("Name", exact=True)).to_be_focused()
    press(page, "Escape")
    expect(dialog).to_have_count(0)
    expect(new).to_be_focused()
    press(page, "Enter")
    expect(dialog.get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.type("Zoe Lima")
    reach(page, dialog.get_by_label("Email"))
    page.keyboard.type("zoe@example.com")
    reach(page, dialog.get_by_role("button", name="Close", exact=True))
    reach(page, dialog.get_by_label("Email"))  # round within the dialog, and never to the page below
    reach(page, dialog.get_by_role("button", name="Add contact"))
    press(page, "Enter")
    expect(page.get_by_role("heading", name="Zoe Lima")).to_be_visible()
    expect(page.get_by_text("zoe@example.com").first).to_be_visible()


def test_the_rows_of_a_list_are_gone_through_picked_passed_and_opened(page: Page) -> None:
    arrive(page, "/contacts?sort=name", table(page))
    rows, told = table(page), page.locator(".mallard-rows")
    reach(page, rows)
    expect(told).to_contain_text("Person 00")
    expect(page.locator(".mallard-row")).to_be_in_viewport()
    press(page, "ArrowDown", "Space")
    expect(page.get_by_text("1 contact selected")).to_be_visible()
    idle(page)
    press(page, "PageDown", "ArrowUp", "Space")
    expect(page.get_by_text("2 contacts selected")).to_be_visible()
    idle(page)
    expect(told).to_contain_text("Person 10")
    press(page, "End")
    expect(told).to_contain_text(re.compile("Person 29|Zoe"))
    reach(page, page.get_by_role("button", name="Clear"))
    expect(page).to_have_url(re.compile(r"/contacts\?sort=name$"))  # nothing was opened in passing
    reach(page, rows, "Shift+Tab")
    press(page, "Home", "ArrowDown", "ArrowDown", "Enter")
    expect(page.get_by_role("heading", name="Person 02")).to_be_visible()


def test_a_filter_is_chosen_beside_its_button_and_another_is_built(page: Page) -> None:
    arrive(page, "/contacts", table(page))
    reach(page, page.locator(".st-key-contacts-filters").get_by_role("button").first)
    press(page, "Enter")
    quick = page.get_by_test_id("stPopoverBody")
    expect(quick.get_by_role("combobox", name="Owner")).to_be_focused()
    reach(page, quick.get_by_label("City contains"), most=6)
    press(page, "Escape")
    expect(quick).to_have_count(0)
    expect(page.locator(".st-key-contacts-filters").get_by_role("button").first).to_be_focused()

    reach(page, page.get_by_role("button", name="Advanced filter").first)
    press(page, "Enter")
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_role("combobox", name="Which of these")).to_be_focused()
    choose(page, drawer.get_by_role("combobox", name="Field"), "City")
    reach(page, drawer.get_by_role("textbox", name="Value"))
    page.keyboard.type("natal", delay=30)
    expect(drawer.get_by_text("10 of 3")).to_be_visible()
    reach(page, drawer.get_by_role("button", name="Condition", exact=True))
    press(page, "Enter")
    idle(page)
    choose(page, drawer.get_by_role("combobox", name="Field").nth(1), "Name")
    reach(page, drawer.get_by_role("textbox", name="Value").nth(1))
    page.keyboard.type("person 0", delay=30)
    expect(drawer.get_by_text("4 of 3")).to_be_visible()
    reach(page, drawer.get_by_role("button", name="Apply"))
    press(page, "Enter")
    expect(page.get_by_text("4 contacts", exact=True)).to_be_visible()
    expect(drawer).to_have_count(0)


# Deals


def test_a_deal_is_opened_moved_and_won_on_the_board(page: Page) -> None:
    def titles(stage: str) -> Locator:
        return page.locator(".column", has=page.locator(f".name:text-is('{stage}')")).locator(".title")

    card = page.locator(".card", has=page.locator(".title:text-is('Desks')"))
    arrive(page, "/pipeline", card)
    reach(page, card)
    press(page, "Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Title")).to_be_focused()
    press(page, "Escape")
    expect(dialog).to_have_count(0)
    expect(card).to_be_focused()
    press(page, "Space", "ArrowRight", "Space")
    expect(titles("Talk")).to_have_text(["Desks"])
    expect(page.locator(".board")).to_have_attribute("aria-busy", "false")
    press(page, "m")
    reach(page, page.get_by_role("menuitem", name="Close as Won"), "ArrowDown")
    press(page, "Enter")
    reach(page, dialog.get_by_role("button", name="Mark as won"))
    press(page, "Enter")
    expect(titles("Won")).to_have_text(["Desks"])
    expect(dialog).to_have_count(0)


def test_the_lines_of_a_deal_are_typed_saved_and_left_again(page: Page, server: Server[dict[str, int]]) -> None:
    tabs = page.get_by_role("tab")
    arrive(page, f"/deal?deal={server.seeded['deal']}", tabs.first)
    reach(page, tabs.first)
    reach(page, page.get_by_role("tab", name="Lines and quotes"), "ArrowRight")
    save = page.get_by_role("button", name="Save lines")
    expect(save).to_be_visible()
    idle(page)
    grid = page.get_by_test_id("stDataFrame").locator("canvas[data-testid=data-grid-canvas]")
    reach(page, grid)
    for key, column in (("ArrowUp", 0), ("ArrowRight", 1), ("ArrowRight", 2)):
        press(page, key)
        expect(on(page, column)).to_be_attached()
    for column, text in ((2, "Chair"), (3, "4"), (4, "12.5")):
        put(page, column, text)
    expect(page.get_by_text("Total R$50.00")).to_be_visible()
    idle(page)
    reach(page, save)  # out of the grid, to what is done with it
    press(page, "Enter")
    expect(save).to_be_disabled()
    expect(page.get_by_text("Total R$50.00")).to_be_visible()


def on(page: Page, column: int) -> Locator:
    """The cell of this column in the first row, if one is on it."""
    return page.locator(f"#glide-cell-{column}-0[aria-selected=true]")


def put(page: Page, column: int, text: str) -> None:
    """In the place of what stands in the cell, and on to the next as in a spreadsheet."""
    box = page.locator("#portal textarea, #portal input").first
    page.keyboard.type(text[0])
    expect(box).to_have_value(text[0])
    page.keyboard.type(text[1:], delay=40)
    expect(box).to_have_value(text)
    press(page, "Tab")
    expect(on(page, column + 1)).to_be_attached()
    expect(page.locator(f"#glide-cell-{column}-0")).to_have_text(text)
    page.wait_for_timeout(500)  # what is typed reaches the server a moment later
    idle(page)


# What stands outside of Streamlit's page


def test_shortcuts_the_theme_and_the_search_open_and_close(page: Page) -> None:
    page.goto("/day")
    menu = page.locator(".st-key-user-menu").get_by_role("button").first
    expect(menu).to_be_visible()
    idle(page)
    press(page, "?")
    shortcuts = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(shortcuts).to_contain_text("Go to another row")
    press(page, "Escape")
    expect(shortcuts).to_have_count(0)
    press(page, "Control+k")
    found = page.get_by_role("combobox", name="Search everywhere")
    expect(found).to_be_focused()
    press(page, "Escape")
    expect(found).to_be_hidden()
    reach(page, menu)
    press(page, "Enter")
    reach(page, page.get_by_role("menuitem", name="Theme"), "ArrowDown")
    press(page, "Enter")
    themes = page.get_by_role("dialog", name="Theme")
    expect(themes.get_by_label("As the system")).to_be_focused()
    press(page, "Escape")
    expect(themes).to_have_count(0)
    expect(menu).to_be_focused()
