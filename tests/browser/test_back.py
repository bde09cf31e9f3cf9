"""The browser's Back from a record to its list, and a list that is sorted by a click on a header."""

import re

import pytest
from playwright.sync_api import Page, expect

from crm import catalog, companies, contacts, deals, orders, pipelines
from crm.foundation.access import SYSTEM, Module
from crm.platform import workspace
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[None]:
    def seed(store: Store) -> None:
        with store.writing(SYSTEM) as tx:
            for module in (Module.COMPANIES, Module.ORDERS, Module.CATALOG):
                workspace.switch(tx, module, True)
            sales = pipelines.create(tx, "Sales", ["New", "Offer"])
            for n in range(60):
                contacts.create(tx, name=f"Isla {n:02}", email=f"isla{n:02}@example.com")
            for n in range(3):
                companies.create(tx, name=f"Isla Works {n}")
                orders.create(tx, title=f"Isla lamp {n}", contact_id=1, value=n + 1)
                deals.create(tx, title=f"Isla deal {n}", pipeline_id=sales.id, value=n + 1)
            catalog.create(tx, sku="ISLA-1", name="Isla lamp", prices={"BRL": 1})

    return serve(seed)


def cell(page: Page, *, header: bool = False) -> None:
    """Click the first cell, or the header, of the column of titles: the table is a canvas."""
    table = page.locator("[class*='st-key-records-']").get_by_test_id("stDataFrame")
    expect(table.locator("canvas").first).to_be_visible()
    table.click(position={"x": 90, "y": 16 if header else 50})


@pytest.mark.parametrize(
    ("kind", "list_page", "address"),
    [
        ("contact", "contacts", "q=Isla&sort=name&page=2"),
        ("company", "companies", "q=Isla&sort=name"),
        ("order", "orders", "q=Isla"),
    ],
)
def test_one_press_of_back_leads_to_the_list_as_it_was(
    sign_in: SignIn, server: Server[None], kind: str, list_page: str, address: str
) -> None:
    page = sign_in("marta", server)
    page.goto(f"/{list_page}?{address}")
    idle(page)
    for _ in range(2):  # also when one has come back
        cell(page)
        page.wait_for_url(re.compile(rf"/{kind}\?{kind}=\d+$"))
        idle(page)
        page.go_back()
        page.wait_for_url(lambda url: f"/{list_page}?" in url)
        idle(page)
        assert page.url.endswith(f"/{list_page}?{address}")
        expect(page.get_by_role("heading", name=list_page.capitalize(), exact=True)).to_be_visible()
        expect(page.locator(f".st-key-{list_page}-search input")).to_have_value("Isla")


@pytest.mark.parametrize(
    ("address", "drawer"), [("/catalog?q=Isla", "product="), ("/pipeline?show=table&q=Isla", "deal=")]
)
def test_back_closes_a_drawer_and_the_list_below_is_as_it_was(
    sign_in: SignIn, server: Server[None], address: str, drawer: str
) -> None:
    page = sign_in("marta", server)
    page.goto(address)
    idle(page)
    cell(page)
    expect(page.get_by_role("dialog")).to_be_visible()
    assert drawer in page.url
    idle(page)
    page.go_back()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.url.endswith(address)


def test_a_click_on_a_header_sorts_the_whole_list_and_a_second_one_turns_it_round(
    sign_in: SignIn, server: Server[None]
) -> None:
    page = sign_in("marta", server)
    page.goto("/contacts")
    idle(page)
    cell(page, header=True)
    page.wait_for_url("**/contacts?sort=name")
    idle(page)
    expect(page.locator("[class*='st-key-records-'] canvas").first).to_contain_text("Isla 00")
    cell(page, header=True)
    page.wait_for_url("**/contacts?sort=-name")
    idle(page)
    expect(page.locator("[class*='st-key-records-'] canvas").first).to_contain_text("Isla 59")
