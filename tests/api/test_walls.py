"""What owner-based privacy leaves to each role: who changes a company that they see, and what viewers see."""

import pytest

from crm import companies, contacts, deals
from crm.companies import Company
from crm.deals import Deal
from crm.exports import table
from crm.foundation.access import SYSTEM
from crm.platform import workspace
from crm.platform.people import teams
from crm.records.listing import ListQuery
from crm.store import Store
from tests.api.conftest import Clients
from tests.people import Team


@pytest.fixture
def acme(store: Store, team: Team, chairs: Deal, private: None) -> Company:
    """Bob's company; Ana's deal is with it."""
    with store.writing(team.bob) as tx:
        acme = companies.create(tx, name="Acme")
    with store.writing(team.marta) as tx:
        deals.edit(tx, chairs.id, company_id=acme.id)
    return acme


@pytest.mark.parametrize(
    ("name", "sees", "changes"),
    [
        ("ada", 200, 200),
        ("marta", 200, 200),
        ("bob", 200, 200),
        ("ana", 200, 403),
        ("rui", 200, 403),
        ("vera", 404, 403),
    ],
)
def test_who_sees_and_who_changes_a_company_of_a_rep(
    store: Store, client: Clients, team: Team, acme: Company, name: str, sees: int, changes: int
) -> None:
    caller = client(getattr(team, name))
    assert caller.get(f"/companies/{acme.id}").status_code == sees
    edited = caller.patch(f"/companies/{acme.id}", json={"name": "Ours"})
    assert edited.status_code == changes
    if changes != 200:
        assert caller.delete(f"/companies/{acme.id}").status_code == changes
        with store.reading(SYSTEM) as tx:
            assert companies.get(tx, acme.id) == acme.model_copy(update={"contact_count": 0})
    if (sees, name) == (200, "ana"):
        assert "its team or a manager" in edited.json()["detail"].lower()


def test_a_company_in_a_change_of_many_by_the_api_stays(client: Clients, team: Team, acme: Company) -> None:
    ana = client(team.ana)
    sent = {"kind": "companies", "action": "delete", "ids": [acme.id]}
    assert ana.post("/bulk-changes", json=sent).status_code in (404, 422)
    assert ana.get(f"/companies/{acme.id}").status_code == 200


@pytest.mark.parametrize("chosen", [False, True])
def test_viewers_see_what_the_workspace_chose_for_them(
    store: Store, client: Clients, team: Team, chairs: Deal, private: None, chosen: bool
) -> None:
    with store.writing(team.ana) as tx:
        lia = contacts.create(tx, name="Lia Souza")
        own = contacts.create(tx, name="Own")
    with store.writing(team.ada) as tx:
        workspace.change(tx, viewers_see_all=chosen)
        north = teams.change(tx, teams.create(tx, "North").id, member_ids=[team.ids.vera])
        contacts.edit(tx, own.id, team_id=north.id)
    vera = client(team.vera)
    assert vera.get(f"/contacts/{lia.id}").status_code == (200 if chosen else 404)
    assert vera.get(f"/deals/{chairs.id}").status_code == (200 if chosen else 404)
    assert vera.get("/contacts").json()["total"] == (2 if chosen else 1)
    assert vera.get("/contacts?search=Souza").json()["total"] == (1 if chosen else 0)
    assert vera.patch(f"/contacts/{own.id}", json={"name": "Mine"}).status_code == 403
    with store.reading(team.vera) as tx:
        assert table(tx, "contacts", ListQuery()).num_rows == (2 if chosen else 1)
        assert contacts.count(tx, ListQuery()) == (2 if chosen else 1)
    assert client(team.bob).get(f"/contacts/{lia.id}").status_code == 404  # the choice is of viewers alone
