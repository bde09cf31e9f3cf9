"""/search: what the box of Ctrl K is told, for each role."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from crm import companies, contacts
from crm.foundation.access import SYSTEM, Actor, Module
from crm.platform import process, workspace
from crm.platform.people import sessions
from crm.store import Store
from crm.ui.app import search_everywhere
from crm.ui.auth.auth_middleware import TRUSTED_HEADER
from tests.owner_privacy import owner_privacy
from tests.people import Team


def found(store: Store, actor: Actor | None, query: str) -> list[dict[str, str]]:
    process.use(store)
    headers = {}
    if actor is not None:
        with store.writing(SYSTEM) as tx:
            headers = {TRUSTED_HEADER.decode(): sessions.hashed(sessions.begin(tx, actor.id))}
    answer = TestClient(Starlette(routes=search_everywhere.ROUTES), headers=headers).get("/search", params={"q": query})
    if actor is None:
        assert answer.status_code == 403
        return []
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    entries: list[dict[str, str]] = answer.json()["entries"]
    return entries


def titles(store: Store, actor: Actor, query: str) -> list[str]:
    return [entry["title"] for entry in found(store, actor, query)]


@pytest.fixture(autouse=True)
def modules_on(store: Store) -> None:
    with store.writing(SYSTEM) as tx:
        for module in (Module.COMPANIES, Module.CRM):
            workspace.switch(tx, module, True)


def test_nobody_else_is_told_anything(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        contacts.create(tx, name="Silva")
    assert found(store, None, "silva") == []


def test_records_stand_by_type_and_lead_to_their_pages(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        lia = contacts.create(tx, name="Silva Lia")
        company = companies.create(tx, name="Silva")
        rui = contacts.create(tx, name="Rui Silva")
    assert [(entry["group"], entry["address"]) for entry in found(store, team.marta, "silva")] == [
        ("Companies", f"/company?company={company.id}"),
        ("Contacts", f"/contact?contact={lia.id}"),
        ("Contacts", f"/contact?contact={rui.id}"),
    ]


def test_before_anything_is_typed_it_offers_actions_and_pages(store: Store, team: Team) -> None:
    offered = {(entry["title"], entry["address"]) for entry in found(store, team.ada, "")}
    assert {
        ("New contact", "/contacts?new=1"),
        ("New deal", "/pipeline?new=1"),
        ("Import a file", "/imports?new=contacts"),
        ("Settings", "/settings"),
        ("Account", "/account"),
    } <= offered


def test_pages_and_actions_are_offered_by_right(store: Store, team: Team) -> None:
    assert {"Forecast", "Contacts"} <= set(titles(store, team.vera, ""))
    assert not {"New contact", "New deal", "Import a file", "Settings", "Orders"} & set(titles(store, team.vera, ""))
    assert "New deal" in titles(store, team.ana, "new de")
    assert "Settings" not in titles(store, team.ana, "settings")
    assert "Settings" in titles(store, team.ada, "sett")


def test_a_rep_is_told_of_their_own_customers_only(store: Store, team: Team) -> None:
    owner_privacy(store, team)
    with store.writing(team.marta) as tx:
        contacts.create(tx, name="Silva of Ana", owner_id=team.ids.ana)
        contacts.create(tx, name="Silva of Bob", owner_id=team.ids.bob)
    assert titles(store, team.ana, "silva") == ["Silva of Ana"]


def test_a_long_text_is_cut_and_finds_what_it_finds(store: Store, team: Team) -> None:
    assert titles(store, team.ada, "x" * 5000) == []
