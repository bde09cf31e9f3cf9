"""Files of any sort over the API: Excel as well as CSV, read as the options say."""

import json
from typing import Any

from starlette.testclient import TestClient

from crm.imports import template_xlsx
from crm.imports.run import run
from crm.store import Store
from tests.api.conftest import Clients
from tests.imports.conftest import SAMPLES
from tests.imports.spreadsheets import REF, cell, ods, row, xls
from tests.imports.test_xlsx import table
from tests.people import Team


def send(client: TestClient, name: str, content: bytes, kind: str = "contacts", **options: object) -> Any:
    return client.post("/imports", files={"file": (name, content)}, data={"kind": kind, "options": json.dumps(options)})


def finished(store: Store, client: TestClient, sent: Any) -> dict[str, Any]:
    assert sent.status_code == 201, sent.text
    run(store, sent.json()["id"])
    found: dict[str, Any] = client.get(f"/imports/{sent.json()['id']}").json()
    return found


def test_an_excel_file_is_imported_from_the_sheet_that_is_said(store: Store, client: Clients, team: Team) -> None:
    marta = client(team.marta)
    content = table(["Report"], ["Name", "Email"], ["Lia", "lia@example.com"], sheet="Clientes")
    done = finished(store, marta, send(marta, "people.xlsx", content, sheet="Clientes", header_line=2))
    assert (done["state"], done["created"], done["found"]["sheet"]) == ("done", 1, "Clientes")


def test_a_sheet_that_is_not_there_fails_by_name(store: Store, client: Clients, team: Team) -> None:
    marta = client(team.marta)
    done = finished(store, marta, send(marta, "people.xlsx", table(["Name"], ["Lia"]), sheet="Other"))
    assert done["state"] == "failed"
    assert "no sheet “Other”, only People" in done["message"]


def test_the_excel_template_imports_as_it_stands(store: Store, client: Clients, team: Team) -> None:
    marta = client(team.marta)
    with store.reading(team.marta) as tx:
        template = template_xlsx(tx, "contacts")
    done = finished(store, marta, send(marta, "contacts.xlsx", template, make_companies=True))
    assert (done["created"], done["rejected"]) == (1, 0)


def test_a_known_export_needs_no_mapping(store: Store, client: Clients, team: Team) -> None:
    marta = client(team.marta)
    content = (SAMPLES / "google-contacts-before-2024.csv").read_bytes()
    done = finished(store, marta, send(marta, "contacts.csv", content, make_companies=True))
    assert (done["created"], done["found"]["preset"]) == (3, "Google contacts")


def test_a_header_line_is_counted_from_one(client: Clients, team: Team) -> None:
    sent = send(client(team.marta), "a.csv", b"Name\nLia\n", header_line=0)
    assert sent.status_code == 422
    assert sent.json()["errors"][0]["field"] == "options.header_line"


def test_spreadsheets_come_in_as_they_show(store: Store, client: Clients, team: Team) -> None:
    """An OpenDocument code with its zeros, and an old Excel file whose error is named with its row."""
    marta = client(team.marta)
    content = ods(row(cell("Name"), cell("Identifier")), row(cell("Lia"), cell("00123", "float", "123")))
    done = finished(store, marta, send(marta, "people.ods", content))
    assert (done["created"], done["found"]["encoding"], done["found"]["sheet"]) == (1, "ods", "People")
    assert marta.get("/contacts").json()["items"][0]["identifier"] == "00123"
    done = finished(store, marta, send(marta, "people.xls", xls(["Name", "City"], ["Bia", bytes([REF])])))
    assert [(error["line"], error["reason"]) for error in done["errors"]] == [
        (2, "The row holds an error of the spreadsheet's: #REF!.")
    ]
