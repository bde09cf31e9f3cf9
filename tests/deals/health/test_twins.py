"""The score in Python, in SQL over the kept columns, and in SQL over history agree on every deal and every part."""

import random
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm import contacts, pipelines
from crm.deals import health
from crm.deals.health import Penalty, Scored
from crm.pipelines import Pipeline
from crm.store import Row, Store, Writing
from tests.deals.health import world
from tests.people import Team

TABLES = ("deals", "stage_events", "deal_versions", "notes", "attachments", "checklist_items")


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 10**6),
    limits=st.lists(st.sampled_from([None, 1, 6, 40]), min_size=4, max_size=4),
    weights=st.dictionaries(st.sampled_from(list(Penalty)), st.integers(0, 100)),
    later=st.timedeltas(timedelta(0), timedelta(hours=20)),
)
def test_the_three_agree(
    store: Store,
    team: Team,
    sales: Pipeline,
    seed: int,
    limits: list[int | None],
    weights: dict[Penalty, int],
    later: timedelta,
) -> None:
    with store.writing(team.ada) as tx:
        _empty(tx)
        for stage, limit in zip(sales.open_stages, limits, strict=True):
            pipelines.set_limit(tx, stage.id, limit)
        health.set_weights(tx, sales.id, dict.fromkeys(Penalty, 15) | weights)
        made = world.histories(random.Random(seed), sales, tx.now.replace(second=0, microsecond=0), 120)
        world.lay(tx, sales, made, contacts.create(tx, name="Caio").id)
    with store.reading(team.marta) as tx:
        known, at = health.parameters(tx), tx.now + later
        in_python = {deal.id: health.score(deal, known, at) for deal in health.deal_facts(tx, _ids(tx.rows(OPEN)))}
        of_columns = {row["id"]: _scored(row) for row in tx.rows(health.scored(known, at, health.OPEN_NOW))}
        of_history = {row["id"]: _scored(row) for row in tx.rows(health.scored_in_past(known, at, health.OPEN_NOW))}
    assert len(in_python) > 20
    assert in_python == of_columns == of_history


def test_one_deal_is_read_as_among_many(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ada) as tx:
        made = world.histories(random.Random(5), sales, tx.now.replace(second=0, microsecond=0), 60)
        world.lay(tx, sales, made, contacts.create(tx, name="Caio").id)
    with store.reading(team.marta) as tx:
        among = health.deal_facts(tx, _ids(tx.rows("SELECT id FROM deals ORDER BY id")))
        assert len(among) > 10
        assert sorted(among) == sorted(one for deal in among for one in health.deal_facts(tx, (deal.id,)))


OPEN = "SELECT id FROM deals WHERE status = 'open' ORDER BY id"


def _ids(rows: list[Row]) -> tuple[int, ...]:
    return tuple(row["id"] for row in rows)


def _scored(row: Row) -> Scored:
    return Scored(
        score=row["score"],
        status=row["status"],
        idle=row["idle"],
        in_stage=row["in_stage"],
        touched=row["touched"],
        next_due=row["next_due"],
        planned=row["planned"],
        faults=tuple(penalty for penalty in Penalty if row[f"at_fault_{penalty}"]),
    )


def _empty(tx: Writing) -> None:
    for table in TABLES:
        tx.run(f"DELETE FROM base.{table}")
