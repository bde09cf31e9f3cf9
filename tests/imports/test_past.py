"""The past that a file tells of: what reports and health make of it."""

from datetime import date, timedelta

import pytest

from crm import pipelines
from crm.pipelines import NewStage
from crm.reports import closings, conversion, health_worth
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
        found = health_worth.work_out(tx, sales.id)
    assert (found.won, found.lost, found.auc) == (180, 180, 0.5)
