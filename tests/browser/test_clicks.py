"""How many clicks the usual tasks take."""

import pytest
from playwright.sync_api import Page, expect

from crm import companies, contacts, deals, pipelines
from crm.foundation.access import SYSTEM, Module
from crm.platform import workspace
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[None]:
    def seed(store: Store) -> None:
        with store.writing(SYSTEM) as tx:
            workspace.switch(tx, Module.COMPANIES, True)
            sales = pipelines.create(tx, "Sales", ["New", "Offer"])
            pipelines.create(tx, "Partners", ["Talk", "Sign"])
            aurora = companies.create(tx, name="Aurora")
            lia = contacts.create(tx, name="Lia Prado", company_id=aurora.id)
            deals.create(tx, title="Chairs", pipeline_id=sales.id, contact_id=lia.id)

    return serve(seed)


def count_clicks(page: Page) -> None:
    page.evaluate(
        "() => { window.clicks = 0; addEventListener('click', (one) => one.isTrusted && window.clicks++, true) }"
    )


def clicks(page: Page) -> int:
    return int(page.evaluate("() => window.clicks"))


def test_a_deal_begins_at_its_contact_with_one_click(sign_in: SignIn, server: Server[None]) -> None:
    page = sign_in("ana", server)
    page.goto("/contact?contact=1")
    idle(page)
    count_clicks(page)
    page.get_by_role("button", name="New deal").click()
    dialog = page.get_by_role("dialog", name="New deal")
    expect(dialog.get_by_role("combobox", name="Contact")).to_have_value("Lia Prado")
    expect(dialog.get_by_role("combobox", name="Company")).to_have_value("Aurora")
    assert clicks(page) == 1
    idle(page)
    dialog.get_by_role("button", name="Create deal").click()
    expect(dialog).to_have_count(0)
    expect(page.locator(".st-key-card-deals").get_by_role("link", name="Lia Prado")).to_be_visible()
    assert clicks(page) == 2


def test_a_note_on_a_deal_takes_two_clicks(sign_in: SignIn, server: Server[None]) -> None:
    page = sign_in("ana", server)
    page.goto("/deal?deal=1")
    idle(page)
    count_clicks(page)
    page.get_by_label("New note").click()
    page.keyboard.type("Called, will think it over")
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_text("Called, will think it over").last).to_be_visible()
    assert clicks(page) == 2
