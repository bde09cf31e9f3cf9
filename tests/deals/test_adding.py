"""Adding many contacts to a pipeline."""

import pytest

from crm import companies, contacts, deals, pipelines
from crm.deals import adding
from crm.foundation.access import SYSTEM, Module
from crm.foundation.errors import Forbidden, Invalid, NotFound
from crm.pipelines import Pipeline
from crm.platform import workspace
from crm.records.listing import ListQuery
from crm.store import Store
from tests.owner_privacy import owner_privacy
from tests.people import Team


@pytest.fixture
def sales(store: Store) -> Pipeline:
    with store.writing(SYSTEM) as tx:
        for module in (Module.COMPANIES, Module.CRM):
            workspace.switch(tx, module, True)
        return pipelines.create(tx, "Sales", ["New", "Offer"])


def test_each_contact_gets_a_deal_with_their_company_and_all_are_taken_out_at_once(
    store: Store, team: Team, sales: Pipeline
) -> None:
    with store.writing(team.ana) as tx:
        aurora = companies.create(tx, name="Aurora")
        contacts.create(tx, name="Lia", company_id=aurora.id)
        contacts.create(tx, email="rui@example.com")
        contacts.create(tx, name="Nobody asked")
        made = deals.add_contacts(tx, ListQuery(ids=(1, 2)), stage_id=sales.open_stages[1].id)
    with store.reading(team.ana) as tx:
        found = {row["title"]: row for row in deals.find(tx, ListQuery()).items}
    assert found.keys() == {"Lia", "rui@example.com"}
    assert (found["Lia"]["contact_id"], found["Lia"]["company_id"], found["Lia"]["owner_id"]) == (
        1, aurora.id, team.ana.id,
    )  # fmt: skip
    assert {row["stage_name"] for row in found.values()} == {"Offer"}
    with store.writing(team.ana) as tx:
        deals.take_out(tx, made)
        assert deals.count(tx, ListQuery()) == 0
        assert deals.restore(tx, made[0]).stage_name == "Offer"


def test_what_cannot_be_is_refused(store: Store, team: Team, sales: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    first = sales.open_stages[0].id
    with store.writing(team.marta) as tx:
        contacts.create(tx, name="Lia", owner_id=team.bob.id)
        contacts.create(tx, name="Rui", owner_id=team.bob.id)
    with store.writing(team.marta) as tx, pytest.raises(NotFound):
        deals.add_contacts(tx, ListQuery(), stage_id=999)
    with store.writing(team.marta) as tx, pytest.raises(Invalid, match="no stage for open deals"):
        deals.add_contacts(tx, ListQuery(), stage_id=sales.stages[-1].id)
    with store.writing(team.vera) as tx, pytest.raises(Forbidden):
        deals.add_contacts(tx, ListQuery(), stage_id=first)
    monkeypatch.setattr(adding, "MOST", 1)
    with store.writing(team.marta) as tx, pytest.raises(Invalid, match="At most 1"):
        deals.add_contacts(tx, ListQuery(), stage_id=first)
    owner_privacy(store, team)
    with store.writing(team.ana) as tx, pytest.raises(Invalid, match="yours to see"):
        deals.add_contacts(tx, ListQuery(ids=(1, 2)), stage_id=first)
