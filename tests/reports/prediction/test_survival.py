"""Survival curves against a slow oracle in exact fractions, and against figures of the literature."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.reports.prediction.survival import (
    End,
    aalen_johansen,
    kaplan_meier_median,
    shrunk,
    stage_medians,
    win_chances,
)
from tests.reports.prediction.histories import LOST, WON, Path, known

observations = st.lists(
    st.tuples(st.integers(0, 12), st.sampled_from([End.CENSORED, End.WON, End.LOST])), min_size=1, max_size=40
)


def curve_of(observed: list[tuple[int, End]], fewest: int = 1):
    days, ends = zip(*observed, strict=True)
    return aalen_johansen(np.array(days, float), np.array(ends, np.int8), fewest=fewest)


def oracle(observed: list[tuple[int, End]], upto: int) -> tuple[Fraction, Fraction, Fraction]:
    """(CIF won, CIF lost, S) at a time, day by day over everybody still there."""
    still, won, lost = Fraction(1), Fraction(0), Fraction(0)
    for day in range(upto + 1):
        there = sum(length >= day for length, _ in observed)
        if there:
            of_won, of_lost = (Fraction(sum(o == (day, end) for o in observed), there) for end in (End.WON, End.LOST))
            won, lost, still = won + still * of_won, lost + still * of_lost, still * (1 - of_won - of_lost)
    return won, lost, still


@given(observed=observations, age=st.integers(0, 14), horizon=st.integers(0, 14))
@settings(max_examples=200, deadline=None)
def test_curves_and_chances_are_the_oracles(observed: list[tuple[int, End]], age: int, horizon: int) -> None:
    curve = curve_of(observed)
    place = int(np.searchsorted(curve.times, age, side="right"))
    found = (curve.won[place - 1], curve.lost[place - 1], curve.open[place - 1]) if place else (0, 0, 1)
    then, later = oracle(observed, age), oracle(observed, age + horizon)
    assert found == pytest.approx([float(part) for part in then])
    expected = float((later[0] - then[0]) / then[2]) if then[2] else 0.0
    assert curve.chance(np.array([float(age)]), horizon)[0] == pytest.approx(expected, abs=1e-9)


@given(observed=observations)
@settings(max_examples=100, deadline=None)
def test_both_ends_and_those_still_open_are_everybody(observed: list[tuple[int, End]]) -> None:
    curve = curve_of(observed)
    assert curve.won + curve.lost + curve.open == pytest.approx(np.ones(len(curve.times)))
    assert (np.diff(curve.open) <= 1e-12).all()
    assert (np.diff(curve.won) >= 0).all()


def test_where_nothing_ended_nothing_is_expected() -> None:
    curve = curve_of([(day, End.CENSORED) for day in range(50)])
    assert curve.chance(np.array([0.0, 10.0, 99.0]), 92).tolist() == [0.0, 0.0, 0.0]


def test_a_censored_deal_counts_as_long_as_it_was_watched() -> None:
    """Of four: one won after 1 day, one not watched beyond day 2, one won after 3, one lost after 4. Its watched time
    is in the first share (1 of 4) and not in the second (1 of 2 that remain)."""
    curve = curve_of([(1, End.WON), (2, End.CENSORED), (3, End.WON), (4, End.LOST)])
    assert curve.won.tolist() == pytest.approx([1 / 4, 1 / 4 + 3 / 4 / 2, 1 / 4 + 3 / 4 / 2])
    assert curve.chance(np.array([2.0]), 10)[0] == pytest.approx(1 / 2)


def test_the_curve_stops_where_fewer_than_twenty_are_at_risk() -> None:
    curve = curve_of([(1, End.WON)] * 10 + [(2, End.WON)] * 11 + [(3, End.WON)] * 19, fewest=20)
    assert curve.times.tolist() == [1.0, 2.0]
    assert curve.chance(np.array([2.0]), 92)[0] == 0


def test_the_remission_times_of_the_literature_give_its_estimates() -> None:
    """6-MP against leukaemia, Freireich et al. (1963): S(6) = 0.857, S(13) = 0.690, S(23) = 0.448, median 23 weeks."""
    ended = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    goes_on = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    curve = curve_of([(week, End.WON) for week in ended] + [(week, End.CENSORED) for week in goes_on])
    read = dict(zip(curve.times, curve.open, strict=True))
    assert [round(read[week], 3) for week in (6, 13, 23)] == [0.857, 0.690, 0.448]
    weeks, completed = np.array(ended + goes_on, float), np.array([True] * 9 + [False] * 12)
    assert kaplan_meier_median(weeks, completed) == 23


def test_a_median_that_was_not_reached_is_none_and_completed_visits_alone_would_be_short() -> None:
    weeks = np.array([1.0, 2.0, 9.0, 9.0, 9.0])
    assert kaplan_meier_median(weeks, np.array([True, True, False, False, False])) is None
    assert kaplan_meier_median(weeks[:2], np.array([True, True])) == 1


def test_small_groups_count_against_fifty_of_the_whole() -> None:
    assert shrunk(np.array([1.0]), np.array([0.2]), 50).tolist() == pytest.approx([0.6])
    assert shrunk(np.array([1.0]), np.array([0.2]), 0).tolist() == pytest.approx([0.2])


def test_visits_that_last_are_in_the_median_of_their_stage() -> None:
    paths: list[Path] = [[(0, 1), (2, 2)], [(0, 1), (4, WON)], [(0, 1)], [(0, 1), (6, LOST)], [(0, 1)]]
    assert stage_medians(known(paths, day=20)) == {1: 6.0, 2: None}


def test_chances_follow_the_deal_beyond_its_stage_and_shrink_to_the_pipeline() -> None:
    """From stage 1 half of the deals are won 10 days after they entered it, by way of stage 2; half are lost."""
    paths: list[Path] = [[(0, 1), (5, 2), (10, WON)], [(0, 1), (10, LOST)]] * 50
    now = known([*paths, [(95, 1)], [(50, 1)]], day=100)
    young, old = win_chances(now, 30)
    # 102 deals entered stage 1, and all of them are the pipeline's.
    assert young == pytest.approx(0.5, abs=0.01)
    assert old == 0


def test_a_deal_that_was_moved_to_another_pipeline_is_censored_there() -> None:
    paths: list[Path] = [[(0, 1), (10, WON)]] * 30 + [[(0, 1), (5, 2), (10, LOST)]] * 30 + [[(8, 1)]]
    now = known(paths, day=10)
    elsewhere = now.visits["stage_id"] == 2
    moved = now.visits.with_columns(pipeline_id=now.visits["pipeline_id"] + elsewhere.cast(int))
    assert win_chances(now, 30)[0] == pytest.approx(0.5, abs=0.02)
    there = type(now)(now.at, now.deals, moved, now.stages)
    assert win_chances(there, 30)[0] == pytest.approx(1.0, abs=0.02)
