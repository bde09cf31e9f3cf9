"""The type-ahead box: what /pick offers to whom, and what a form makes of a pick."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from crm import catalog, companies, contacts, pipelines
from crm.foundation.access import SYSTEM, Actor, Module
from crm.platform import process, workspace
from crm.platform.people import sessions
from crm.records.listing import ListQuery
from crm.store import Store
from crm.ui.auth.auth_middleware import TRUSTED_HEADER
from crm.ui.components.picker import routes
from tests.owner_privacy import owner_privacy
from tests.pages import open_page, pick, tell
from tests.people import Team


@pytest.fixture(autouse=True)
def modules_on(store: Store) -> None:
    with store.writing(SYSTEM) as tx:
        for module in (Module.COMPANIES, Module.CRM, Module.CATALOG):
            workspace.switch(tx, module, True)
        pipelines.create(tx, "Sales", ["New", "Offer"])


def offered(store: Store, actor: Actor, kind: str, query: str = "", **more: str) -> list[tuple[str, str]]:
    process.use(store)
    with store.writing(SYSTEM) as tx:
        headers = {TRUSTED_HEADER.decode(): sessions.hashed(sessions.begin(tx, actor.id))}
    client = TestClient(Starlette(routes=routes.ROUTES), headers=headers)
    answer = client.get("/pick", params={"kind": kind, "q": query, **more})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    return [(match["title"], match["detail"]) for match in answer.json()["matches"]]


def test_it_offers_the_records_of_one_type_by_every_letter_and_before_the_last_changed(
    store: Store, team: Team
) -> None:
    with store.writing(team.marta) as tx:
        aurora = companies.create(tx, name="Aurora", domain="aurora.example.com")
        contacts.create(tx, name="Lia Prado", email="lia@example.com", company_id=aurora.id)
        contacts.create(tx, name="Aurélio")
    assert offered(store, team.marta, "contact", "aure") == [("Aurélio", "")]
    assert offered(store, team.marta, "contact", "l")[0] == ("Lia Prado", "Aurora · lia@example.com")
    assert [title for title, _ in offered(store, team.marta, "contact")] == ["Aurélio", "Lia Prado"]
    assert offered(store, team.marta, "company", "aur") == [("Aurora", "aurora.example.com")]
    assert offered(store, team.marta, "company", "nobody") == []


def test_it_offers_only_what_the_person_may_see(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        contacts.create(tx, name="Lia of Bob", owner_id=team.bob.id)
    owner_privacy(store, team)
    assert offered(store, team.ana, "contact", "lia") == offered(store, team.ana, "contact") == []
    assert len(offered(store, team.bob, "contact", "lia")) == 1
    with store.writing(SYSTEM) as tx:
        workspace.switch(tx, Module.COMPANIES, False)
    assert offered(store, team.marta, "company") == []


def test_nobody_else_is_told_anything(store: Store) -> None:
    process.use(store)
    client = TestClient(Starlette(routes=routes.ROUTES))
    assert client.get("/pick", params={"kind": "contact"}).status_code == 403


def test_a_product_is_offered_with_its_price_in_the_currency_of_the_deal(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        catalog.create(tx, sku="LAMP-1", name="Lamp", prices={"BRL": 199})
    assert offered(store, team.ana, "product", "lam", currency="BRL") == [("Lamp", "LAMP-1 · R$199.00")]
    assert offered(store, team.ana, "product", "", currency="EUR") == [
        ("Lamp", "LAMP-1 · no price in EUR, only in BRL")
    ]


def new_deal(store: Store, actor: Actor) -> AppTest:
    return open_page(store, "pipeline", actor, new="1")


def test_a_contact_that_is_picked_fills_the_company_where_that_is_empty(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        aurora, brisa = companies.create(tx, name="Aurora"), companies.create(tx, name="Brisa")
        lia = contacts.create(tx, name="Lia", company_id=aurora.id)
        rui = contacts.create(tx, name="Rui", company_id=brisa.id)
    page = pick(new_deal(store, team.marta), "new-deal-contact_id", lia.id)
    assert page.session_state["new-deal-company_id"] == aurora.id
    page = pick(page, "new-deal-contact_id", rui.id)
    assert page.session_state["new-deal-contact_id"] == rui.id
    assert page.session_state["new-deal-company_id"] == aurora.id, "it was chosen already"
    page = pick(page, "new-deal-contact_id", None)
    assert page.session_state["new-deal-contact_id"] is None


def test_a_contact_is_made_by_name_or_email_and_picked(store: Store, team: Team) -> None:
    page = tell(new_deal(store, team.ana), "new-deal-contact_id-box", "created", text=" Lia Prado ", turn=1)
    with store.reading(team.ana) as tx:
        (lia,) = contacts.find(tx, ListQuery()).items
    assert (lia["name"], lia["owner_id"]) == ("Lia Prado", team.ana.id)
    assert page.session_state["new-deal-contact_id"] == lia["id"]
    page = tell(page, "new-deal-contact_id-box", "created", text="rui@example.com", turn=2)
    with store.reading(team.ana) as tx:
        (rui,) = contacts.find(tx, ListQuery(search="rui")).items
    assert (rui["name"], rui["email"]) == (None, "rui@example.com")
    assert page.session_state["new-deal-contact_id"] == rui["id"]


def test_one_that_exists_is_not_made_again_and_what_was_picked_stays(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        lia = contacts.create(tx, email="lia@example.com")
        rui = contacts.create(tx, name="Rui")
    page = pick(new_deal(store, team.marta), "new-deal-contact_id", rui.id)
    page = tell(page, "new-deal-contact_id-box", "created", text="LIA@example.com", turn=2)
    assert not page.exception
    assert page.session_state["new-deal-contact_id"] == rui.id
    assert "lia@example.com" in page.session_state["new-deal-contact_id-refused"]
    page = pick(page, "new-deal-contact_id", lia.id)
    assert "new-deal-contact_id-refused" not in page.session_state


def test_what_the_person_does_not_see_is_not_taken(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        hidden = contacts.create(tx, name="Lia of Bob", owner_id=team.bob.id)
    owner_privacy(store, team)
    page = pick(new_deal(store, team.ana), "new-deal-contact_id", hidden.id)
    assert page.session_state["new-deal-contact_id"] is None
    assert "not yours to see" in page.session_state["new-deal-contact_id-refused"]
