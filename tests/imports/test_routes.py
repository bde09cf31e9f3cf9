"""PUT /uploads, rejected rows and templates, for whom the gate let in."""

import hashlib

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from crm.foundation.access import SYSTEM, Actor
from crm.platform import files, process
from crm.platform.people import sessions
from crm.ui.auth.auth_middleware import TRUSTED_HEADER
from crm.ui.routes.uploads import ROUTES

CONTENT = b"name;email\n=A;nope\n"


@pytest.fixture
def client(store):
    process.use(store)

    def of(actor: Actor | None) -> TestClient:
        headers = {}
        if actor:
            with store.writing(SYSTEM) as tx:
                headers = {TRUSTED_HEADER.decode(): sessions.hashed(sessions.begin(tx, actor.id))}
        return TestClient(Starlette(routes=ROUTES), headers=headers)

    return of


def test_a_file_is_streamed_in_and_kept_by_its_content(store, team, client):
    answer = client(team.marta).put(
        "/uploads", params={"name": "../people.csv"}, content=iter([CONTENT[:5], CONTENT[5:]])
    )
    assert (answer.status_code, answer.json()["size"]) == (201, len(CONTENT))
    with store.reading(team.marta) as tx:
        upload = files.get(tx, answer.json()["id"])
    assert upload.file_name == "people.csv"
    assert upload.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert files.path_of(store, upload).read_bytes() == CONTENT


@pytest.mark.parametrize("name", ["vera", "rui", None])
def test_who_may_not_import_uploads_nothing(store, team, client, name):
    answer = client(getattr(team, name) if name else None).put("/uploads?name=a.csv", content=CONTENT)
    assert answer.status_code == 403
    assert list(files.folder(store).iterdir()) == []


def test_a_file_that_says_it_is_too_large_is_refused_before_it_is_read(team, client):
    answer = client(team.marta).put("/uploads?name=a", content=b"x", headers={"content-length": str(2**50)})
    assert answer.status_code == 413


def test_rejected_rows_are_a_download_for_those_who_see_the_import(store, team, client, bring):
    done = bring(team.marta, "contacts", CONTENT)
    answer = client(team.marta).get(f"/imports/{done.id}/rejected.csv")
    assert answer.headers["content-disposition"] == f'attachment; filename="rejected-{done.id}.csv"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "'=A,nope" in answer.text
    assert client(team.vera).get(f"/imports/{done.id}/rejected.csv").status_code == 403
    assert client(team.marta).get("/imports/99/rejected.csv").status_code == 404


def test_a_template_names_every_field(team, client):
    answer = client(team.marta).get("/imports/templates/contacts.csv")
    header = answer.text.splitlines()[0].removeprefix("\ufeff").split(",")
    assert header[:8] == ["Identifier", "Name", "Email", "Phone", "City", "Country", "Company", "Owner"]
    assert client(team.marta).get("/imports/templates/cats.csv").status_code == 404
    assert client(team.marta).get("/imports/templates/contacts.pdf").status_code == 404


def test_a_template_comes_as_excel_too(team, client):
    answer = client(team.marta).get("/imports/templates/deals.xlsx")
    assert answer.content.startswith(b"PK")
    assert answer.headers["content-disposition"] == 'attachment; filename="deals-template.xlsx"'
    assert "spreadsheetml" in answer.headers["content-type"]
    assert client(team.vera).get("/imports/templates/deals.xlsx").status_code == 403
