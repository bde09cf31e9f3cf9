"""Stages over time: each change of a name, place or chance, each new and each removed stage is a version."""

from decimal import Decimal

import pytest

from crm import deals, pipelines
from crm.foundation.access import SYSTEM
from crm.pipelines import Pipeline
from crm.store import Store
from crm.verify import verify
from tests.people import Team


@pytest.fixture
def sales(store: Store, team: Team) -> Pipeline:
    with store.writing(team.marta) as tx:
        return pipelines.create(tx, "Sales", ["Lead", "Talk"])


def told(store: Store, name: str) -> list[tuple[object, ...]]:
    with store.reading(SYSTEM) as tx:
        rows = tx.rows(
            """
            SELECT name, position, probability::INTEGER AS chance, removed
            FROM stage_versions
            WHERE stage_id IN (SELECT stage_id FROM stage_versions WHERE name = $name)
            ORDER BY id
            """,
            name=name,
        )
    return [tuple(row.values()) for row in rows]


def test_every_change_of_a_stage_is_a_version_and_another_colour_is_none(
    store: Store, team: Team, sales: Pipeline
) -> None:
    lead, talk = sales.open_stages
    with store.writing(team.marta) as tx:
        pipelines.rename_stage(tx, lead.id, "First")
        pipelines.set_probability(tx, lead.id, Decimal(10))
        pipelines.recolour_stage(tx, lead.id, "#000000")
        pipelines.reorder_stages(tx, sales.id, [talk.id, lead.id])
        deals.remove_stage(tx, lead.id)
    assert told(store, "First") == [
        ("Lead", 1, 33, False),
        ("First", 1, 33, False),
        ("First", 1, 10, False),
        ("First", 2, 10, False),
        ("First", 2, 10, True),
    ]
    assert verify(store) == []


def test_a_stage_put_between_moves_the_ends(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.marta) as tx:
        pipelines.add_stage(tx, sales.id, "Offer")
    assert told(store, "Offer") == [("Offer", 3, 67, False)]
    assert told(store, "Won") == [("Won", 3, 100, False), ("Won", 4, 100, False)]
    assert verify(store) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE base.stages SET name = 'Other' WHERE name = 'Lead'",
        "DELETE FROM base.stage_versions WHERE name = 'Lead'",
    ],
)
def test_verify_misses_a_version_that_was_not_noted(store: Store, sales: Pipeline, change: str) -> None:
    with store.writing(SYSTEM) as tx:
        tx.run(change)
    number = sales.open_stages[0].id
    assert verify(store) == [f"1 × a stage that is another than its last version says, such as number {number}."]
