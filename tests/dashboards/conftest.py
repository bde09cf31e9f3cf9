"""A pipeline with deals of Ana and Bob."""

from datetime import timedelta

import pytest

from crm import deals, pipelines
from crm.pipelines import Pipeline
from crm.store import Store
from tests.people import Team


@pytest.fixture
def sales(store: Store, team: Team) -> Pipeline:
    return with_deals(store, team)


def with_deals(store: Store, team: Team) -> Pipeline:
    """Ana: one deal of 1,000 undated, one of 2,000 overdue, one of 4,000 due today, one won at 8,000, one of 500 lost;
    Bob: one of 16,000 undated, one won at 300."""
    with store.writing(team.marta) as tx:
        made = pipelines.create(tx, "Sales", ["Lead", "Talk"])

    with store.writing(team.ana) as tx:

        def make(title: str, value: int, **fields: object) -> int:
            return deals.create(tx, title=title, pipeline_id=made.id, value=value, **fields).id  # type: ignore[arg-type]

        make("Undated", 1000)
        make("Overdue", 2000, expected_close=tx.today - timedelta(days=1))
        make("Today", 4000, expected_close=tx.today)
        deals.win(tx, make("Won", 8000))
        deals.lose(tx, make("Lost", 500), note="Too dear")
        make("Bob's", 16000, owner_id=team.ids.bob)
        deals.win(tx, make("Bob's win", 300, owner_id=team.ids.bob))
    return made
