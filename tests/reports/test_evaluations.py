"""The worker computes what the health score is worth and stores it; whoever reads it gets what is stored."""

import random
from datetime import timedelta

import pytest

from crm import contacts, deals, pipelines, worker
from crm.deals import health
from crm.foundation import clock
from crm.foundation.access import SYSTEM
from crm.pipelines import Pipeline
from crm.platform import workspace
from crm.reports import evaluations, health_evaluation
from crm.store import Store
from tests.deals.health import world
from tests.people import Team


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The pipelines that were evaluated, in order."""
    found: list[int] = []
    real = evaluations.work_out
    monkeypatch.setattr(evaluations, "work_out", lambda tx, number: found.append(number) or real(tx, number))
    return found


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> list[timedelta]:
    """How much later than it is everything happens."""
    real, spans = clock.now, [timedelta(0)]
    monkeypatch.setattr(clock, "now", lambda: real() + spans[0])
    return spans


def run(store: Store) -> None:
    assert evaluations.run(store, 1) == "done"


def test_nothing_is_computed_until_the_worker_does(
    store: Store, team: Team, sales: Pipeline, computed: list[int]
) -> None:
    with store.reading(team.ana) as tx:
        assert evaluations.of_pipeline(tx, sales.id) is None
    assert computed == []


def test_what_is_stored_is_what_the_worker_has_computed(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ada) as tx:
        made = world.histories(random.Random(7), sales, tx.now.replace(second=0, microsecond=0), 300, days=500)
        world.lay(tx, sales, made, contacts.create(tx, name="Caio").id)
    run(store)
    with store.reading(team.ana) as tx:
        found = evaluations.of_pipeline(tx, sales.id)
        expected = health_evaluation.work_out(tx, sales.id)
    assert found
    assert found.auc == pytest.approx(expected.auc)
    assert (found.won, found.lost, found.why) == (expected.won, expected.lost, expected.why)
    assert found.computed_at < expected.computed_at


def test_privacy_does_not_narrow_it(store: Store, team: Team, sales: Pipeline) -> None:
    """All deals count, those of others too; the figure tells nothing of any of them."""
    with store.writing(team.ada) as tx:
        made = world.histories(random.Random(7), sales, tx.now.replace(second=0, microsecond=0), 300, days=500)
        world.lay(tx, sales, made, contacts.create(tx, name="Caio").id)
        workspace.change(tx, owner_privacy=True)
    run(store)
    with store.reading(team.bob) as tx:
        assert tx.value("SELECT count(*) FROM deals WHERE owner_id IS DISTINCT FROM $me", me=tx.actor.id) == 0
        found = evaluations.of_pipeline(tx, sales.id)
    with store.reading(SYSTEM) as tx:
        assert found == evaluations.of_pipeline(tx, sales.id)


def test_it_is_computed_anew_when_it_is_stale_and_only_then(
    store: Store, team: Team, sales: Pipeline, computed: list[int], later: list[timedelta]
) -> None:
    with store.writing(team.marta) as tx:
        other = pipelines.create(tx, "Partners", ["Lead"])
    run(store)
    assert computed == [sales.id, other.id]
    run(store)
    assert len(computed) == 2
    with store.writing(team.marta) as tx:
        health.set_weights(tx, sales.id, {"idle": 50})
    run(store)
    assert computed[2:] == [sales.id]
    with store.writing(team.marta) as tx:
        pipelines.set_limit(tx, sales.open_stages[0].id, 3)
    run(store)
    assert computed[3:] == [sales.id]
    with store.writing(team.ana) as tx:
        deals.win(tx, deals.create(tx, title="Chairs", pipeline_id=other.id).id)
    run(store)
    assert computed[4:] == [other.id]
    later[0] = timedelta(days=1)
    run(store)
    assert computed[5:] == [sales.id, other.id]


def test_weights_that_change_queue_it_at_once_and_the_hourly_one_stays_single(
    store: Store, team: Team, sales: Pipeline, computed: list[int]
) -> None:
    with store.writing(SYSTEM) as tx:
        evaluations.schedule(tx)
        evaluations.schedule(tx)
    assert not worker.work_one(store), "the first one waits a little after the start"
    with store.writing(team.marta) as tx:
        health.set_weights(tx, sales.id, {"idle": 50})
    assert worker.work_one(store)
    assert computed == [sales.id]
    assert not worker.work_one(store)
    assert queued(store) == 1


def test_a_failed_evaluation_is_tried_again(store: Store) -> None:
    evaluations.on_failure(store, 1, "The disk is full")
    assert queued(store) == 1


def queued(store: Store) -> int:
    with store.reading(SYSTEM) as tx:
        sql = "SELECT count(*) FROM base.jobs WHERE kind = $kind AND state = 'queued'"
        return int(tx.value(sql, kind=evaluations.JOB))
