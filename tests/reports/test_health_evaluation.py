"""What the score is worth: AUC over the past, against pairs counted one by one."""

import random
from decimal import Decimal
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from crm import contacts, pipelines
from crm.deals import health
from crm.pipelines import Pipeline
from crm.reports import health_evaluation
from crm.store import Store
from tests.deals.health import oracle, world
from tests.people import Team

ENDS = some.tuples(some.integers(0, 5), some.integers(0, 5))


@given(some.dictionaries(some.integers(0, 100), ENDS, min_size=1, max_size=8))
def test_the_area_is_the_share_of_pairs_in_their_order(tally: dict[int, tuple[int, int]]) -> None:
    won = [score for score, (many, _) in tally.items() for _ in range(many)]
    lost = [score for score, (_, many) in tally.items() for _ in range(many)]
    if won and lost:
        pairs = [1.0 if one > other else 0.5 if one == other else 0.0 for one, other in product(won, lost)]
        assert health_evaluation.area(tally) == pytest.approx(sum(pairs) / len(pairs))


def test_the_past_is_scored_from_what_was_known_by_then(store: Store, team: Team, sales: Pipeline) -> None:
    """Against the definition in plain Python, at each of the six moments."""
    with store.writing(team.ada) as tx:
        contact = contacts.create(tx, name="Caio")
        made = world.histories(random.Random(7), sales, tx.now.replace(second=0, microsecond=0), 300, days=500)
        world.lay(tx, sales, made, contact.id)
    stages = world.stages(sales)
    pairs: dict[int, tuple[int, int]] = {}
    with store.reading(team.marta) as tx:
        for number in range(1, health_evaluation.MOMENTS + 1):
            then = tx.now - number * health_evaluation.APART
            today = then.astimezone(ZoneInfo(tx.actor.time_zone)).date()
            usual = oracle.usual(made, stages, then)
            for one in made:
                verdict = oracle.verdict(one, stages, usual, then, today)
                ends = [
                    stages[arrival.stage_id].kind
                    for arrival in one.arrivals
                    if arrival.at > then and stages[arrival.stage_id].kind != "open"
                ]
                if verdict and ends:
                    won, lost = pairs.get(verdict.score, (0, 0))
                    pairs[verdict.score] = (won + (ends[0] == "won"), lost + (ends[0] == "lost"))
        found = health_evaluation.work_out(tx, sales.id)
    assert (found.won, found.lost) == tuple(sum(side) for side in zip(*pairs.values(), strict=True))
    assert found.auc == pytest.approx(health_evaluation.area(pairs))
    assert found.low < found.auc < found.high


def test_nothing_that_was_known_later_changes_a_score_of_the_past(store: Store, team: Team, sales: Pipeline) -> None:
    """Values and dates of later are drawn anew, deals are said to have closed before, a stage is no longer late."""

    def scores() -> list[tuple[int, int, str]]:
        with store.reading(team.marta) as tx:
            ground = health.parameters_at(tx, then)
            rows = tx.rows(health.scored_in_past(ground, then, health_evaluation.open_at(sales.id)), as_of=then)
            return sorted((row["id"], row["score"], row["status"]) for row in rows)

    with store.writing(team.ada) as tx:
        contact = contacts.create(tx, name="Caio")
        made = world.histories(random.Random(3), sales, tx.now.replace(second=0, microsecond=0), 200, days=300)
        world.lay(tx, sales, made, contact.id)
        then = tx.now - health_evaluation.APART
        tx.run("UPDATE base.stage_versions SET happened_at = $then - INTERVAL 1 DAY", then=then)
    before = scores()
    assert len(before) > 20
    with store.writing(team.marta) as tx:
        pipelines.set_probability(tx, sales.open_stages[2].id, Decimal(10))
        tx.run(
            """
            UPDATE base.deal_versions SET value = id % 3, expected_close = known_at::DATE - 90, owner_id = NULL
            WHERE known_at > $then
            """,
            then=then,
        )
        tx.run("UPDATE base.deals SET manual_value = id % 2, owner_id = NULL, expected_close = NULL")
        tx.run(
            """
            INSERT INTO base.stage_events (
                deal_id, pipeline_id, to_stage_id, happened_at, known_at, by_id, kind, closed_on, currency
            )
            SELECT id, pipeline_id, $won, $then - INTERVAL 1 HOUR, $now, 1, 'won', $then::DATE, 'BRL' FROM base.deals
            """,
            won=sales.won.id,
            then=then,
            now=tx.now,
        )
    assert scores() == before


def test_of_too_few_deals_it_says_so_instead_of_a_figure(store: Store, team: Team, sales: Pipeline) -> None:
    with store.reading(team.marta) as tx:
        found = health_evaluation.work_out(tx, sales.id)
    assert found.auc is None
    assert "it takes 20 of each" in found.why
