"""Imports over the API: a file is sent, planned, applied; what is wrong with it is said by line."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from crm.imports import Options, save_mapping
from crm.imports.run import run
from crm.imports.undoing import undo_job
from crm.platform.people.tokens import Scope
from crm.store import Store
from tests.api.conftest import Clients
from tests.imports.test_xlsx import table
from tests.people import Team

PEOPLE = b"Name,Email\nLia,lia@example.com\nBia,bia@example.com\nCaio,nobody\n"

Send = Callable[..., Any]


def send(client: TestClient, content: bytes = PEOPLE, kind: str = "contacts", **options: object) -> Any:
    return client.post(
        "/imports",
        files={"file": ("people.csv", content, "text/csv")},
        data={"kind": kind, "options": json.dumps(options)},
    )


def test_a_file_is_planned_looked_at_and_applied(store: Store, client: Clients, team: Team) -> None:
    marta = client(team.marta)
    sent = send(marta, dry_run=True)
    assert sent.status_code == 201, sent.text
    begun = sent.json()
    where = f"/imports/{begun['id']}"
    assert (begun["state"], begun["file_name"], sent.headers["Location"]) == ("queued", "people.csv", f"/api/v1{where}")

    run(store, begun["id"])
    planned = marta.get(where).json()
    counts = {name: planned[name] for name in ("state", "total", "created", "rejected")}
    assert counts == {"state": "planned", "total": 3, "created": 2, "rejected": 1}
    assert [(error["line"], error["field"]) for error in planned["errors"]] == [(4, "email")]
    assert marta.get("/contacts").json()["total"] == 0

    assert marta.post(f"{where}/apply").json()["state"] == "queued"
    run(store, begun["id"])
    assert marta.get(where).json()["state"] == "done"
    assert marta.get("/contacts").json()["total"] == 2

    rejected = marta.get(f"{where}/rejected.csv")
    assert rejected.headers["Content-Type"].startswith("text/csv")
    assert b"Caio,nobody" in rejected.content
    assert [found["id"] for found in marta.get("/imports").json()["items"]] == [begun["id"]]


def test_a_workbook_that_would_fill_the_memory_fails_by_its_sheet_and_the_next_goes_on(
    store: Store, client: Clients, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_WORKBOOK_TEXT_MB", "5")
    marta = client(team.marta)
    bomb = send(marta, table(["Name", "Notes"], *[["Lia", "x" * 32_000]] * 200)).json()["id"]
    sound = send(marta).json()["id"]
    for import_id in (bomb, sound):
        run(store, import_id)
    failed = marta.get(f"/imports/{bomb}").json()
    assert (failed["state"], "The sheet “People” would come to 6 MB of text" in failed["message"]) == ("failed", True)
    assert marta.get(f"/imports/{sound}").json()["created"] == 2


def test_a_guessed_encoding_is_confirmed_when_it_is_applied(store: Store, client: Clients, team: Team) -> None:
    marta = client(team.marta)
    content = "Name,City\nИван Петров,Казань\n".encode("cp1251")
    begun = send(marta, content, dry_run=True).json()["id"]
    run(store, begun)
    found = marta.get(f"/imports/{begun}").json()["found"]
    assert (found["encoding"], found["encoding_guessed"]) == ("cp1251", True)
    assert found["notices"][0].startswith("The encoding is a guess: Windows-1251")
    refused = marta.post(f"/imports/{begun}/apply")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "encoding")
    assert marta.post(f"/imports/{begun}/apply", json={"encoding": "windows-1251"}).json()["state"] == "queued"
    run(store, begun)
    assert marta.get("/contacts").json()["items"][0]["name"] == "Иван Петров"


def test_an_encoding_is_chosen_by_its_iana_name(store: Store, client: Clients, team: Team) -> None:
    marta = client(team.marta)
    begun = send(marta, "Name\nИван\n".encode("koi8-r"), encoding="KOI8-R").json()["id"]
    run(store, begun)
    assert marta.get("/contacts").json()["items"][0]["name"] == "Иван"
    refused = send(marta, encoding="klingon")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "encoding")


def test_imports_are_listed_in_pages_the_newest_first(client: Clients, team: Team) -> None:
    marta = client(team.marta)
    sent = [send(marta).json()["id"] for _ in range(5)]
    found, cursor = [], {}
    while cursor is not None:
        page = marta.get("/imports", params={"limit": 2, **cursor}).json()
        assert page["total"] == 5
        found += [one["id"] for one in page["items"]]
        cursor = {"cursor": page["next"]} if page["next"] else None
    assert found == sent[::-1]


def test_a_planned_import_is_cancelled(store: Store, client: Clients, team: Team) -> None:
    marta = client(team.marta)
    begun = send(marta, dry_run=True).json()
    assert marta.post(f"/imports/{begun['id']}/cancel").json()["state"] == "cancelled"
    assert marta.post(f"/imports/{begun['id']}/apply").status_code == 422


def test_a_file_sent_again_with_its_key_is_imported_once(client: Clients, team: Team) -> None:
    marta = client(team.marta)
    marta.headers["Idempotency-Key"] = "nightly-1"
    first, again = send(marta), send(marta)
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert send(marta, PEOPLE + b"Davi,davi@example.com\n").status_code == 422
    assert marta.get("/imports").json()["total"] == 1


def test_who_may_not_import_is_refused(client: Clients, team: Team) -> None:
    for actor in (team.ana, team.rui, team.vera):
        assert send(client(actor)).status_code == 403
    assert send(client(team.marta, Scope.READ, Scope.WRITE)).status_code == 403
    assert client(team.marta).get("/imports").json()["total"] == 0


def test_a_token_made_for_imports_needs_no_scope_to_read(client: Clients, team: Team) -> None:
    feed = client(team.marta, Scope.IMPORT, Scope.WRITE)
    begun = send(feed)
    assert begun.status_code == 201
    assert feed.get(f"/imports/{begun.json()['id']}").status_code == 200
    assert feed.get("/contacts").status_code == 403


LACKING: list[tuple[dict[str, Any], dict[str, str], str]] = [
    ({}, {"kind": "contacts"}, "file"),
    ({"file": ("a.csv", b"x")}, {}, "kind"),
    ({"file": ("a.csv", b"x")}, {"kind": "users"}, "kind"),
    ({"file": ("a.csv", b"x")}, {"kind": "contacts", "colour": "red"}, "colour"),
    ({"file": ("a.csv", b"x")}, {"kind": "contacts", "options": "{"}, "options"),
    ({"file": ("a.csv", b"x")}, {"kind": "contacts", "options": '{"speed": 1}'}, "options.speed"),
    (
        {"file": ("a.csv", b"x")},
        {"kind": "contacts", "options": '{"on_duplicate": "erase"}'},
        "options.on_duplicate",
    ),
]


def test_a_form_that_lacks_something_is_refused(subtests: pytest.Subtests, client: Clients, team: Team) -> None:
    marta = client(team.marta)
    for files, data, field in LACKING:
        with subtests.test(data=data):
            refused = marta.post("/imports", files=files, data=data)
            assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)


def test_a_file_over_the_limit_is_refused(client: Clients, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_UPLOAD_LIMIT_MB", "1")
    refused = send(client(team.marta), b"Name\n" + b"x" * 2**20)
    assert (refused.status_code, refused.headers["Content-Type"]) == (413, "application/problem+json")


def test_an_import_is_not_there_for_others_under_owner_privacy(
    store: Store, client: Clients, team: Team, private: None
) -> None:
    with store.writing(team.ada) as tx:
        tx.run("INSERT INTO base.grants VALUES ($id, 'import')", id=team.ids.ana)
    begun = send(client(team.ana)).json()
    bob = client(team.bob)
    assert bob.get(f"/imports/{begun['id']}").status_code == 404
    assert bob.get(f"/imports/{begun['id']}/rejected.csv").status_code == 404
    assert bob.get("/imports").json()["total"] == 0


def test_each_row_of_an_outcome_is_listed_searched_and_filtered(store: Store, client: Clients, team: Team) -> None:
    marta = client(team.marta)
    begun = send(marta, dry_run=True).json()
    run(store, begun["id"])
    where = f"/imports/{begun['id']}/outcomes"
    page = marta.get(f"{where}/created", params={"limit": 1}).json()
    assert (page["total"], page["kept"], page["items"][0]["fields"]) == (
        2,
        True,
        {"name": "Lia", "email": "lia@example.com"},
    )
    assert [row["line"] for row in marta.get(f"{where}/created", params={"search": "BIA"}).json()["items"]] == [3]
    rejected = marta.get(f"{where}/rejected", params={"field": "email"}).json()["items"]
    assert [row["cells"] for row in rejected] == [["Caio", "nobody"]]
    assert marta.get(f"{where}/conflict").json()["total"] == 0
    assert marta.get(f"{where}/lost").status_code == 422


def test_an_import_is_undone_and_lists_what_it_left(store: Store, client: Clients, team: Team) -> None:
    marta = client(team.marta)
    begun = send(marta).json()
    run(store, begun["id"])
    where = f"/imports/{begun['id']}"
    assert marta.patch("/contacts/2", json={"city": "Porto"}).status_code == 200
    assert marta.get(f"{where}/undo").json() == {
        "deleted": 1,
        "restored": 0,
        "companies": 0,
        "contacts": 0,
        "labels": 0,
        "left": 1,
        "reasons": {"It was changed since.": 1},
    }
    assert marta.post(f"{where}/undo").json()["undo_state"] == "queued"
    assert marta.post(f"{where}/undo").status_code == 422
    undo_job.run(store, begun["id"])
    assert marta.get(where).json()["state"] == "undone"
    left = marta.get(f"{where}/left").json()
    assert [(row["name"], row["reason"]) for row in left["items"]] == [("Bia", "It was changed since.")]
    assert marta.get("/contacts").json()["total"] == 1


@pytest.mark.parametrize("name", ["ana", "rui", "vera"])
def test_who_may_not_import_undoes_nothing_by_the_api(store: Store, client: Clients, team: Team, name: str) -> None:
    begun = send(client(team.marta)).json()
    run(store, begun["id"])
    answer = client(getattr(team, name)).post(f"/imports/{begun['id']}/undo")
    assert answer.status_code in (403, 404)
    assert client(team.marta).get("/contacts").json()["total"] == 2


def test_values_that_are_not_known_are_mapped_while_the_import_is_planned(
    store: Store, client: Clients, team: Team
) -> None:
    marta = client(team.marta)
    content = b"title,priority\nA,P1\nB,low\n"
    begun = send(marta, content, "deals", dry_run=True).json()
    where = f"/imports/{begun['id']}"
    run(store, begun["id"])
    unknown = marta.get(where).json()["found"]["unknown_values"]
    assert unknown == {"priority": [{"text": "P1", "rows": 1, "proposed": "high"}]}
    mapped = marta.post(f"{where}/values", json={"values": {"priority": {"P1": "high"}}})
    assert (mapped.status_code, mapped.json()["state"]) == (200, "queued")
    run(store, begun["id"])
    assert marta.get(where).json()["found"]["unknown_values"] == {}
    assert marta.post(f"{where}/values", json={"values": {"nope": {"P1": "high"}}}).status_code == 422
    sent = send(marta, content, "deals", values={"priority": {"P1": None}}, dry_run=True).json()
    run(store, sent["id"])
    assert "“P1” is mapped to nothing" in marta.get(f"/imports/{sent['id']}").json()["errors"][0]["reason"]


def test_cells_that_are_left_empty_are_listed_and_downloaded(store: Store, client: Clients, team: Team) -> None:
    marta = client(team.marta)
    content = b"Name,Phone\nAna,(304) 555-0184\nBob,12\n"
    begun = send(marta, content, bad_cells={"phone": "empty"}, region="US").json()
    run(store, begun["id"])
    where = f"/imports/{begun['id']}"
    done = marta.get(where).json()
    assert (done["created"], done["rejected"], done["found"]["unread_cells"]) == (2, 0, 1)
    page = marta.get(f"{where}/unread").json()
    assert (page["total"], page["items"][0]["line"], page["items"][0]["field"]) == (1, 3, "phone")
    assert b"Bob,12" in marta.get(f"{where}/unread.csv").content
    assert send(marta, content, region="ZZ").status_code == 422


def test_saved_mappings_are_listed_with_their_options(store: Store, client: Clients, team: Team) -> None:
    with store.writing(team.marta) as tx:
        save_mapping(tx, "orders", "Shop", Options(values={"status": {"delivered": "paid"}}))
    marta = client(team.marta)
    [found] = marta.get("/imports/mappings/orders").json()
    assert (found["name"], found["options"]["values"]) == ("Shop", {"status": {"delivered": "paid"}})
    assert marta.get("/imports/mappings/contacts").json() == []
