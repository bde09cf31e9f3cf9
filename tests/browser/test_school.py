"""A school: types from a template, a file of enrolments that names students, the segment of those in English, its file,
and the way back."""

import json
import re
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Page, expect

from crm import contacts
from crm.foundation.access import SYSTEM, Module
from crm.platform import workspace
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle
from tests.browser.test_imports import figure, mapped

STUDENTS = 500
IN_ENGLISH = {
    "kind": "related",
    "relation": "objects_2",
    "of": [
        {"kind": "rule", "field": "class", "op": "is", "value": "English"},
        {"kind": "rule", "field": "link_label", "op": "is", "value": "student"},
        {"kind": "rule", "field": "linked_on", "op": "at_least", "value": "2026-03-01"},
    ],
}


def enrolments() -> bytes:
    """Every second student is in English, and of those every second since March; one guardian beside them."""
    lines = ["Number,Class,Contact,Link label,Linked on"]
    for number in range(STUDENTS):
        course, month = ("English", "French")[number % 2], ("02", "03")[number // 2 % 2]
        label = "guardian" if number == 2 else "student"
        lines.append(f"E-{number},{course},student{number}@example.com,{label},2026-{month}-10")
    return "\n".join(lines).encode()


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[None]:
    def seed(store: Store) -> None:
        with store.writing(SYSTEM) as tx:
            workspace.switch(tx, Module.OBJECTS, True)
            for number in range(STUDENTS):
                contacts.create(tx, name=f"Student {number}", email=f"student{number}@example.com")

    return serve(seed)


def test_a_school_from_template_to_undone_import(sign_in: SignIn, server: Server[None]) -> None:
    page = sign_in("ada", server)
    page.goto("/record_types")
    page.get_by_role("button", name="Use this").first.click()
    expect(page.get_by_test_id("stSidebar").get_by_role("link", name="Enrolments")).to_be_visible()
    idle(page)

    page.goto("/imports?new=objects_2")
    expect(page.get_by_role("button", name="Choose a file")).to_be_visible()
    page.get_by_label("File to import").set_input_files(
        {"name": "enrolments.csv", "mimeType": "text/csv", "buffer": enrolments()}
    )
    mapped(page)
    page.get_by_role("button", name="Dry run").click()
    figure(page, "To create", f"{STUDENTS}")
    page.get_by_role("button", name=f"Import {STUDENTS} rows").click()
    figure(page, "Created", f"{STUDENTS}")
    imported = page.url

    # Of 250 in English 125 are there since March; one of these is a guardian.
    page.goto(f"/contacts?filter={quote(json.dumps(IN_ENGLISH))}")
    expect(page.get_by_text("of 124 contacts")).to_be_visible()
    _keep_as_segment(page, "In English since March")
    segment = re.search(r"segment=(\d+)", page.url)
    assert segment
    assert _emails(server, segment[1]) == sorted(
        f"student{number}@example.com"
        for number in range(STUDENTS)
        if number % 2 == 0 and number // 2 % 2 and number != 2
    )

    page.goto(imported)
    page.get_by_role("button", name="Undo import").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Undo import").click()
    figure(page, "Left as they are", "0")
    page.goto(f"/contacts?segment={segment[1]}")
    expect(page.get_by_text("No contact matches")).to_be_visible()
    page.goto("/objects_2")
    expect(page.get_by_text("No enrolments yet")).to_be_visible()


def _keep_as_segment(page: Page, name: str) -> None:
    idle(page)
    page.get_by_role("button", name="Save as segment").click()
    page.get_by_role("dialog").get_by_label("Name").fill(name)
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page).to_have_url(re.compile(r"/contacts\?segment=\d+$"))


def _emails(server: Server[None], segment: str) -> list[str]:
    """The emails in the file of the segment."""
    with httpx.Client(base_url=server.url, cookies={"mallard": server.cookies["ada"]}) as client:
        found = client.get("/exports/contacts.csv", params={"segment": segment}).raise_for_status().text
    return sorted(re.findall(r"student\d+@example\.com", found))
