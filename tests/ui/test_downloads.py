"""/exports: a file for the person whose session the gate found, and for nobody else."""

from collections.abc import Callable

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from crm import contacts
from crm.foundation.access import SYSTEM, Actor
from crm.platform import process
from crm.platform.people import sessions
from crm.records.filters import Rule, dump
from crm.store import Store
from crm.ui.auth.auth_middleware import TRUSTED_HEADER
from crm.ui.routes import downloads, personal_data
from tests.owner_privacy import owner_privacy
from tests.people import Team

ROUTES = [*downloads.ROUTES, *personal_data.ROUTES]

Browser = Callable[[Actor | None], TestClient]


@pytest.fixture
def browser(store: Store) -> Browser:
    def open_as(actor: Actor | None) -> TestClient:
        process.use(store)
        if actor is None:
            return TestClient(Starlette(routes=ROUTES))
        with store.writing(SYSTEM) as tx:
            session_id = sessions.begin(tx, actor.id)
        header = {TRUSTED_HEADER.decode(): sessions.hashed(session_id)}
        return TestClient(Starlette(routes=ROUTES), headers=header)

    return open_as


def test_the_file_holds_what_the_page_shows(store: Store, team: Team, browser: Browser) -> None:
    with store.writing(team.marta) as tx:
        contacts.create(tx, name="Ana", city="Recife")
        contacts.create(tx, name="Bruno", city="Porto")
    query = {"filter": dump(Rule(field="city", op="is", value="porto")), "q": "b", "sort": "name"}
    answer = browser(team.rui).get("/exports/contacts.csv", params=query)
    assert answer.status_code == 200
    assert "Bruno" in answer.text
    assert "Ana" not in answer.text
    assert answer.headers["content-disposition"] == 'attachment; filename="contacts.csv"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


def test_a_rep_downloads_their_own_contacts_only(store: Store, team: Team, browser: Browser) -> None:
    owner_privacy(store, team)
    with store.writing(team.marta) as tx:
        contacts.create(tx, name="Of Ana", owner_id=team.ids.ana)
        contacts.create(tx, name="Of Bob", owner_id=team.ids.bob)
    content = browser(team.ana).get("/exports/contacts.csv").text
    assert "Of Ana" in content
    assert "Of Bob" not in content


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/exports/contacts.csv?filter={", 422),
        ("/exports/contacts.csv?sort=secret", 422),
        ("/exports/users.csv", 422),
        ("/exports/contacts.exe", 422),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(team: Team, browser: Browser, path: str, status: int) -> None:
    answer = browser(team.ada).get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/plain; charset=utf-8")


def test_a_viewer_and_somebody_without_a_session_get_nothing(team: Team, browser: Browser) -> None:
    assert browser(team.vera).get("/exports/contacts.csv").status_code == 403
    assert browser(None).get("/exports/contacts.csv").status_code == 403


@pytest.mark.parametrize("asked", ["bytes=0-3", "bytes=x", "bytes=99999999999-"])
def test_nothing_of_a_file_stays_behind_whatever_part_is_asked_for(
    store: Store, team: Team, browser: Browser, asked: str
) -> None:
    with store.writing(team.ada) as tx:
        lia = contacts.create(tx, name="Lia")
    for path in ("/exports/contacts.csv", f"/personal-data/{lia.id}.zip"):
        assert browser(team.ada).get(path, headers={"Range": asked}).status_code in (206, 400, 416)
    assert list((store.folder / "outgoing").iterdir()) == []
