"""The way of a person through duplicates: scan, compare, merge, take back, many at once."""

import re

import pytest
from playwright.sync_api import Page, expect

from crm import contacts
from crm.foundation.access import SYSTEM
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle


def seed(store: Store) -> list[int]:
    with store.writing(SYSTEM) as tx:
        for number in range(3):
            contacts.create(tx, name=f"Caio Lima {number}", email=f"caio.lima{number}@example.com")
            contacts.create(tx, name=f"Caio Lima {number}", email=f"caiolima{number}+news@example.com")
        one = contacts.create(tx, name="Ana Souza", email="ana.souza@example.com", phone="+5511987654321")
        two = contacts.create(tx, name="Aná Souza", email="anasouza+x@example.com", city="Recife")
        return [one.id, two.id]


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[list[int]]:
    return serve(seed)


def test_a_pair_is_found_compared_merged_and_taken_apart_again(sign_in: SignIn, server: Server[list[int]]) -> None:
    one, two = server.seeded
    page = sign_in("ana", server)
    page.goto("/duplicates")
    idle(page)
    page.get_by_role("button", name="Scan now").click()
    expect(page.get_by_text("4 pairs")).to_be_visible()

    page.get_by_role("searchbox", name="Search").press_sequentially("souza")
    expect(page.get_by_text("1 pair", exact=True)).to_be_visible()
    idle(page)
    page.get_by_role("button", name="Compare and merge").click()
    expect(page.get_by_role("heading", name="Merge two contacts")).to_be_visible()
    page.get_by_role("radiogroup", name="Which one stays?").get_by_text("Ana Souza").click()
    idle(page)
    page.get_by_role("radiogroup", name="Name", exact=True).get_by_text("Aná Souza").click()
    idle(page)
    page.get_by_role("button", name="Merge", exact=True).click()
    expect(page.get_by_text("Aná Souza is one contact now.")).to_be_visible()

    page.goto(f"/contact?contact={one}")
    expect(page.get_by_role("heading", name="Aná Souza")).to_be_visible()
    take_back_from_the_menu(page)
    expect(page.get_by_role("heading", name="Ana Souza")).to_be_visible()
    page.goto(f"/contact?contact={two}")
    expect(page.get_by_role("heading", name="Aná Souza")).to_be_visible()


def take_back_from_the_menu(page: Page) -> None:
    idle(page)
    page.get_by_role("button", name="More").first.click()
    page.get_by_text("Undo a merge", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("comes back with everything it had")).to_be_visible()
    dialog.get_by_role("button", name="Undo merge").click()


def test_many_pairs_are_merged_at_once_and_taken_back_at_once(sign_in: SignIn, server: Server[list[int]]) -> None:
    page = sign_in("marta", server)
    page.goto("/duplicates?q=caio")
    expect(page.get_by_text(re.compile(r"^3 pairs$"))).to_be_visible()
    idle(page)
    page.get_by_role("button", name="Bulk actions").click()
    page.get_by_text("Merge all", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Merge 3 pairs").click()
    expect(page.get_by_text("No pair matches")).to_be_visible()

    page.goto("/duplicates?tab=merged")
    idle(page)
    page.get_by_role("button", name="Undo all of them").click()
    expect(page.get_by_text("No contacts are merged.")).to_be_visible()
