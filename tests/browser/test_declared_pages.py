"""A record type that has nothing but its declaration and its table, as a person works with it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from benchmarks.served import serve_here
from crm.foundation.access import SYSTEM, Module
from crm.platform import workspace
from crm.records import lists, registry
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle, insist
from tests.laws import registering


def serve_with_visits(folder: Path, log: Path, port: str) -> None:
    """The product in a process of its own, in which visits are registered."""
    registry.DECLARED["visit"] = registering.DECLARED_IN
    registry.declared.cache_clear()  # what the process had imported beforehand has asked for them
    serve_here(folder, log, port)


def seed(store: Store) -> None:
    with pytest.MonkeyPatch.context() as here:
        here.setitem(registry.DECLARED, "visit", registering.DECLARED_IN)
        registering.lay(store)
    registry.declared.cache_clear()
    lists.source.cache_clear()
    with store.writing(SYSTEM) as tx:
        workspace.switch(tx, Module.OBJECTS, True)


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[None]:
    return serve(seed, target=serve_with_visits)


def test_a_record_of_a_declared_type_is_made_found_deleted_and_restored(sign_in: SignIn, server: Server[None]) -> None:
    page = sign_in("ada", server)
    page.goto("/contacts")
    page.get_by_test_id("stSidebar").get_by_role("link", name="Visits").click()
    expect(page.get_by_role("heading", name="No visits yet")).to_be_visible()
    page.get_by_role("button", name="New visit").click()
    page.get_by_test_id("stDialog").get_by_label("Name").fill("At the fair")
    page.get_by_test_id("stDialog").get_by_role("button", name="Add visit").click()
    expect(page).to_have_url(re.compile(r"/visit\?visit=1$"))
    expect(page.get_by_role("heading", name="At the fair")).to_be_visible()

    page.get_by_test_id("stSidebar").get_by_role("link", name="Visits").click()
    table = page.get_by_test_id("stDataFrame")
    expect(table.locator("canvas").first).to_be_visible()
    idle(page)
    edit = page.get_by_role("button", name="Edit")
    insist(lambda: table.click(position={"x": 100, "y": 53}), edit)
    expect(page).to_have_url(re.compile(r"/visit\?visit=1$"))
    page.reload()
    expect(page.get_by_role("heading", name="At the fair")).to_be_visible()

    idle(page)  # a menu opened while the page still comes in closes again
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_text("Delete", exact=True).click()
    page.get_by_test_id("stDialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="No visits yet")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="No visits yet")).to_have_count(0)
