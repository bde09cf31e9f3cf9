"""The way of a person through contacts: find, open, change, delete, bring back."""

import re
from functools import partial

import pytest
from playwright.sync_api import Page, expect

from crm import companies, contacts
from crm.foundation.access import SYSTEM
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle, insist


def seed(store: Store) -> dict[str, int]:
    with store.writing(SYSTEM) as tx:
        companies.create(tx, name="Aurora", domain="aurora.example.com")
        for number in range(120):
            contacts.create(tx, name=f"Person {number:03}")
        ana = contacts.create(tx, name="Ana Souza", email="ana@aurora.example.com", phone="+5511987654321")
    return {"ana": ana.id}


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[dict[str, int]]:
    return serve(seed)


def open_list(page: Page, query: str = "") -> None:
    page.goto(f"/contacts{query}")
    expect(page.get_by_test_id("stDataFrame").locator("canvas").first).to_be_visible()
    idle(page)


def test_a_person_is_found_while_one_types_and_opened_with_a_click(
    sign_in: SignIn, server: Server[dict[str, int]]
) -> None:
    page = sign_in("marta", server)
    open_list(page)
    expect(page.get_by_text("1–50 of 121 contacts")).to_be_visible()
    page.get_by_role("searchbox", name="Search").press_sequentially("(11) 98765")
    expect(page.get_by_text("1 contact", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(r"q="))
    idle(page)
    found = page.get_by_test_id("stDataFrame")
    insist(partial(found.click, position={"x": 60, "y": 48}), page.get_by_role("heading", name="Ana Souza"))
    expect(page).to_have_url(re.compile(rf"/contact\?contact={server.seeded['ana']}$"))


def test_the_pager_walks_through_the_list_and_the_address_keeps_the_place(
    sign_in: SignIn, server: Server[dict[str, int]]
) -> None:
    page = sign_in("marta", server)
    open_list(page, "?sort=name")
    page.get_by_test_id("stPagination").get_by_text("3", exact=True).click()
    expect(page.get_by_text("101–121 of 121 contacts")).to_be_visible()
    expect(page).to_have_url(re.compile(r"page=3"))
    page.reload()
    expect(page.get_by_text("101–121 of 121 contacts")).to_be_visible()


def test_a_contact_is_made_linked_changed_deleted_and_brought_back(
    sign_in: SignIn, server: Server[dict[str, int]]
) -> None:
    page = sign_in("ana", server)
    open_list(page)
    page.get_by_role("button", name="New contact").click()
    page.get_by_label("Name", exact=True).fill("Zoe Lima")
    page.get_by_label("Email").fill("ANA@aurora.example.com")
    page.get_by_role("button", name="Add contact").click()
    expect(page.get_by_text("already belongs to “Ana Souza”")).to_be_visible()
    expect(page.get_by_role("link", name="Open that contact")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Zoe Lima")
    page.get_by_label("Email").fill("zoe@aurora.example.com")
    page.get_by_role("button", name="Add contact").click()
    expect(page.get_by_role("heading", name="Zoe Lima")).to_be_visible()
    idle(page)

    page.get_by_role("button", name="Link to Aurora").click()
    expect(page.get_by_role("button", name="Unlink")).to_be_visible()

    idle(page)
    page.get_by_role("button", name=re.compile("^(edit )?Edit")).first.click()
    page.get_by_label("City").fill("Recife")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".timeline").get_by_text("Recife")).to_be_visible()
    idle(page)

    page.get_by_role("button", name="More").click()
    page.get_by_text("Delete", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Zoe Lima is in the bin")).to_be_visible()
    idle(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status").filter(has_text="Undone.")).to_be_visible()
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)


def test_another_persons_change_appears_without_a_reload(sign_in: SignIn, server: Server[dict[str, int]]) -> None:
    here, there = sign_in("marta", server), sign_in("bob", server)
    for page in (here, there):
        page.goto(f"/contact?contact={server.seeded['ana']}")
        expect(page.get_by_role("heading", name="Ana Souza")).to_be_visible()
        idle(page)
    there.get_by_role("button", name=re.compile("^(edit )?Edit")).first.click()
    there.get_by_label("City").fill("Porto Velho")
    there.get_by_role("button", name="Save").click()
    expect(here.get_by_text("Porto Velho").first).to_be_visible()


def test_the_export_is_a_file_of_the_list_as_it_is_narrowed(sign_in: SignIn, server: Server[dict[str, int]]) -> None:
    page = sign_in("marta", server)
    open_list(page, "?q=souza")
    page.get_by_role("button", name="Export").click()
    link = page.get_by_role("link", name="CSV")
    expect(link).to_have_attribute("href", re.compile(r"^/exports/contacts\.csv\?q=souza$"))
    answer = page.request.get(link.get_attribute("href") or "")
    assert answer.ok
    assert answer.text().count("\n") == 2
