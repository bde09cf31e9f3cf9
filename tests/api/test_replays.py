"""An answer that was kept is no way around a wall that came after it."""

import pytest

from crm import companies, contacts
from crm.deals import Deal
from crm.foundation.access import SYSTEM, Module, Role
from crm.platform import workspace
from crm.platform.people import teams, users
from crm.platform.people.tokens import Scope
from crm.store import Store
from tests.api.conftest import Clients
from tests.people import Team

KEY = {"Idempotency-Key": "4f7c"}


def test_a_token_without_the_scope_gets_no_kept_answer(client: Clients, team: Team) -> None:
    made = client(team.ana).post("/contacts", json={"name": "Lia"}, headers=KEY)
    assert made.status_code == 201
    refused = client(team.ana, Scope.READ).post("/contacts", json={"name": "Lia"}, headers=KEY)
    assert refused.status_code == 403
    assert "Lia" not in refused.text


def test_a_smaller_role_gets_no_kept_answer(store: Store, client: Clients, team: Team) -> None:
    marta = client(team.marta)
    assert marta.post("/contacts", json={"name": "Lia"}, headers=KEY).status_code == 201
    with store.writing(team.ada) as tx:
        users.change(tx, team.ids.marta, role=Role.VIEWER)
    refused = marta.post("/contacts", json={"name": "Lia"}, headers=KEY)
    assert (refused.status_code, "Lia" in refused.text) == (403, False)


def test_a_record_that_went_to_somebody_else_since_is_not_told_of(
    store: Store, client: Clients, team: Team, private: None
) -> None:
    ana = client(team.ana)
    made = ana.post("/contacts", json={"name": "Lia", "email": "lia@example.com"}, headers=KEY).json()
    with store.writing(team.marta) as tx:
        contacts.edit(tx, made["id"], owner_id=team.ids.bob)
    refused = ana.post("/contacts", json={"name": "Lia", "email": "lia@example.com"}, headers=KEY)
    assert (refused.status_code, "lia@example.com" in refused.text) == (404, False)
    with store.reading(SYSTEM) as tx:
        assert tx.value("SELECT count(*) FROM contacts") == 1


def test_who_left_the_team_is_not_told_of_its_records(
    store: Store, client: Clients, team: Team, chairs: Deal, private: None
) -> None:
    with store.writing(team.ada) as tx:
        north = teams.change(tx, teams.create(tx, "North").id, member_ids=[team.ids.bob])
    with store.writing(team.marta) as tx:
        tx.run("UPDATE base.deals SET team_id = $team WHERE id = $id", team=north.id, id=chairs.id)
    bob = client(team.bob)
    assert bob.patch(f"/deals/{chairs.id}", json={"title": "Red"}, headers=KEY).status_code == 200
    with store.writing(team.ada) as tx:
        teams.change(tx, north.id, member_ids=[])
    assert bob.patch(f"/deals/{chairs.id}", json={"title": "Red"}, headers=KEY).status_code == 404


def test_a_record_that_the_answer_points_to_must_be_seen_still(
    store: Store, client: Clients, team: Team, chairs: Deal, private: None
) -> None:
    with store.writing(team.ana) as tx:
        lia = contacts.create(tx, name="Lia")
    ana = client(team.ana)
    assert ana.patch(f"/deals/{chairs.id}", json={"contact_id": lia.id}, headers=KEY).json()["contact_name"] == "Lia"
    with store.writing(team.marta) as tx:
        contacts.edit(tx, lia.id, owner_id=team.ids.bob)
    refused = ana.patch(f"/deals/{chairs.id}", json={"contact_id": lia.id}, headers=KEY)
    assert (refused.status_code, "Lia" in refused.text) == (404, False)


def test_a_module_that_was_switched_off_since_answers_nothing(store: Store, client: Clients, team: Team) -> None:
    with store.writing(team.ana) as tx:
        acme = companies.create(tx, name="Acme")
    ana = client(team.ana)
    lia = ana.post("/contacts", json={"name": "Lia", "company_id": acme.id}).json()
    sent = {"city": "Recife"}
    assert ana.patch(f"/contacts/{lia['id']}", json=sent, headers=KEY).json()["company_name"] == "Acme"
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.COMPANIES, False)
    refused = ana.patch(f"/contacts/{lia['id']}", json=sent, headers=KEY)
    assert (refused.status_code, "Acme" in refused.text) == (404, False)


@pytest.mark.usefixtures("private")
def test_a_record_that_one_gave_away_is_answered_again_as_it_was(client: Clients, team: Team) -> None:
    ana = client(team.ana)
    lia = ana.post("/contacts", json={"name": "Lia"}).json()
    gives = [ana.patch(f"/contacts/{lia['id']}", json={"owner_id": team.ids.bob}, headers=KEY) for _ in range(2)]
    assert [given.status_code for given in gives] == [200, 200]
    assert gives[1].headers["Idempotency-Replayed"] == "true"


def test_a_record_in_the_bin_is_still_told_of(client: Clients, team: Team) -> None:
    ana = client(team.ana)
    lia = ana.post("/contacts", json={"name": "Lia"}, headers=KEY).json()
    ana.delete(f"/contacts/{lia['id']}")
    again = ana.post("/contacts", json={"name": "Lia"}, headers=KEY)
    assert (again.status_code, again.json()) == (201, lia)


def test_an_answer_from_before_the_update_is_neither_given_nor_done_again(
    store: Store, client: Clients, team: Team
) -> None:
    ana = client(team.ana)
    ana.post("/contacts", json={"name": "Lia"}, headers=KEY)
    with store.writing(SYSTEM) as tx:
        tx.run("UPDATE base.idempotency_keys SET guard = NULL")
    assert ana.post("/contacts", json={"name": "Lia"}, headers=KEY).status_code == 422
    assert ana.get("/contacts").json()["total"] == 1
