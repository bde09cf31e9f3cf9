"""The outlook: expected sums by bucket, and the range where the past allows one."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from crm.reports.prediction import hazard, values
from crm.reports.prediction.known import Known
from crm.reports.prediction.outlook import Outlook, WhyNot, outlook
from crm.reports.prediction.simulation import Spread
from tests.reports.prediction.histories import at
from tests.reports.prediction.test_backtest import history

ZONE = ZoneInfo("UTC")
ENDS = [date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1)]
"""Ahead of day 200, the 20th of July, by 12, 43 and 73 days."""
COVERED = Spread(value=0.3, covered=5, backtests=6)


@pytest.fixture(scope="module")
def known() -> tuple[Known, Known]:
    log = history()
    return log.at(at(200)), log.at(at(200) - timedelta(days=73))


def of(known: tuple[Known, Known], spread: Spread = COVERED) -> Outlook:
    return outlook(*known, ENDS, ZONE, spread)


def test_buckets_sum_up_to_the_whole_which_is_the_sum_of_chance_times_value(known: tuple[Known, Known]) -> None:
    found = of(known)
    assert [(bucket.first, bucket.end) for bucket in found.buckets] == list(
        zip([date(2026, 7, 20), *ENDS[:-1]], ENDS, strict=True)
    )
    assert sum(bucket.expected for bucket in found.buckets) == pytest.approx(found.whole.expected)
    assert sum(bucket.deals for bucket in found.buckets) == pytest.approx(found.whole.deals)
    chances = hazard.chances(known[0], [12, 43, 73]).within
    worth = values.with_values(*known)["expected_value"].to_numpy()
    assert found.whole.expected == pytest.approx(chances @ worth)
    assert found.whole.deals == pytest.approx(np.sum(chances))
    assert (found.open, found.unknown) == (known[0].open_deals().height, 0)


def test_each_bucket_has_its_own_range_around_what_is_expected(known: tuple[Known, Known]) -> None:
    found = of(known)
    for figure in (found.whole, *found.buckets):
        assert figure.p10 < figure.p50 < figure.p90
        assert figure.p10 < figure.expected < figure.p90
    assert found.why_not is None


@pytest.mark.parametrize(
    ("spread", "why_not"),
    [
        (Spread(value=None, covered=3, backtests=3), WhyNot.TOO_FEW_BACKTESTS),
        (Spread(value=None, covered=2, backtests=9), WhyNot.NOT_COVERED),
    ],
)
def test_without_a_past_that_covers_it_no_range_is_drawn_and_it_says_why(
    known: tuple[Known, Known], spread: Spread, why_not: WhyNot
) -> None:
    found = of(known, spread)
    assert found.why_not == why_not
    assert {figure.p10 for figure in (found.whole, *found.buckets)} == {None}
    assert found.whole.expected == of(known).whole.expected


def test_deals_of_a_pipeline_without_closings_enough_are_counted_and_left_out(known: tuple[Known, Known]) -> None:
    now, before = known
    elsewhere = pl.when(pl.col("deal_id") % 50 == 0).then(2).otherwise(1).cast(pl.Int64)
    moved = Known(
        now.at,
        now.deals.with_columns(pipeline_id=elsewhere),
        now.visits.with_columns(pipeline_id=elsewhere),
        now.stages,
    )
    found = outlook(moved, before, ENDS, ZONE, COVERED)
    assert found.unknown == moved.open_deals().filter(pl.col("pipeline_id") == 2).height > 0
    assert 0 < found.whole.expected < of(known).whole.expected * 1.05
