"""Building a filter in a real browser: it counts while one types, and its address can be shared."""

import re

import pytest
from playwright.sync_api import Page, expect

from crm import contacts, deals, pipelines
from crm.foundation.access import SYSTEM
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle


def seed(store: Store) -> None:
    with store.writing(SYSTEM) as tx:
        sales = pipelines.create(tx, "Sales", ["Lead", "Offer"])
        for number in range(30):
            made = contacts.create(tx, name=f"Person {number:02}", city="Recife" if number % 3 else "Natal")
            if number < 4:
                deals.create(
                    tx,
                    title=f"Deal {number}",
                    pipeline_id=sales.id,
                    contact_id=made.id,
                    value=1000 * number,
                    currency="BRL",
                )


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[None]:
    return serve(seed)


def builder(page: Page, query: str = "") -> None:
    page.goto(f"/contacts{query}")
    expect(page.get_by_text("of 30 contacts").or_(page.get_by_text("30 contacts"))).to_be_visible()
    idle(page)
    page.locator(".st-key-contacts-build").get_by_role("button", name="Advanced filter").first.click()
    expect(page.get_by_role("dialog").get_by_role("button", name="Apply")).to_be_visible()
    idle(page)


def choose(page: Page, label: str, option: str, nth: int = 0) -> None:
    boxes = page.get_by_role("dialog").get_by_role("combobox", name=label)
    boxes.nth(nth).click()
    page.get_by_role("option", name=option, exact=True).click()
    idle(page)


def test_it_counts_while_one_types_and_the_address_brings_it_back(sign_in: SignIn, server: Server[None]) -> None:
    page = sign_in("marta", server)
    builder(page)
    drawer = page.get_by_role("dialog")
    choose(page, "Field", "City")
    drawer.get_by_role("textbox", name="Value").press_sequentially("reci", delay=30)
    expect(drawer.get_by_text("20 of 30 contacts")).to_be_visible()
    drawer.get_by_role("button", name="Deals").click()
    idle(page)
    choose(page, "Field", "Value", nth=1)
    choose(page, "Condition", "is more than", nth=1)
    drawer.get_by_role("spinbutton").fill("1500")
    drawer.get_by_role("spinbutton").press("Enter")
    expect(drawer.get_by_text("1 of 30 contacts")).to_be_visible()
    expect(drawer.get_by_text("has a deal where Value is more than 1500")).to_be_visible()
    drawer.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("1 contact", exact=True)).to_be_visible()
    expect(drawer).to_have_count(0)
    expect(page).to_have_url(re.compile("filter=.*related"))
    page.reload()
    expect(page.get_by_text("1 contact", exact=True)).to_be_visible()


def test_closing_it_leaves_the_list_as_it_was(sign_in: SignIn, server: Server[None]) -> None:
    page = sign_in("vera", server, viewport={"width": 390, "height": 844})
    builder(page)
    choose(page, "Field", "City")
    page.get_by_role("dialog").get_by_role("textbox", name="Value").press_sequentially("natal")
    expect(page.get_by_role("dialog").get_by_text("10 of 30 contacts")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("30 contacts")).to_be_visible()
    expect(page).not_to_have_url(re.compile("filter="))
