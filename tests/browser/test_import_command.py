"""`crm import` beside a running server: through its API, by a token, since the server holds the store."""

import httpx
import pytest
from typer.testing import CliRunner

from crm import objects
from crm.cli import app
from crm.foundation.access import SYSTEM, Module
from crm.foundation.errors import Invalid, StoreHeld
from crm.imports import Options, save_mapping
from crm.platform import workspace
from crm.platform.people import tokens
from crm.platform.people.tokens import Scope
from crm.store import Store
from tests.browser.conftest import Serve, Server
from tests.people import Team

PEOPLE = "Kunde;E-Mail;Tel\nAna;ana@x.com;(304) 555-0184\nBob;bob@x.com;12\n;;13\n"


def seed(store: Store) -> str:
    """A token of Marta's, and a mapping of hers."""
    team = Team(store)
    with store.writing(SYSTEM) as tx:
        workspace.switch(tx, Module.OBJECTS, True)
        objects.create(tx, singular="Course", plural="Courses")
    with store.writing(team.marta) as tx:
        mapping = {"Kunde": "name", "E-Mail": "email", "Tel": "phone"}
        save_mapping(tx, "contacts", "Shop", Options(mapping=mapping, bad_cells={"phone": "empty"}))
        scopes = (Scope.READ, Scope.WRITE, Scope.IMPORT, Scope.EXPORT)
        return tokens.issue(tx, name="Script", scopes=scopes, expires_at=None).text


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[str]:
    return serve(seed)


def test_it_speaks_to_the_server_that_holds_the_store(server, tmp_path, monkeypatch):
    file = tmp_path / "people.csv"
    file.write_text(PEOPLE)
    command = ["import", "contacts", str(file), "--map", "Shop", "--region", "US"]
    monkeypatch.setenv("CRM_STORE", str(server.folder))
    held = CliRunner().invoke(app, command)
    assert isinstance(held.exception, StoreHeld)
    assert "set CRM_TOKEN to a token" in str(held.exception)

    monkeypatch.setenv("CRM_TOKEN", server.seeded)
    monkeypatch.setenv("CRM_URL", server.url)
    files = ["--rejected", str(tmp_path / "rejected.csv"), "--unread", str(tmp_path / "unread.csv")]
    tried = CliRunner().invoke(app, [*command, "--dry-run", *files])
    assert "3 rows read: 2 would be created, 0 would be updated, 0 unchanged, 0 skipped, 1 rejected." in tried.output
    assert "line 3, phone:" in tried.output
    assert ",13" in (tmp_path / "rejected.csv").read_text(encoding="utf-8-sig")
    assert "bob@x.com" in (tmp_path / "unread.csv").read_text(encoding="utf-8-sig")
    done = CliRunner().invoke(app, command)
    assert (done.exit_code, "2 created" in done.output) == (1, True)

    refused = CliRunner().invoke(app, [*command, "--token", "crm_nothing"])
    assert "does not take this token" in str(refused.exception)
    unknown = CliRunner().invoke(app, [*command[:3], "--map", "Other"])
    assert "neither a file nor a saved mapping of contacts: Shop." in str(unknown.exception)
    nobody = CliRunner().invoke(app, [*command, "--server", "http://127.0.0.1:9"])
    assert isinstance(nobody.exception, Invalid)
    assert "No Mallard answers at http://127.0.0.1:9" in str(nobody.exception)


def test_an_import_is_undone_by_the_server_that_holds_the_store(server, tmp_path, monkeypatch):
    monkeypatch.setenv("CRM_STORE", str(server.folder))
    held = CliRunner().invoke(app, ["undo-import", "1"])
    assert isinstance(held.exception, StoreHeld)
    assert "set CRM_TOKEN to a token" in str(held.exception)

    monkeypatch.setenv("CRM_TOKEN", server.seeded)
    monkeypatch.setenv("CRM_URL", server.url)
    file = tmp_path / "people.csv"
    file.write_text("name,email\nEva,eva@undone.example\nLia,lia@undone.example\n")
    done = CliRunner().invoke(app, ["import", "contacts", str(file)])
    assert (done.exit_code, "2 created" in done.output) == (0, True)
    with httpx.Client(
        base_url=f"{server.url}/api/v1", headers={"Authorization": f"Bearer {server.seeded}"}, timeout=30
    ) as client:
        number = str(client.get("/imports").json()["items"][0]["id"])
        told = CliRunner().invoke(app, ["undo-import", number, "--dry-run"])
        assert (told.exit_code, told.output) == (0, "Would be: 2 created records deleted.\n")
        eva = client.get("/contacts", params={"search": "eva@undone.example"}).json()["items"][0]
        client.patch(f"/contacts/{eva['id']}", json={"city": "Recife"}).raise_for_status()
        undone = CliRunner().invoke(app, ["undo-import", number])
        assert (undone.exit_code, "1 created records deleted" in undone.output) == (1, True)
        assert client.get(f"/imports/{number}").json()["state"] == "undone"
        assert client.get("/contacts", params={"search": "undone.example"}).json()["total"] == 1
    again = CliRunner().invoke(app, ["undo-import", number])
    assert "Only an import that is done can be undone" in str(again.exception)
    unknown = CliRunner().invoke(app, ["undo-import", "999"])
    assert isinstance(unknown.exception, Invalid)


def test_records_of_a_type_of_ones_own_go_in_and_out_by_its_slug(server, tmp_path, monkeypatch):
    monkeypatch.setenv("CRM_STORE", str(server.folder))
    monkeypatch.setenv("CRM_TOKEN", server.seeded)
    monkeypatch.setenv("CRM_URL", server.url)
    file, out = tmp_path / "courses.csv", tmp_path / "out.csv"
    file.write_text("Name\nEnglish\nChess\n")
    done = CliRunner().invoke(app, ["import", "course", str(file)])
    assert (done.exit_code, "2 created" in done.output) == (0, True)
    assert CliRunner().invoke(app, ["export", "course", str(out)]).exit_code == 0
    assert "English" in out.read_text(encoding="utf-8-sig")
    for command in ("import", "export"):
        unknown = CliRunner().invoke(app, [command, "vehicle", str(file)])
        assert "'course'" in str(unknown.exception)


def test_a_server_without_a_token_is_not_spoken_to(server, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text(PEOPLE)
    said = CliRunner().invoke(app, ["import", "contacts", str(file), "--server", server.url])
    assert "set CRM_TOKEN" in str(said.exception)
