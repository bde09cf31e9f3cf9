"""Erasing a person in a real browser, and looking for them in the bytes of the store while the product runs on."""

import io
import zipfile

import pytest
from playwright.sync_api import Page, expect

from crm import contacts
from crm.foundation.access import SYSTEM
from crm.records import notes
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle
from tests.privacy.conftest import in_the_bytes


def lia(store: Store) -> int:
    with store.writing(SYSTEM) as tx:
        found = contacts.create(tx, name="Zqcanária Prado", email="zqcanary@example.com", phone="+5511987654321")
        notes.add(tx, "contact", found.id, "zqcanary likes yellow")
        contacts.create(tx, name="Rui Alves", email="rui@example.com")
    store.back_up()
    return found.id


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[int]:
    return serve(lia)


def more(page: Page, entry: str) -> None:
    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name=entry).or_(page.get_by_text(entry, exact=False)).first.click()


def test_all_that_is_held_on_a_person_is_saved_as_one_file(server: Server[int], sign_in: SignIn) -> None:
    page = sign_in("ada", server)
    page.goto(f"/contact?contact={server.seeded}")
    idle(page)
    more(page, "Export personal data")
    link = page.get_by_role("link", name="Download the archive")
    expect(link).to_have_attribute("href", f"/personal-data/{server.seeded}.zip")
    answer = page.request.get(f"/personal-data/{server.seeded}.zip")
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
    with zipfile.ZipFile(io.BytesIO(answer.body())) as archive:
        assert "contact.json" in archive.namelist()
    assert sign_in("ana", server).request.get(f"/personal-data/{server.seeded}.zip").status == 403


def test_a_person_is_erased_and_is_in_no_byte_while_others_go_on_working(server: Server[int], sign_in: SignIn) -> None:
    bob = sign_in("bob", server)
    bob.goto("/contacts")
    idle(bob)
    page = sign_in("ada", server)
    page.goto(f"/contact?contact={server.seeded}")
    idle(page)
    more(page, "Erase for good")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("leaves every table")
    expect(dialog).to_contain_text("notes: 1")
    dialog.get_by_role("button", name="Erase for good").click()
    expect(dialog).to_contain_text("Type ERASE to erase this contact for good.")
    dialog.get_by_label("Type ERASE to go on").fill("ERASE")
    dialog.get_by_role("button", name="Erase for good").click()
    expect(page.get_by_text(f"contact number {server.seeded}")).to_be_visible()
    expect(page.get_by_text(", done ")).to_be_visible()
    idle(page)
    page.get_by_role("button", name="Delete these backups").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("There is no backup.")).to_be_visible()
    assert in_the_bytes(server.folder) == []
    assert "zqcanary" not in server.said.lower()
    bob.reload()
    idle(bob)
    expect(bob.get_by_text("1 contact", exact=False).first).to_be_visible()
