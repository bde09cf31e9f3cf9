"""Health in SQL against the definition in plain Python, over histories made by chance."""

import random
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crm import contacts
from crm.deals import health
from crm.deals.health.penalties import Penalty
from crm.pipelines import Pipeline
from crm.reports.health_evaluation import open_at
from crm.store import Store
from tests.deals.health import oracle, world
from tests.people import Team


def said(rows: list[dict[str, Any]]) -> dict[int, oracle.Verdict]:
    return {
        row["id"]: oracle.Verdict(
            row["score"],
            row["status"],
            row["idle_days"],
            frozenset(one.value for one in Penalty if row[f"at_fault_{one}"]),
        )
        for row in rows
    }


@pytest.mark.parametrize("seed", range(6))
def test_health_now_and_in_the_past_is_what_the_definition_says(
    store: Store, team: Team, sales: Pipeline, seed: int
) -> None:
    chance = random.Random(seed)
    with store.writing(team.ada) as tx:
        contact = contacts.create(tx, name="Caio")
        made = world.histories(chance, sales, tx.now.replace(second=0, microsecond=0), 150)
        world.lay(tx, sales, made, contact.id)
    stages = world.stages(sales)
    with store.reading(team.marta) as tx:
        found = said(tx.rows(health.scored(health.parameters(tx), tx.now, health.OPEN_NOW)))
        known = oracle.usual(made, stages, tx.now)
        verdicts = {one.id: oracle.verdict(one, stages, known, tx.now, tx.today) for one in made}
        assert found == {number: one for number, one in verdicts.items() if one}
        assert len({one.status for one in found.values()}) == 4, "the histories hold every status"

        then = tx.now - timedelta(days=20)
        today = then.astimezone(ZoneInfo(tx.actor.time_zone)).date()
        ground = health.parameters_at(tx, then)
        assert ground.today == today
        found = said(tx.rows(health.scored_in_past(ground, then, open_at(sales.id)), as_of=then))
        known = oracle.usual(made, stages, then)
        verdicts = {one.id: oracle.verdict(one, stages, known, then, today) for one in made}
        assert found == {number: one for number, one in verdicts.items() if one}
