"""Rates of closing and moving, and what follows of them, against plain loops."""

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.reports.prediction import hazard
from crm.reports.prediction.hazard import EDGES, Rates, chances
from tests.reports.prediction.histories import LOST, WON, Path, at, known

BANDS = len(EDGES)


def of_one(paths: list[Path], deal: Path, day: float, horizon: int = 92, **more) -> float:
    """The chance of one more deal."""
    return float(chances(known([*paths, deal], day, **more), [horizon]).within[-1])


def walk(rates: Rates, stage: int, age: int, days: int) -> tuple[float, float]:
    """(won, lost) of a deal, each way that it may go followed by itself."""
    if days == 0:
        return 0.0, 0.0
    band = max(place for place, edge in enumerate(EDGES) if edge <= age)
    closing, moving = rates.closing[stage, band], rates.moving[stage, band]
    leaves = 1 - math.exp(-(closing + moving))
    closes = leaves * closing / (closing + moving) if leaves else 0.0
    won, lost = closes * rates.share[stage], closes * (1 - rates.share[stage])
    ways = [(1 - leaves, stage, min(age + 1, int(EDGES[-1])))]
    ways += [((leaves - closes) * part, to, 0) for to, part in enumerate(rates.targets[stage])]
    for weight, to, then in ways:
        if weight:
            after = walk(rates, to, then, days - 1)
            won, lost = won + weight * after[0], lost + weight * after[1]
    return won, lost


@given(seed=st.integers(0, 10_000), age=st.sampled_from([0, 2, 13, 729, 730]))
@settings(max_examples=30, deadline=None)
def test_the_chances_are_those_of_every_way_that_a_deal_may_go(seed: int, age: int) -> None:
    random = np.random.default_rng(seed)
    targets = random.random((2, 2))
    rates = Rates(
        stages={1: 0, 2: 1},
        closing=random.exponential(0.05, (2, BANDS)) * (random.random((2, BANDS)) < 0.8),
        moving=random.exponential(0.1, (2, BANDS)) * (random.random((2, BANDS)) < 0.8),
        share=random.random(2),
        targets=targets / targets.sum(1, keepdims=True),
        owners={},
        months=1,
    )
    won, lost = rates.survey([2, 5])
    for stage in (0, 1):
        for place, days in enumerate((2, 5)):
            found = (won[place, stage, age], lost[place, stage, age])
            assert found == pytest.approx(walk(rates, stage, age, days))


@given(
    st.lists(
        st.tuples(st.floats(0, 90), st.floats(0.01, 90), st.sampled_from([WON, LOST, 2])), min_size=30, max_size=60
    )
)
@settings(max_examples=20, deadline=None)
def test_exposure_is_the_time_that_deals_spent_there_since_the_first_closing(visits: list[tuple]) -> None:
    paths: list[Path] = [[(start, 1), (start + days, end)] for start, days, end in visits]
    closed = [start + days for start, days, end in visits if end != 2 and start + days <= 90]
    now = known([*paths, *[[(0, 1), (5, WON)]] * 20], 90)
    first = min([*closed, 5.0])
    since, until = at(first), now.at
    of_stage = hazard._transitions(now).filter(pl.col("stage_id") == 1)
    overlaps = hazard._overlaps(of_stage, since, until)
    assert (overlaps >= 0).all()
    watched = [
        max(min(90.0, end) - max(first, start), 0.0)
        for start, end in [(start, start + days) for start, days, _ in visits if start <= 90] + [(0.0, 5.0)] * 20
    ]
    assert overlaps.sum(1) == pytest.approx(watched, abs=1e-6)


HALF: list[Path] = [[(start, 1), (start + 10, WON if start % 2 else LOST)] for start in range(80)]
"""Deals that close after 10 days, every other one won."""


def test_what_always_closed_after_ten_days_closes_within_thirty() -> None:
    assert of_one(HALF, [(88, 1)], 90, 30, probabilities={1: 0.5}) == pytest.approx(0.5, abs=0.06)


def test_a_deal_older_than_any_that_ever_closed_is_not_expected_to_be_won() -> None:
    stale: list[Path] = [[(0, 1)]] * 25
    assert of_one([*HALF, *stale], [(0, 1)], 90) < 0.01


def test_where_nothing_was_watched_so_long_nothing_is_expected() -> None:
    """Fewer than twenty deals were ever in a stage for a year: no history says that they are won."""
    assert of_one(HALF, [(-400, 1)], 90) == 0


def test_one_month_of_closings_counts_as_much_as_the_probability_set_by_hand() -> None:
    """History of 79 days, 2.6 months, with half of the deals won."""
    cold, warm = (of_one(HALF, [(88, 1)], 90, 30, probabilities={1: chance}) for chance in (0.0, 1.0))
    months = (90 - 10) / hazard.MONTH
    assert (warm - cold) == pytest.approx((warm + cold) / (months + 1), rel=0.1)
    assert warm / (warm + cold) == pytest.approx((0.5 * months + 1) / (months + 1), abs=0.02)


def test_closings_of_before_the_window_count_no_more() -> None:
    """For a year all deals were won after 10 days; in the last 92 days none was, and deals were lost after 150."""
    old: list[Path] = [[(start / 2, 1), (start / 2 + 10, WON)] for start in range(700)]
    recent: list[Path] = [[(370 + start / 2, 1), (520 + start / 2, LOST)] for start in range(240)]
    assert of_one([*old, *recent], [(598, 1)], 600, 92, probabilities={1: 0.5}) < 0.1


def test_the_window_grows_where_it_holds_too_few_closings() -> None:
    at, closings = known(HALF, 90).at, pl.Series([known(HALF, 90).at] * 99)
    assert hazard._window(at, closings, 300, 92) == 300
    assert hazard._window(at, pl.concat([closings, closings]), 300, 92) == 92
    assert hazard._window(at, closings, 60, 92) == 60
    assert hazard._window(at, pl.concat([closings, closings]), 900, 180) == 180


def test_a_deal_is_followed_through_its_stages() -> None:
    """Every deal is won in its second stage, up to 30 days after it moved there: from the first one nothing is won."""
    paths: list[Path] = []
    for number in range(640):
        start, moved = number / 4, number / 4 + 1 + number * 7 % 30
        paths.append([(start, 1), (moved, 2), (moved + 1 + number * 11 % 30, WON)])
    soon, later = (of_one(paths, [(159, 1)], 160, days, probabilities={1: 1.0, 2: 1.0}) for days in (3, 92))
    assert soon < 0.05
    assert later > 0.85


def test_a_deal_moved_to_another_pipeline_is_neither_closed_nor_moved_on() -> None:
    now = known([[(0, 1), (5, 2), (9, WON)]], 20)
    there = now.visits.with_columns(pipeline_id=pl.Series([1, 2, 2]))
    (first, second) = hazard._transitions(type(now)(now.at, now.deals, there, now.stages)).iter_rows(named=True)
    assert (first["result"], first["target"]) == (None, None)
    assert (second["result"], second["target"]) == ("won", None)


def test_owners_whose_deals_close_slowly_are_expected_less() -> None:
    slow: list[Path] = [[(start, 1), (start + 60, WON)] for start in range(40)]
    owners = [1] * len(HALF) + [2] * len(slow)
    quick, late = (
        of_one([*HALF, *slow], [(88, 1)], 90, 30, owners=[*owners, owner], probabilities={1: 0.5}) for owner in (1, 2)
    )
    assert late < 0.9 * quick


def test_a_pipeline_with_fewer_than_twenty_closings_has_no_chances() -> None:
    assert math.isnan(of_one(HALF[:19], [(88, 1)], 90))
    assert not math.isnan(of_one(HALF[:20], [(88, 1)], 90))


def test_chances_grow_with_the_horizon_and_stay_probabilities() -> None:
    now = known([*HALF, [(88, 1)], [(40, 1)], [(89.5, 1)]], 90)
    won = chances(now, [10, 30, 92]).won
    assert (np.diff(won, axis=1) >= 0).all()
    assert ((won >= 0) & (won <= 1)).all()
