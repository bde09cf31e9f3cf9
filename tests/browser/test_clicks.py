"""How many clicks the usual tasks take, counted in the page as they are heard."""

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


@pytest.fixture(scope="module")
def empty(serve: Serve) -> Server[None]:
    """A workspace of this morning: six people, one pipeline, and nothing in it."""

    def seed(store: Store) -> None:
        with store.writing(SYSTEM) as tx:
            pipelines.create(tx, "Sales", ["New", "Offer"])

    return serve(seed)


def count_clicks(page: Page) -> None:
    """From now on, also on pages that are loaded anew."""
    counting = """
        addEventListener("click", (one) => {
            if (one.isTrusted) sessionStorage.setItem("clicks", Number(sessionStorage.getItem("clicks")) + 1);
        }, true);
    """
    page.evaluate(f"() => {{ {counting} }}")
    page.add_init_script(counting)


def clicks(page: Page) -> int:
    return int(page.evaluate("() => Number(sessionStorage.getItem('clicks'))"))


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


def test_the_first_file_is_imported_with_four_clicks(sign_in: SignIn, empty: Server[None]) -> None:
    page = sign_in("ada", empty)
    page.goto("/")
    link = page.get_by_test_id("stMain").get_by_role("link", name="Import a file")
    expect(link).to_be_visible()
    idle(page)
    count_clicks(page)
    link.click()
    choose = page.get_by_role("button", name="Choose a file")
    expect(choose).to_be_visible()
    idle(page)
    with page.expect_file_chooser() as chooser:
        choose.click()
    content = b"Name,E-mail,City\nAna Souza,ana@x.example,Recife\nBob Reis,bob@x.example,Natal\n"
    chooser.value.set_files({"name": "people.csv", "mimeType": "text/csv", "buffer": content})
    expect(page.get_by_role("button", name="Dry run")).to_be_enabled()
    idle(page)
    page.get_by_role("button", name="Dry run").click()
    page.get_by_role("button", name="Import 2 rows").click()
    expect(page.get_by_test_id("stMetric").filter(has_text="Created")).to_contain_text("2")
    assert clicks(page) <= 4


def test_the_first_deal_takes_three_clicks(sign_in: SignIn, empty: Server[None]) -> None:
    page = sign_in("ana", empty)
    page.goto("/day")
    board = page.get_by_test_id("stSidebar").get_by_role("link", name="Pipeline")
    expect(board).to_be_visible()
    idle(page)
    count_clicks(page)
    board.click()
    new = page.get_by_role("button", name="New deal")
    expect(new).to_be_visible()
    idle(page)
    new.click()
    dialog = page.get_by_role("dialog", name="New deal")
    expect(dialog.get_by_label("Title")).to_be_focused()
    page.keyboard.type("Chairs")
    dialog.get_by_role("button", name="Create deal").click()
    expect(page.locator(".card .title")).to_have_text(["Chairs"])
    assert clicks(page) <= 3


def test_a_deal_is_won_with_two_clicks(sign_in: SignIn, server: Server[None]) -> None:
    page = sign_in("ana", server)
    page.goto("/deal?deal=1")
    won = page.get_by_role("button", name="Won", exact=True)
    expect(won).to_be_visible()
    idle(page)
    count_clicks(page)
    won.click()
    page.get_by_role("dialog").get_by_role("button", name="Mark as won").click()
    expect(page.get_by_role("button", name="Reopen")).to_be_visible()
    assert clicks(page) == 2
