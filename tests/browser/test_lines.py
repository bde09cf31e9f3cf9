"""The grid of a deal's lines: typed into like a spreadsheet, summed while one types, and nothing typed is lost."""

import pytest
from playwright.sync_api import Page, expect

from crm import catalog, deals, pipelines
from crm.deals import quote
from crm.foundation.access import SYSTEM, Module
from crm.platform import workspace
from crm.platform.people import users
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle, insist
from tests.people import find

SKU, ITEM, QUANTITY, PRICE, PERCENT = 110, 300, 485, 580, 675
"""Where the columns are, from the left of the grid."""


def seed(store: Store) -> dict[str, int]:
    """Deals without lines, and one with two of them; a lamp in the catalog."""
    people = find(store)
    with store.writing(SYSTEM) as tx:
        workspace.switch(tx, Module.CATALOG, True)
        catalog.create(tx, sku="LAMP-1", name="Reading lamp", prices={"BRL": "199.90"})
        sales = pipelines.create(tx, "Sales", ["Lead", "Talk"])
    made = {}
    with store.writing(users.actor(store, people.ana)) as tx:
        for name in ("typed", "refused", "shared", "left"):
            made[name] = deals.create(tx, title=name.title(), pipeline_id=sales.id, value=1200, currency="BRL").id
        for name in ("Chair", "Desk"):
            quote.add(tx, made["shared"], name=name, unit_price=10)
    return made


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[dict[str, int]]:
    return serve(seed)


def open_deal(page: Page, deal_id: int) -> None:
    page.goto(f"/deal?deal={deal_id}")
    open_lines(page)


def open_lines(page: Page) -> None:
    idle(page)
    page.get_by_role("tab", name="Lines and quotes").click()
    expect(page.get_by_role("button", name="Save lines")).to_be_visible()
    idle(page)


def put(page: Page, row: int, column: int, text: str) -> None:
    """Go to a cell, open it as a keyboard does, and leave it with Enter. A click on the cell that is selected already
    would open it: hence by way of another."""
    grid = page.get_by_test_id("stDataFrame").first
    editor = page.locator("#portal textarea, #portal input").first

    def begin() -> None:
        for there in (row + 2, row):
            grid.click(position={"x": column, "y": 52 + 35 * there})
        page.keyboard.press("Enter")

    insist(begin, editor)
    editor.fill(text)
    editor.press("Enter")
    expect(editor).to_be_hidden()
    idle(page)


def save(page: Page) -> None:
    """Once it is done nothing is left to save; a press on a page that is just being drawn is made again, as a person
    would. What is refused stays, however often it is pressed."""
    button = page.get_by_role("button", name="Save lines")
    done = page.get_by_role("button", name="Save lines", disabled=True)
    insist(lambda: button.is_enabled() and button.click(), done)
    expect(page.get_by_role("button", name="Discard")).to_have_count(0)
    idle(page)


def test_a_line_is_typed_summed_at_once_and_saved(sign_in: SignIn, server: Server[dict[str, int]]) -> None:
    page = sign_in("ana", server)
    open_deal(page, server.seeded["typed"])
    put(page, 0, ITEM, "Chair")
    put(page, 0, PRICE, "12.50")
    expect(page.get_by_text("Total R$12.50")).to_be_visible()
    put(page, 0, QUANTITY, "4")
    put(page, 0, PERCENT, "10")
    expect(page.get_by_text("R$50.00 less R$5.00 = Total R$45.00")).to_be_visible()
    put(page, 1, SKU, "lamp-1")
    expect(page.get_by_text("Total R$244.90")).to_be_visible()
    save(page)
    page.reload()
    open_lines(page)
    expect(page.get_by_text("Total R$244.90")).to_be_visible()
    expect(page.get_by_role("button", name="Save lines")).to_be_disabled()


def test_a_refusal_names_the_row_and_keeps_what_was_typed(sign_in: SignIn, server: Server[dict[str, int]]) -> None:
    page = sign_in("ana", server)
    open_deal(page, server.seeded["refused"])
    put(page, 0, ITEM, "Chair")
    put(page, 0, PRICE, "10")
    put(page, 1, ITEM, "Desk")
    expect(page.get_by_text("Row 2: A line needs a price.")).to_be_visible()
    page.get_by_role("button", name="Save lines").click()
    expect(page.get_by_role("alert").get_by_text("Row 2: A line needs a price.")).to_be_visible()
    expect(page.get_by_text("Total R$10.00")).to_be_visible()
    put(page, 1, PRICE, "5")
    save(page)


def test_two_people_on_the_same_lines_are_asked_and_neither_loses_an_edit(
    sign_in: SignIn, server: Server[dict[str, int]]
) -> None:
    ana, marta = sign_in("ana", server), sign_in("marta", server)
    open_deal(ana, server.seeded["shared"])
    put(ana, 0, QUANTITY, "5")
    put(ana, 1, QUANTITY, "2")
    expect(ana.get_by_text("Total R$70.00")).to_be_visible()
    open_deal(marta, server.seeded["shared"])
    put(marta, 0, QUANTITY, "3")
    save(marta)
    expect(marta.get_by_text("Total R$40.00")).to_be_visible()
    expect(ana.get_by_text("Somebody else changed row 1 too.")).to_be_visible()
    expect(ana.get_by_role("button", name="Save lines")).to_be_disabled()
    ana.get_by_role("button", name="Keep mine").click()
    idle(ana)  # while the question goes, the button is drawn at its old place and at its new one
    expect(ana.get_by_role("button", name="Save lines")).to_be_enabled()
    expect(ana.get_by_text("Total R$70.00")).to_be_visible()
    save(ana)
    expect(ana.get_by_text("Total R$70.00")).to_be_visible()


def test_lines_half_typed_are_there_again_after_their_tab_was_closed(
    sign_in: SignIn, server: Server[dict[str, int]]
) -> None:
    page = sign_in("ana", server)
    open_deal(page, server.seeded["left"])
    put(page, 0, ITEM, "Chair")
    put(page, 0, PRICE, "12.50")
    expect(page.get_by_text("Total R$12.50")).to_be_visible()
    page.get_by_role("tab", name="Activity").click()
    expect(page.get_by_test_id("stDataFrame")).to_have_count(0)
    open_lines(page)
    expect(page.get_by_text("Total R$12.50")).to_be_visible()
    save(page)
