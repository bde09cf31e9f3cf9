"""A type of records from its template to a link that is taken back, as people work with it."""

import re

import pytest
from playwright.sync_api import expect

from crm import contacts
from crm.foundation.access import SYSTEM, Module
from crm.platform import workspace
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[int]:
    def seed(store: Store) -> int:
        with store.writing(SYSTEM) as tx:
            workspace.switch(tx, Module.OBJECTS, True)
            return contacts.create(tx, name="Lia").id

    return serve(seed)


def test_a_type_is_made_filled_in_and_linked(sign_in: SignIn, server: Server[int]) -> None:
    page = sign_in("marta", server)
    page.goto("/record_types")
    page.get_by_role("button", name="Use this").first.click()
    sidebar = page.get_by_test_id("stSidebar")
    expect(sidebar.get_by_role("link", name="Courses")).to_be_visible()
    idle(page)
    page.get_by_role("button", name="Edit").first.click()
    idle(page)
    page.get_by_role("button", name="New field").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("Name").fill("Room")
    drawer.get_by_role("button", name="Create").click()
    expect(drawer).to_have_count(0)
    expect(page.get_by_text("room", exact=True)).to_be_visible()

    sidebar.get_by_role("link", name="Courses").click()
    page.get_by_role("button", name="New course").click()
    drawer.get_by_label("Name").fill("English")
    drawer.get_by_label("Room").fill("B 12")
    drawer.get_by_role("button", name="Add course").click()
    expect(page).to_have_url(re.compile(r"/object_1\?object_1=1$"))
    expect(page.get_by_role("heading", name="English")).to_be_visible()
    expect(page.get_by_text("B 12")).to_be_visible()

    idle(page)
    card = page.locator(".st-key-card-linked")
    card.get_by_role("button", name="Add").click()
    idle(page)
    box = page.get_by_role("combobox", name="Contact", exact=True)
    box.fill("Lia")
    page.get_by_role("option", name="Lia", exact=True).click()
    idle(page)
    page.get_by_role("button", name="Link", exact=True).click()
    expect(card.get_by_role("link", name="Lia")).to_be_visible()
    page.keyboard.press("Escape")
    idle(page)
    card.get_by_role("button", name="Change").click()
    page.get_by_role("button", name="Unlink").click()
    expect(card.get_by_role("link", name="Lia")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(card.get_by_role("link", name="Lia")).to_be_visible()
    card.get_by_role("link", name="Lia").click()
    expect(page).to_have_url(re.compile(rf"/contact\?contact={server.seeded}$"))
    expect(page.locator(".st-key-card-linked").get_by_role("link", name="English")).to_be_visible()
