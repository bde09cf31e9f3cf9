"""The SQL page in a browser: typing with completion, and running by the keyboard."""

import pytest
from playwright.sync_api import expect

from crm import contacts
from crm.foundation.access import SYSTEM
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn


def seed(store: Store) -> None:
    with store.writing(SYSTEM) as tx:
        for city in ("Recife", "Natal"):
            contacts.create(tx, name=f"Of {city}", city=city)


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[None]:
    return serve(seed)


def test_a_query_is_typed_with_completion_and_run_by_the_keyboard(sign_in: SignIn, server: Server[None]) -> None:
    page = sign_in("ada", server)
    page.goto("/sql")
    editor = page.get_by_role("textbox", name="SQL")
    expect(page.get_by_role("button", name="contacts", exact=True)).to_be_visible()

    editor.click()
    page.keyboard.type("select ci", delay=20)
    page.keyboard.press("Escape")
    page.keyboard.insert_text("ty, count(*) as people from contac")
    page.keyboard.type("t", delay=20)
    page.get_by_role("option", name="contacts", exact=True).click()
    expect(editor).to_contain_text("from contacts")
    page.keyboard.insert_text(" group by city order by city")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("2 rows")).to_be_visible()
