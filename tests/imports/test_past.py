"""The past that a file tells of: what reports and health make of it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from crm import contacts, deals, pipelines
from crm.deals import health
from crm.foundation import clock
from crm.pipelines import NewStage
from crm.reports import closings, conversion, health_evaluation
from crm.reports.periods import Grain, Period
from tests.imports.conftest import counts

HEADER = "title,stage,value,created,closed\n"
YEAR = Period(first=date(2025, 1, 1), end=date(2026, 1, 1))


def test_stage_times_of_an_imported_past_are_whole_days(store, team, bring, pipeline):
    """From 10 January to 31 March are 80 days, over the day in March on which clocks change elsewhere."""
    rows = "A,won,100,2025-01-10,2025-03-31\nB,lost,40,2025-02-01,2025-02-01\nC,won,100,2025-02-01,2025-02-15\n"
    assert counts(bring(team.marta, "deals", HEADER + rows)) == (3, 0, 0, 0, 0)
    with store.reading(team.marta) as tx:
        funnel = conversion.report(tx, pipeline_id=pipeline.id, period=YEAR)
        closed = closings.report(tx, period=YEAR, grain=Grain.QUARTER)
    time = funnel.steps[0].time
    assert (time.visits, time.median, time.p90) == (3, 14, pytest.approx(14 + 0.8 * 66))
    assert (closed.cycle.mean, closed.cycle.longest) == (47, 80)
    assert (funnel.entered, funnel.won, closed.rate.by_value) == (3, 2, pytest.approx(200 / 240))


def test_health_of_an_imported_past_knows_no_value_that_came_at_the_closing(store, team, bring):
    """Only won deals have a value in the file: known from the start, it would tell how each of them ends."""
    with store.writing(team.ada) as tx:
        sales = pipelines.create(
            tx, "Sales", [NewStage(name="Lead", probability=10), NewStage(name="Offer", probability=80)]
        )
        today = tx.today
    rows = [
        f"{end} {n},{end},{value},{today - timedelta(days=400 + n)},{today - timedelta(days=20 + n)}"
        for n in range(30)
        for end, value in (("won", 1000), ("lost", ""))
    ]
    done = bring(team.marta, "deals", HEADER + "\n".join(rows), constants={"last_open_stage": "Offer"})
    assert counts(done) == (60, 0, 0, 0, 0)
    with store.reading(team.marta) as tx:
        found = health_evaluation.work_out(tx, sales.id)
    assert (found.won, found.lost, found.auc) == (180, 180, 0.5)


@pytest.mark.parametrize(
    ("header", "of_won", "of_lost"),
    [
        ("last_open_stage", "Offer", "Lead"),
        ("contact", "Zoe", ""),
    ],
)
def test_health_of_an_imported_past_knows_nothing_that_only_the_file_told(store, team, bring, header, of_won, of_lost):
    """Where deals stood last, and with whom, a file tells of their end: from the start it would tell how they end."""
    with store.writing(team.ada) as tx:
        sales = pipelines.create(
            tx, "Sales", [NewStage(name="Lead", probability=10), NewStage(name="Offer", probability=80)]
        )
        contacts.create(tx, name="Zoe", identifier="Zoe")
        today = tx.today
    rows = [
        f"{end} {n},{end},Ana,{told},{today - timedelta(days=400 + n)},{today - timedelta(days=20 + n)}"
        for n in range(30)
        for end, told in (("won", of_won), ("lost", of_lost))
    ]
    done = bring(team.marta, "deals", f"title,stage,owner,{header},created,closed\n" + "\n".join(rows))
    assert counts(done) == (60, 0, 0, 0, 0)
    with store.reading(team.marta) as tx:
        found = health_evaluation.work_out(tx, sales.id)
    assert (found.won, found.lost, found.auc) == (180, 180, 0.5)


def test_before_a_file_came_its_open_deals_stood_where_deals_begin(store, team, bring, pipeline, monkeypatch):
    with store.writing(team.marta) as tx:
        contacts.create(tx, name="Zoe", identifier="Zoe")
    bring(team.marta, "deals", "title,stage,contact,created\nParts,Proposal,Zoe,2025-01-10\n")
    with store.reading(team.marta) as tx:
        (before,), (now,) = (deals.known(tx, moment) for moment in (datetime(2025, 2, 1, tzinfo=UTC), clock.now()))
    assert [(one.stage_id, one.has_contact) for one in (before, now)] == [
        (pipeline.open_stages[0].id, False),
        (pipeline.open_stages[1].id, True),
    ]
    assert before.opened_at == now.opened_at == before.entered_at


def test_a_new_order_changes_nothing_of_a_past_that_was_imported_before_it(store, team, bring, pipeline):
    bring(team.marta, "deals", HEADER + "A,won,100,2025-01-10,2025-03-31\nB,Proposal,40,2025-02-01,\n")

    def told():
        with store.reading(team.marta) as tx:
            funnel = conversion.report(tx, pipeline_id=pipeline.id, period=YEAR)
        return [(step.name, step.reached, step.undecided) for step in funnel.steps]

    before = [("Lead", 2, 0), ("Proposal", 2, 1), ("Won", 1, 0)]
    assert told() == before
    with store.writing(team.ada) as tx:
        pipelines.reorder_stages(tx, pipeline.id, [stage.id for stage in reversed(pipeline.open_stages)])
    assert told() == before
    with store.writing(team.ana) as tx:
        deals.create(tx, title="C", pipeline_id=pipeline.id)
    assert told() == before


def test_a_file_that_leaves_out_when_deals_opened_makes_no_limit_of_no_days(store, team, bring, pipeline):
    rows = "".join(f"A{n},won,100,2025-01-{n + 1:02}\n" for n in range(12))
    bring(team.marta, "deals", "title,stage,value,closed\n" + rows)
    with store.writing(team.ana) as tx:
        made = deals.create(tx, title="Chairs", pipeline_id=pipeline.id)
    with store.reading(team.ana) as tx:
        found = health.of(tx, made.id)
    assert (found.status, found.limit_days, found.usual_days) == ("healthy", None, None)
    assert found.reasons[0].detail == "0 days idle; no limit: none is set, and won deals took no time here"


def test_a_deal_that_a_file_closes_is_nobodys_activity(store, team, bring, pipeline):
    with store.writing(team.marta) as tx:
        zoe = contacts.create(tx, name="Zoe", identifier="Zoe")
    bring(team.marta, "deals", "title,stage,contact,created,closed\nParts,won,Zoe,2025-01-10,2025-03-31\n")
    with store.reading(team.marta) as tx:
        assert contacts.last_activity(tx, zoe.id) is None
