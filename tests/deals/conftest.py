"""A pipeline of three open stages, and a few deals in it."""

import pytest

from crm import deals, pipelines
from crm.pipelines import Pipeline
from crm.store import Store
from tests.people import Team


@pytest.fixture
def sales(store: Store, team: Team) -> Pipeline:
    with store.writing(team.marta) as tx:
        return pipelines.create(tx, "Sales", ["Lead", "Talk", "Offer"])


@pytest.fixture
def chairs(store: Store, team: Team, sales: Pipeline) -> deals.Deal:
    """Ana's deal, in Lead."""
    with store.writing(team.ana) as tx:
        return deals.create(tx, title="Chairs", pipeline_id=sales.id, value=1200, currency="BRL")
