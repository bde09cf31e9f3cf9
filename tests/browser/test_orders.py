"""Orders in a browser: one is added, a row opens its page, which is edited there; a bar narrows the list."""

import re
from functools import partial

import pytest
from playwright.sync_api import Page, expect

from crm import contacts, orders
from crm.foundation.access import SYSTEM, Module
from crm.platform import workspace
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle, insist


def seed(store: Store) -> None:
    with store.writing(SYSTEM) as tx:
        workspace.switch(tx, Module.ORDERS, True)
        lia = contacts.create(tx, name="Lia Prado", email="lia@example.com")
        orders.create(tx, title="Lamp", contact_id=lia.id, value=250, status="paid", paid_on=tx.today)
        orders.create(tx, title="Tea", contact_id=lia.id, value=12, status="refunded")
        orders.create(tx, title="Lights", contact_id=contacts.create(tx, name="Rosa Reis").id, value=60)


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[None]:
    return serve(seed)


def first_cell(page: Page) -> None:
    """The title of the first row: the table is a canvas."""
    table = page.locator(".st-key-records-orders-table").get_by_test_id("stDataFrame")
    expect(table.locator("canvas").first).to_be_visible()
    table.click(position={"x": 60, "y": 50})


def test_an_order_is_added_in_the_drawer(sign_in: SignIn, server: Server[None]) -> None:
    page = sign_in("ana", server)
    page.goto("/orders")
    idle(page)
    page.get_by_role("button", name="New order").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("Title").fill("Desk")
    drawer.get_by_role("combobox", name="Contact", exact=True).fill("lia")
    drawer.get_by_role("option", name="Lia Prado").click()
    idle(page)
    value = drawer.get_by_role("spinbutton", name="Value")
    value.fill("99.90")
    value.press("Tab")
    idle(page)
    drawer.get_by_role("button", name="Add order").click()
    expect(drawer).to_have_count(0)
    expect(page.get_by_role("heading", name="Desk")).to_be_visible()
    page.goto("/orders?q=desk")
    expect(page.get_by_text("1 order", exact=True)).to_be_visible()


def test_a_row_opens_the_page_of_its_order_each_time(sign_in: SignIn, server: Server[None]) -> None:
    page = sign_in("ana", server)
    for _ in range(2):
        page.goto("/orders?q=tea")
        idle(page)
        insist(partial(first_cell, page), page.get_by_role("heading", name="Tea"))
        page.wait_for_url("**/order?order=**")
        expect(page.get_by_text("It was refunded before it was paid.")).to_be_visible()


def test_an_order_is_edited_noted_and_paid_on_its_page(sign_in: SignIn, server: Server[None]) -> None:
    page = sign_in("ana", server)
    page.goto("/order?order=3")
    page.get_by_role("button", name="Write").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("Title").fill("Six lamps")
    drawer.get_by_label("Note").fill("Leave it\nat the *door*")
    drawer.get_by_label("Note").press("Tab")
    idle(page)
    drawer.get_by_role("button", name="Save").click()
    expect(drawer).to_have_count(0)
    expect(page.get_by_role("heading", name="Six lamps")).to_be_visible()
    expect(page.locator(".st-key-card-note").get_by_text("at the *door*")).to_be_visible()
    idle(page)
    page.get_by_role("button", name="Paid", exact=True).click()
    expect(page.get_by_role("button", name="Paid", exact=True)).to_have_count(0)
    expect(page.get_by_text(re.compile("paid (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"))).to_be_visible()
    idle(page)
    page.get_by_role("button", name="Status", exact=True).click()
    page.get_by_text("Refunded", exact=True).click()
    expect(page.locator(".st-key-record-head")).to_contain_text("Refunded")
    expect(page.locator(".timeline").get_by_text("Ana changed the status of this order").first).to_be_visible()


def test_what_was_typed_and_not_saved_is_offered_again_on_the_orders_page(
    sign_in: SignIn, server: Server[None]
) -> None:
    page = sign_in("ana", server)
    page.goto("/order?order=1&edit=1")
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("Title").fill("Two of them")
    drawer.get_by_label("Title").press("Tab")
    idle(page)
    page.reload()
    expect(page.get_by_text("You have unsaved changes")).to_be_visible()


def test_a_bar_narrows_the_list_to_what_it_stands_for(sign_in: SignIn, server: Server[None]) -> None:
    page = sign_in("ana", server)
    page.goto("/orders?q=lia")
    idle(page)
    bar = page.locator("[class*='st-key-orders-chart-'] .bars path").first
    insist(partial(bar.click, force=True), page.get_by_text("Status is Paid"))
    expect(page.get_by_text("1 order", exact=True)).to_be_visible()


def test_the_address_for_webhooks_is_the_one_that_is_listened_on(sign_in: SignIn, server: Server[None]) -> None:
    page = sign_in("ada", server)
    page.goto("/settings?section=Webhooks")
    expect(page.get_by_text(f"{server.url}/api/v1/hooks/orders")).to_be_visible()
