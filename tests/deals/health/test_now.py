"""Health is worked out once for everything that one look asks of it, and never from what an earlier look laid."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from crm import deals, pipelines
from crm.deals import Deal, activity
from crm.deals.health.usual import usual
from crm.foundation.access import SYSTEM
from crm.pipelines import Pipeline
from crm.records import filtering
from crm.records.filters import All, Rule
from crm.records.listing import ListQuery
from crm.store import Reading, Store
from tests.people import Team

STALLED = Rule(field="health", op="is", value="stalled")


@pytest.fixture
def chairs(store: Store, team: Team, sales: Pipeline) -> Deal:
    """Ana's, left alone for thirty days where ten are the limit."""
    with store.writing(team.marta) as tx:
        pipelines.set_limit(tx, sales.open_stages[0].id, 10)
    with store.writing(team.ana) as tx:
        made = deals.create(tx, title="Chairs", pipeline_id=sales.id, value=10)
    with store.writing(SYSTEM) as tx:
        for table in ("stage_events", "deal_versions"):
            tx.run(f"UPDATE base.{table} SET happened_at = happened_at - $span", span=timedelta(days=30))
        activity.refill(tx)
        tx.run("UPDATE base.deals SET created_at = created_at - $span", span=timedelta(days=30))
    return made


@pytest.fixture
def scorings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How often a statement scores deals, once for each time that it does."""
    run, seen = Reading._execute, []

    def watched(self: Reading, sql: str, params: Mapping[str, object]) -> None:
        seen.extend(["scored"] * sql.count("stage_ground("))
        run(self, sql, params)

    monkeypatch.setattr(Reading, "_execute", watched)
    return seen


def test_filter_sort_and_totals_of_a_look_score_the_deals_once(
    store: Store, team: Team, chairs: Deal, scorings: list[str]
) -> None:
    asked = ListQuery(All(of=(STALLED, Rule(field="idle_days", op="at_least", value=30))), sort="-health")
    with store.reading(team.ana) as tx:
        assert [row["id"] for row in deals.find(tx, asked).items] == [chairs.id]
        assert sum(one.count for one in deals.totals(tx, asked)) == 1
    assert len(scorings) == 1


def test_the_next_look_scores_them_anew(store: Store, team: Team, chairs: Deal) -> None:
    def stalled() -> int:
        with store.reading(team.ana) as tx:
            return deals.count(tx, ListQuery(STALLED))

    assert stalled() == 1
    with store.writing(team.ana) as tx:
        deals.edit(tx, chairs.id, value=20)
    assert stalled() == 0


def test_a_change_sees_what_it_has_changed_itself(store: Store, team: Team, chairs: Deal) -> None:
    with store.writing(team.ana) as tx:
        assert deals.count(tx, ListQuery(STALLED)) == 1
        deals.edit(tx, chairs.id, value=20)
        assert deals.count(tx, ListQuery(STALLED)) == 0


def test_what_can_be_asked_outlives_the_look_that_told_it(
    store: Store, team: Team, chairs: Deal, scorings: list[str]
) -> None:
    with store.reading(team.ana) as tx:
        known = filtering.fields_of(tx, "deals")
    assert scorings == []
    with store.reading(team.ana) as tx:
        assert filtering.counts(tx, known, [STALLED]) == [1]


def test_what_was_usual_is_worked_out_anew_with_each_deal_won_and_stands_through_moves(
    store: Store, team: Team, sales: Pipeline
) -> None:
    first, second = sales.open_stages[:2]

    def visits() -> dict[int, int]:
        with store.reading(team.ana) as tx:
            return {stage_id: one.visits for stage_id, one in usual(tx).items()}

    assert visits() == {}
    with store.writing(team.ana) as tx:
        deals.win(tx, deals.create(tx, title="Desks", pipeline_id=sales.id).id)
    assert visits() == {first.id: 1}
    with store.writing(team.ana) as tx:
        moved = deals.move(tx, deals.create(tx, title="Lamps", pipeline_id=sales.id).id, to_stage=second.id)
    assert visits() == {first.id: 1}
    with store.writing(team.ana) as tx:
        deals.win(tx, moved.id)
    assert visits() == {first.id: 2, second.id: 1}
    with store.writing(team.ana) as tx:
        deals.reopen(tx, moved.id)
    assert visits() == {first.id: 1}
