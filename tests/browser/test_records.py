"""Notes, files and the bin as a person works with them."""

import re
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import expect

from crm import companies, contacts
from crm.foundation.access import SYSTEM
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle, insist

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8cfc0f01f0005000"
    "1ffa5d7b6c00000000049454e44ae426082"
)


def seed(store: Store) -> dict[str, int]:
    with store.writing(SYSTEM) as tx:
        aurora = companies.create(tx, name="Aurora")
        zoe = contacts.create(tx, name="Zoe Lima")
        for name in ("Old one", "Old two"):
            contacts.delete(tx, contacts.create(tx, name=name).id)
    return {"zoe": zoe.id, "aurora": aurora.id}


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[dict[str, int]]:
    return serve(seed)


def test_a_note_is_written_changed_pinned_and_deleted(sign_in: SignIn, server: Server[dict[str, int]]) -> None:
    page = sign_in("ana", server)
    page.goto(f"/contact?contact={server.seeded['zoe']}")
    page.get_by_role("tab", name="Notes").click()
    page.get_by_label("New note").fill("Wants **chairs**\n\n![x](https://spy.example/x.png)")
    page.get_by_role("button", name="Add note").click()
    notes = page.get_by_role("tabpanel").filter(has=page.get_by_label("New note"))
    expect(notes.locator(".prose strong").get_by_text("chairs")).to_be_visible()
    expect(page.get_by_label("New note")).to_have_value("")
    idle(page)

    notes.get_by_role("button", name="More").click()
    page.get_by_text("Edit", exact=True).last.click()
    page.get_by_label("Note", exact=True).fill("Wants tables")
    page.get_by_role("button", name="Save note").click()
    expect(notes.get_by_text("Wants tables")).to_be_visible()
    expect(notes.get_by_text("edited")).to_be_visible()
    idle(page)

    notes.get_by_role("button", name="More").click()
    page.get_by_text("Pin", exact=True).click()
    expect(page.locator(".prose").get_by_text("Wants tables")).to_have_count(2)
    idle(page)

    notes.get_by_role("button", name="More").click()
    page.get_by_text("Delete", exact=True).last.click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator(".prose")).to_have_count(0)
    page.get_by_role("tab", name="Activity").click()
    expect(page.locator(".timeline").get_by_text("Ana deleted a note")).to_be_visible()


def test_files_are_put_beside_a_record_looked_at_saved_and_removed(
    sign_in: SignIn, server: Server[dict[str, int]], tmp_path: Path
) -> None:
    (tmp_path / "pixel.png").write_bytes(PIXEL)
    (tmp_path / "false.pdf").write_bytes(PIXEL)
    page = sign_in("ana", server)
    page.goto(f"/company?company={server.seeded['aurora']}")
    page.get_by_role("tab", name="Files").click()
    page.locator("input[type=file]").set_input_files([tmp_path / "pixel.png", tmp_path / "false.pdf"])
    expect(page.get_by_text("is not what its name says")).to_be_visible()
    expect(page.get_by_text("pixel.png", exact=True)).to_be_visible()
    idle(page)
    expect(page.get_by_role("tab", name="Files")).to_have_attribute("aria-selected", "true")

    page.get_by_role("button", name="Preview").click()
    picture = page.get_by_role("dialog").get_by_role("img", name="The picture")
    expect(picture).to_have_js_property("naturalWidth", 1)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    address = page.get_by_role("link", name="Download").get_attribute("href") or ""
    answer = page.request.get(address)
    assert answer.body() == PIXEL
    assert answer.headers["content-type"] == "application/octet-stream"

    page.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("No files yet.")).to_be_visible()


def test_several_are_ticked_in_the_bin_and_brought_back(sign_in: SignIn, server: Server[dict[str, int]]) -> None:
    page = sign_in("marta", server)
    page.goto("/bin")
    expect(page.get_by_text("2 records, each for 30 days.")).to_be_visible()
    expect(page.get_by_role("button", name="Restore")).to_be_disabled()
    table = page.get_by_test_id("stDataFrame")
    expect(table.locator("canvas").first).to_be_visible()
    idle(page)
    restore = page.get_by_role("button", name=re.compile("Restore 2"))
    insist(partial(table.click, position={"x": 18, "y": 18}), restore)
    idle(page)
    restore.click()
    expect(page.get_by_text("The bin is empty")).to_be_visible()
