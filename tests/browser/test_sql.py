"""The SQL page in a browser: typing with completion, running and leaving by the keyboard, cancelling, saving, sharing
and files."""

import pytest
from playwright.sync_api import Page, expect

from crm import contacts
from crm.foundation.access import SYSTEM
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle


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


def test_escape_then_tab_leaves_the_editor_however_late_and_any_other_key_stays(
    sign_in: SignIn, server: Server[None]
) -> None:
    page = sign_in("ada", server)
    page.goto("/sql")
    editor = page.get_by_role("textbox", name="SQL")
    editor.click()
    page.keyboard.insert_text("select 1")
    page.keyboard.press("Tab")
    expect(editor).to_be_focused()  # it indents
    page.keyboard.press("Escape")
    leaves = page.get_by_text("Tab leaves the editor now.")
    expect(leaves).to_be_visible()
    page.keyboard.type(" ")
    expect(leaves).to_have_count(0)
    page.keyboard.press("Tab")
    expect(editor).to_be_focused()
    page.keyboard.press("Escape")
    idle(page)  # the server has heard of the text, and drawn the page anew
    page.wait_for_timeout(2200)  # longer than CodeMirror's own way out is open
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_focused()
    expect(leaves).to_have_count(0)
    page.keyboard.press("Shift+Tab")
    expect(editor).to_be_focused()
    page.keyboard.press("Tab")
    expect(editor).to_be_focused()


def write(page: Page, sql: str) -> None:
    """Put a text into the editor and run it."""
    page.get_by_role("textbox", name="SQL").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(sql)
    page.keyboard.press("Control+Enter")


def test_a_query_that_runs_is_cancelled(sign_in: SignIn, server: Server[None]) -> None:
    page = sign_in("ada", server)
    page.goto("/sql")
    write(page, "select count(*) from range(100000000000) as t(i) where i % 7 = 3")
    expect(page.get_by_text("Running for")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("The query was cancelled.")).to_be_visible()
    write(page, "select 6 * 7 as answer")
    expect(page.get_by_text("1 row ·")).to_be_visible()


def test_a_query_is_saved_shared_opened_from_the_list_and_its_result_downloaded(
    sign_in: SignIn, server: Server[None]
) -> None:
    page = sign_in("ada", server)
    page.goto("/sql")
    write(page, "select name from contacts where city = 'Natal'")
    expect(page.get_by_text("1 row ·")).to_be_visible()
    idle(page)
    page.get_by_role("button", name="Save as").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("People of Natal")
    dialog.get_by_role("combobox").click()
    page.get_by_role("option", name="Everybody who may run SQL").click()
    dialog.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/sql?query=*")

    page = sign_in("rui", server)
    page.goto("/sql")
    idle(page)
    page.get_by_role("button", name="Saved queries").click()
    page.get_by_role("button", name="People of Natal").click()
    expect(page.get_by_text("Shared by Ada")).to_be_visible()
    editor = page.get_by_role("textbox", name="SQL")
    expect(editor).to_contain_text("city = 'Natal'")
    idle(page)
    editor.click()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("1 row ·")).to_be_visible()
    idle(page)
    page.get_by_role("button", name="Export").click()
    path = page.get_by_role("link", name="CSV").get_attribute("href")
    file = page.request.get(f"{server.url.rstrip('/')}{path}")
    assert file.headers["content-disposition"] == 'attachment; filename="query.csv"'
    assert "Of Natal" in file.text()
