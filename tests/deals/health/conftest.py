"""A pipeline of four open stages, of which one has a limit by hand and two are late."""

import pytest

from crm import pipelines
from crm.pipelines import NewStage, Pipeline
from crm.store import Store
from tests.people import Team


@pytest.fixture
def sales(store: Store, team: Team) -> Pipeline:
    stages = [NewStage(name=name, probability=chance) for name, chance in zip("ABCD", (10, 30, 50, 80), strict=True)]
    with store.writing(team.marta) as tx:
        made = pipelines.create(tx, "Sales", stages)
        return pipelines.set_limit(tx, made.open_stages[1].id, 6)
