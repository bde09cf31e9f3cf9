"""Probabilities set by hand beside history's."""

import pytest

from crm.reports.closings import wilson
from crm.reports.prediction import calibration
from tests.reports.prediction.histories import LOST, WON, Path, known

PATHS: list[Path] = (
    [[(0, 1), (5, 2), (10, WON)]] * 10 + [[(0, 1), (5, LOST)]] * 25 + [[(0, 1), (5, 2), (9, LOST)]] * 5 + [[(0, 1)]] * 8
)


def test_each_stage_has_what_was_won_of_its_closed_deals_with_the_interval() -> None:
    first, second, third = calibration.of_stages(known(PATHS, 20, probabilities={1: 0.4, 2: 0.6, 3: 0.9}))
    assert (first.won, first.closed, first.undecided, first.share) == (10, 40, 8, 0.25)
    assert (second.won, second.closed, second.undecided, second.share) == (10, 15, 0, pytest.approx(2 / 3))
    assert (first.low, first.high) == wilson(10, 40)
    assert first.lowest == pytest.approx(10 / 48)
    assert (third.closed, third.share, third.low, third.lowest, third.by_hand) == (0, None, None, None, 0.9)


def test_history_contradicts_a_probability_outside_its_interval_from_twenty_closings_on() -> None:
    first, second = calibration.of_stages(known(PATHS, 20, probabilities={1: 0.5, 2: 0.05}))
    assert (first.is_off, second.is_off) == (True, False)
    assert not calibration.of_stages(known(PATHS, 20, probabilities={1: 0.3}))[0].is_off


def test_a_deal_counts_once_and_by_its_last_end() -> None:
    """Lost, reopened, back in the same stage, and won."""
    (first,) = calibration.of_stages(known([[(0, 1), (5, LOST), (8, 1), (10, WON)]], 20))
    assert (first.won, first.closed, first.undecided) == (1, 1, 0)
    (first,) = calibration.of_stages(known([[(0, 1), (5, LOST), (8, 1), (10, WON)]], 9))
    assert (first.won, first.closed, first.undecided) == (0, 0, 1)
