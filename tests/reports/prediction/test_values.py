"""The value an open deal would be won for: by which rule, and what such values came to."""

import polars as pl
import pytest

from crm.reports.prediction.known import Known
from crm.reports.prediction.values import with_values
from tests.reports.prediction.histories import LOST, WON, Path, known

PATHS: list[Path] = [[(0, 1), (50, WON)], [(0, 1), (50, WON)], [(0, 1), (50, WON)], [(0, 1), (50, LOST)], [(0, 1)]]


def last(now: Known, before: Known | None = None) -> dict[str, object]:
    return with_values(now, before).row(-1, named=True)


def test_a_value_of_its_own_counts() -> None:
    found = last(known(PATHS, 60, values=[10, 20, 600, 9, 77]))
    assert (found["expected_value"], found["basis"], found["variation"]) == (77, "own", 0)


@pytest.mark.parametrize("value", [None, 0.0])
def test_without_one_the_price_of_its_product_counts_else_the_mean_of_won_deals(value: float | None) -> None:
    now = known(PATHS, 60, values=[10, 20, 600, 9, value])
    found = last(now)
    # The median, 20, times what the mean of won deals is to it: a sum is made of means.
    assert (found["expected_value"], found["basis"]) == (pytest.approx(210), "typical")
    assert found["variation"] == pytest.approx((200**2 + 190**2 + 390**2) / 3 / 210**2)
    priced = Known(now.at, now.deals.with_columns(list_price=pl.lit(55.0)), now.visits, now.stages)
    assert (last(priced)["expected_value"], last(priced)["basis"]) == (55, "list_price")


def test_a_deal_in_another_currency_or_before_anything_was_won_counts_with_nothing() -> None:
    assert last(known(PATHS, 40, values=[10, 20, 600, 9, None]))["basis"] == "none"
    now = known(PATHS, 60, values=[10, 20, 600, 9, None])
    foreign = Known(now.at, now.deals.with_columns(other_currency=pl.lit(True)), now.visits, now.stages)
    assert (last(foreign)["expected_value"], last(foreign)["basis"]) == (0, "none")


def test_what_such_values_came_to_counts_against_fifty_deals_won_for_just_that() -> None:
    """Fifty deals of 100 were won for 150 each."""
    paths: list[Path] = [[(0, 1), (50, WON)]] * 50 + [[(0, 1)]]
    before, now = (known(paths, day, values=[value] * 50 + [100]) for day, value in ((40, 100.0), (60, 150.0)))
    found = last(now, before)
    assert found["expected_value"] == pytest.approx(125)
    # In half of the 100 deals: ((150 - 125) / 125)².
    assert found["variation"] == pytest.approx(0.5 * 0.2**2)


def test_the_median_is_raised_to_what_the_deals_without_a_value_come_to() -> None:
    """Won deals had 10 each; two hundred without a value are won for 10 or for 1,000 since."""
    paths: list[Path] = [[(0, 1), (20, WON)]] * 3 + [[(0, 1), (50, WON)]] * 200 + [[(0, 1)]]
    come_to: list[float | None] = [10.0, 10.0, 10.0, *[10.0, 1000.0] * 100, None]
    now = known(paths, 60, values=come_to)
    before = known(paths, 40, values=[*come_to[:3], *[None] * 201])
    found, median = last(now, before), 10.0  # of the 203 won by now, 103 were won for 10
    assert found["expected_value"] == pytest.approx(median * (200 * 50.5 + 50) / 250)
    assert found["variation"] > 0.5
