"""What was known at a moment, cut from one reading of the log, is what the query of history says."""

import random
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from crm import contacts, deals, pipelines
from crm.deals import history
from crm.foundation.access import SYSTEM
from crm.pipelines import Pipeline
from crm.reports.prediction import backtest, log
from crm.reports.prediction.backtest import Evaluation
from crm.store import Store, Writing
from tests.deals.health import world
from tests.people import Team

FIELDS = ("deal_id", "pipeline_id", "stage_id", "status", "opened_at", "entered_at")


def lay(tx: Writing, sales: Pipeline) -> None:
    made = world.histories(random.Random(3), sales, tx.now.replace(second=0, microsecond=0), 200, days=300)
    world.lay(tx, sales, made, contacts.create(tx, name="Caio").id)


@pytest.mark.parametrize("days", [0, 40, 150, 290, 400])
def test_it_says_of_every_deal_what_history_says(store: Store, team: Team, sales: Pipeline, days: int) -> None:
    with store.writing(team.ada) as tx:
        lay(tx, sales)
    with store.reading(SYSTEM) as tx:
        at = tx.now - timedelta(days=days)
        expected = {state.deal_id: state for state in history.known(tx, at)}
        found = log.read(tx, currency="BRL").at(at)
    rows = {row["deal_id"]: row for row in found.deals.iter_rows(named=True)}
    assert rows.keys() == expected.keys()
    for deal_id, state in expected.items():
        row = rows[deal_id]
        assert [row[name] for name in FIELDS] == [getattr(state, name) for name in FIELDS]
        if state.status == "open":
            own = float(state.value) if state.value is not None and state.currency == "BRL" else None
            assert (row["value"], row["owner_id"]) == (own, state.owner_id)
            assert row["other_currency"] == (state.currency != "BRL")


def test_visits_follow_each_other_and_the_last_one_lasts(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ada) as tx:
        lay(tx, sales)
    with store.reading(SYSTEM) as tx:
        found = log.read(tx, currency="BRL").at(tx.now - timedelta(days=100))
    last = found.visits.filter(found.visits["left"].is_null())
    assert (
        last.select("deal_id", "stage_id")
        .sort("deal_id")
        .equals(found.deals.select("deal_id", "stage_id").sort("deal_id"))
    )
    follows = found.visits["left"].shift(1) == found.visits["entered"]
    same_deal = found.visits["deal_id"] == found.visits["deal_id"].shift(1)
    assert follows.filter(same_deal).all()


def test_a_deal_in_the_bin_counts_until_it_was_put_there(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ana) as tx:
        deal = deals.create(tx, title="Binned", pipeline_id=sales.id)
        before = tx.now
    with store.writing(team.ana) as tx:
        deals.delete(tx, deal.id, version=deal.version)
    with store.reading(SYSTEM) as tx:
        read = log.read(tx, currency="BRL")
        assert read.at(before).deals["deal_id"].to_list() == [deal.id]
        assert read.at(tx.now).deals.height == 0


def test_probabilities_are_those_of_the_moment(store: Store, team: Team, sales: Pipeline) -> None:
    lead = sales.stages[0].id
    with store.reading(SYSTEM) as tx:
        before = tx.now
    with store.writing(team.marta) as tx:
        pipelines.set_probability(tx, lead, Decimal(70))
    with store.reading(SYSTEM) as tx:
        read = log.read(tx, currency="BRL")
        for moment, expected in ((before - timedelta(days=900), 0.25), (before, 0.25), (tx.now, 0.7)):
            stages = read.at(moment).stages
            assert stages.filter(stages["stage_id"] == lead)["probability"].to_list() == [expected]


def test_every_pipeline_and_owner_is_evaluated_and_kept_as_text(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ada) as tx:
        made = world.histories(random.Random(3), sales, tx.now.replace(second=0, microsecond=0), 300, days=200)
        world.lay(tx, sales, made, contacts.create(tx, name="Caio").id)
    with store.reading(team.ada) as tx:
        read = log.read(tx, currency="BRL")
        zone = ZoneInfo(tx.actor.time_zone)
        (found,) = backtest.evaluate(read, tx.now, zone, horizon=30, currency="BRL")
    assert found.pipeline_id == sales.id
    assert found.whole
    assert Evaluation.model_validate_json(found.model_dump_json()) == found
    owners = {owner for owner in read.versions["owner_id"].unique() if owner is not None}
    assert found.owners.keys() <= owners
    assert found.owners
    assert {each.spread for each in found.owners.values()} == {None}
    point = found.whole.points[-1]
    of_owners = [each.points[-1] for each in found.owners.values() if each.points[-1].day == point.day]
    assert sum(each.deals for each in of_owners) <= point.deals
