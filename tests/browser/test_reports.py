"""The report pages in a browser: a click on a picture opens the deals behind it, and from there a deal."""

from datetime import timedelta
from functools import partial

import pytest
from playwright.sync_api import expect

from crm import contacts, deals, orders, pipelines
from crm.foundation.access import SYSTEM, Module
from crm.platform import workspace
from crm.platform.people import users
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle, insist


def _fill(store: Store) -> None:
    with store.reading(SYSTEM) as tx:
        marta = next(person.id for person in users.everyone(tx) if person.name == "Marta")
    with store.writing(SYSTEM) as tx:
        workspace.switch(tx, Module.ORDERS, True)
    with store.writing(users.actor(store, marta)) as tx:
        sales = pipelines.create(tx, "Sales", ["Lead", "Offer"])
        for title in ("Chairs", "Desks"):
            deals.create(tx, title=title, pipeline_id=sales.id, value=1000, expected_close=tx.today + timedelta(days=1))
        lia = contacts.create(tx, name="Lia Prado")
        orders.create(tx, title="Lamp", contact_id=lia.id, value=250, status="paid")


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[None]:
    return serve(_fill)


def test_a_click_on_a_stage_of_the_funnel_opens_its_deals(sign_in: SignIn, server: Server[None]) -> None:
    page = sign_in("marta", server)
    page.goto(f"{server.url}/conversion")
    idle(page)
    drawer = page.get_by_role("dialog")
    bar = page.locator(".st-key-conversion-funnel .bars path").nth(3)
    insist(partial(bar.click, force=True), drawer)
    expect(drawer.get_by_text("Undecided: open, no further than Lead")).to_be_visible()
    expect(drawer.get_by_text("2 deals")).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)


def test_a_click_on_a_bar_of_what_changed_opens_its_deals(sign_in: SignIn, server: Server[None]) -> None:
    page = sign_in("marta", server)
    page.goto(f"{server.url}/changes")
    idle(page)
    drawer = page.get_by_role("dialog")
    bar = page.locator(".st-key-changes-chart .waterfalllayer .points path").nth(1)
    insist(partial(bar.click, force=True), drawer)
    expect(drawer.get_by_text("R$2,000.00")).to_be_visible()
    expect(drawer.get_by_text("2 deals")).to_be_visible()


def test_a_click_on_a_cell_of_rfm_opens_its_people_and_their_list(sign_in: SignIn, server: Server[None]) -> None:
    page = sign_in("marta", server)
    page.goto(f"{server.url}/customers")
    idle(page)
    drawer = page.get_by_role("dialog")
    tile = page.locator(".st-key-customers-rfm .bars path").first
    insist(partial(tile.click, force=True), drawer)
    expect(drawer.get_by_text("Recency 1, frequency 1")).to_be_visible()
    expect(drawer.get_by_text("1 customer")).to_be_visible()
    drawer.get_by_role("link", name="Open in Contacts").click()
    page.wait_for_url("**/contacts?filter=**")
    expect(page.get_by_text("1 contact", exact=False).first).to_be_visible()


def test_a_card_of_the_forecast_opens_its_deals_and_the_address_keeps_them(
    sign_in: SignIn, server: Server[None]
) -> None:
    page = sign_in("marta", server)
    page.goto(f"{server.url}/forecast")
    idle(page)
    page.get_by_role("button", name="2 deals").first.click()
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_text("R$2,000.00")).to_be_visible()
    page.wait_for_url("**cell=open**")
    page.reload()
    expect(page.get_by_role("dialog").get_by_text("R$2,000.00")).to_be_visible()


def test_the_file_of_a_report_is_downloaded(sign_in: SignIn, server: Server[None]) -> None:
    page = sign_in("marta", server)
    page.goto(f"{server.url}/forecast")
    idle(page)
    answer = page.request.get(f"{server.url}/reports/forecast.csv?period=next-6-months")
    assert answer.status == 200
    assert "open_deals" in answer.text()
    files = page.get_by_role("link", name="CSV")
    expect(files.first).to_have_attribute("href", "/reports/forecast.csv?")
    expect(files.nth(1)).to_have_attribute("href", "/reports/forecast-categories.csv?")
    answer = page.request.get(f"{server.url}/reports/forecast-categories.csv?")
    assert answer.status == 200


def test_a_grid_offers_no_file_of_its_own(sign_in: SignIn, server: Server[None]) -> None:
    """Streamlit's would ask no permission and defuse nothing."""
    page = sign_in("marta", server)
    page.goto(f"{server.url}/conversion")
    idle(page)
    page.get_by_test_id("stDataFrame").first.hover()
    offered = page.get_by_test_id("stElementToolbarButton")
    expect(offered.filter(has=page.get_by_label("Search")).first).to_be_attached()
    expect(page.locator("[aria-label^='Download as CSV']").first).to_be_hidden()


def test_a_target_is_set_in_the_dialog(sign_in: SignIn, server: Server[None]) -> None:
    page = sign_in("marta", server)
    page.goto(f"{server.url}/forecast?period=this-quarter")
    idle(page)
    page.get_by_role("button", name="Targets").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("tab", name="Set a target").click()
    dialog.get_by_label("Amount in BRL", exact=True).fill("5000")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The target is set.")).to_be_visible()
