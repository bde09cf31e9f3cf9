"""A deal of Ana's with a list of three items."""

import pytest

from crm import deals, pipelines
from crm.deals import Deal
from crm.records import checklists
from crm.records.checklists import Checklist
from crm.store import Store
from tests.people import Team


@pytest.fixture
def chairs(store: Store, team: Team) -> Deal:
    with store.writing(team.marta) as tx:
        sales = pipelines.create(tx, "Sales", ["Lead"])
    with store.writing(team.ana) as tx:
        return deals.create(tx, title="Chairs", pipeline_id=sales.id)


@pytest.fixture
def offer(store: Store, team: Team, chairs: Deal) -> Checklist:
    with store.writing(team.ana) as tx:
        made = checklists.add(tx, chairs.id, "Offer")
        for text in ("Measure", "Draw", "Send"):
            checklists.add_item(tx, made.id, text)
        return checklists.get(tx, made.id)
