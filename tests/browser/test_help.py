"""The choice of a theme and the list of shortcuts, which stand outside of Streamlit's page."""

import pytest
from playwright.sync_api import Page, expect

from crm import pipelines
from crm.foundation.access import SYSTEM
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[None]:
    def seed(store: Store) -> None:
        with store.writing(SYSTEM) as tx:
            pipelines.create(tx, "Sales", ["New", "Offer"])

    return serve(seed)


@pytest.fixture
def page(sign_in: SignIn, server: Server[None]) -> Page:
    page = sign_in("marta", server, color_scheme="light")
    page.goto("/contacts")
    idle(page)
    return page


def ground(page: Page) -> int:
    """How light the page's ground is, from 0 to 255."""
    colour = page.locator(".stApp").evaluate("app => getComputedStyle(app).backgroundColor")
    return int(colour.removeprefix("rgb(").split(",")[0])


def choose(page: Page, entry: str) -> None:
    page.locator(".st-key-user-menu button").first.click()
    page.get_by_role("menuitem", name=entry).click()


def test_a_theme_is_chosen_for_all_pages_and_given_back_to_the_system(page: Page) -> None:
    assert ground(page) > 200
    choose(page, "Theme")
    dialog = page.get_by_role("dialog", name="Theme")
    expect(dialog.get_by_label("As the system")).to_be_checked()
    dialog.get_by_label("Dark").check()
    with page.expect_navigation():
        dialog.get_by_role("button", name="Use this theme").click()
    idle(page)
    assert ground(page) < 60
    page.goto("/companies")
    idle(page)
    assert ground(page) < 60
    choose(page, "Theme")
    expect(dialog.get_by_label("Dark")).to_be_checked()
    dialog.get_by_label("As the system").check()
    with page.expect_navigation():
        dialog.get_by_role("button", name="Use this theme").click()
    idle(page)
    assert ground(page) > 200


def test_shortcuts_are_listed_by_a_key_and_in_the_menu_but_not_while_one_types(page: Page) -> None:
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    search = page.get_by_placeholder("Name, email")
    search.focus()
    page.keyboard.type("?")
    expect(search).to_have_value("?")
    expect(dialog).to_be_hidden()
    search.fill("")
    page.get_by_role("heading", name="Contacts", exact=True).click()
    page.keyboard.press("?")
    expect(dialog).to_contain_text("Search records, pages and actions")
    expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("n")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    # The key was the dialog's: the page below opened nothing.
    expect(page.get_by_role("dialog")).to_have_count(0)
    choose(page, "Keyboard shortcuts")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
