"""Search everywhere, by keyboard alone."""

import pytest
from playwright.sync_api import Page, expect

from crm import contacts, deals, pipelines
from crm.foundation.access import SYSTEM
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[None]:
    def seed(store: Store) -> None:
        with store.writing(SYSTEM) as tx:
            pipeline = pipelines.create(tx, "Sales", ["New", "Offer"])
            person = contacts.create(tx, name="Søren D’Ávila", email="soren@lumen.example")
            contacts.create(tx, name="<b>Rui</b> & “Sons”")
            deals.create(tx, title="Roof for Søren", pipeline_id=pipeline.id, contact_id=person.id)

    return serve(seed)


@pytest.fixture
def page(sign_in: SignIn, server: Server[None]) -> Page:
    page = sign_in("marta", server)
    page.goto("/contacts")
    idle(page)
    return page


def test_a_record_is_found_and_opened_without_the_mouse_and_back_leads_back(page: Page) -> None:
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="Search everywhere")
    expect(box).to_be_focused()
    page.keyboard.type("soren davila")
    expect(page.get_by_role("option", name="Søren D’Ávila")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Søren D’Ávila")).to_be_visible()
    expect(box).to_be_hidden()
    page.go_back()
    expect(page.get_by_role("heading", name="Contacts", exact=True)).to_be_visible()


def test_arrows_choose_and_escape_gives_the_focus_back(page: Page) -> None:
    search = page.get_by_placeholder("Name, email")
    search.focus()
    page.keyboard.press("Control+k")
    page.keyboard.type("soren")
    options = page.get_by_role("dialog", name="Search everywhere").get_by_role("option")
    expect(options).to_have_count(2)
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(options.nth(0)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(search).to_be_focused()
    expect(search).to_have_value("")


def test_an_action_is_begun_from_anywhere(page: Page) -> None:
    page.get_by_role("button", name="Search").first.click()
    page.keyboard.type("new deal")
    expect(page.get_by_role("option", name="New deal")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="New deal")).to_be_visible()


def test_names_are_shown_as_they_are_and_nothing_found_is_said(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("rui")
    expect(page.get_by_role("option", name="<b>Rui</b> & “Sons”")).to_be_visible()
    page.keyboard.type("qqq")
    expect(page.get_by_text("Nothing found.")).to_be_visible()
