"""Ranges of simulated sums: near brute force, the same each time, and as wide as the past asks for."""

import resource
import time

import numpy as np
import pytest

from crm.reports.prediction import simulation
from crm.reports.prediction.simulation import GRID, NODES, WEIGHTS, Portfolio, shifted, simulate, tune


def portfolio(deals: int, seed: int = 1, buckets: int = 3, variation: float = 0.05) -> Portfolio:
    random = np.random.default_rng(seed)
    chances = np.sort(random.beta(1, 3, (deals, buckets)), axis=1)
    return Portfolio(chances, np.exp(random.normal(8, 1, deals)), np.full(deals, variation))


def brute_force(chances: np.ndarray, values: np.ndarray, spread: float, centre: float, draws: int) -> np.ndarray:
    """Sums of the total and of each bucket, each deal of each draw by itself."""
    random = np.random.default_rng(99)
    sums = np.zeros((draws, chances.shape[1] + 1))
    for draw in range(draws):
        won = shifted(chances[:, -1], centre + spread * random.standard_normal())
        luck, low = random.random(len(values)), np.zeros(len(values))
        for bucket in range(chances.shape[1]):
            high = won * chances[:, bucket] / chances[:, -1]
            sums[draw, bucket] = values[(luck >= low) & (luck < high)].sum()
            low = high
        sums[draw, -1] = values[luck < low].sum()
    return sums


@pytest.mark.parametrize(("deals", "spread"), [(30, 0.5), (400, 0.0), (400, 0.8)])
def test_quantiles_are_those_of_drawing_each_deal(deals: int, spread: float) -> None:
    random = np.random.default_rng(2)
    chances = np.sort(random.beta(1, 3, (deals, 3)), axis=1)
    values = np.exp(random.normal(8, 1.2, deals))
    given = Portfolio(chances, values, np.zeros(deals))
    sums = brute_force(chances, values, spread, given._centre(spread), 8_000)
    found = simulate(given, spread)
    for column, quantiles in enumerate([*found.buckets, found.total]):
        expected = np.quantile(sums[:, column], [0.1, 0.5, 0.9])
        # Of two samples of thousands, a quantile differs by some hundredths of the whole range.
        allowed = 0.05 * (expected[2] - expected[0])
        assert [quantiles.p10, quantiles.p50, quantiles.p90] == pytest.approx(expected, abs=allowed)


def test_the_mean_of_the_draws_is_the_forecast_whatever_the_spread() -> None:
    given = portfolio(300)
    for spread in (0.0, 0.5, 1.5):
        assert given.draw(spread, given.luck(20_000), given.buckets).mean() == pytest.approx(given.forecast, rel=0.02)


def test_the_same_deals_have_the_same_range_in_any_order() -> None:
    random = np.random.default_rng(3)
    chances, values = random.random((200, 1)), random.random(200) * 1000
    mixed = random.permutation(200)
    first = simulate(Portfolio(chances, values, np.zeros(200)), 0.4)
    assert first == simulate(Portfolio(chances[mixed], values[mixed], np.zeros(200)), 0.4)


def test_a_shared_effect_widens_the_range_of_many_deals_and_independent_draws_leave_it_narrow() -> None:
    widths = []
    for spread in (0.0, 0.4):
        total = simulate(portfolio(5_000), spread).total
        widths.append((total.p90 - total.p10) / total.p50)
    assert widths[0] < 0.15
    assert widths[1] > 0.4


def test_values_that_vary_widen_the_range() -> None:
    fixed, varying = (simulate(portfolio(60, variation=size), 0.0).total for size in (0.0, 1.0))
    assert varying.p90 - varying.p10 > 1.1 * (fixed.p90 - fixed.p10)


def test_where_nothing_can_be_won_the_range_is_nothing() -> None:
    assert simulate(Portfolio(np.zeros((0, 1)), np.zeros(0), np.zeros(0)), 0.5).total.p90 == 0
    assert simulate(Portfolio(np.zeros((3, 1)), np.ones(3), np.zeros(3)), 0.5).total.p90 == 0


def test_the_spread_that_made_the_past_is_found_and_covers_four_in_five() -> None:
    random = np.random.default_rng(5)
    made = [(given := portfolio(400, seed), _actual(given, 0.5 * random.standard_normal())) for seed in range(19)]
    tuned = tune(made)
    assert tuned.value == pytest.approx(0.5, abs=0.2)
    assert tuned.covered / tuned.backtests == pytest.approx(0.85, abs=0.05)


def _actual(given: Portfolio, effect: float) -> float:
    """What the deals would come to if luck were even, with this effect on all of them."""
    return float(shifted(given._chances, effect) @ given._values)


def test_a_past_that_no_spread_covers_has_no_range() -> None:
    given = portfolio(400)
    tuned = tune([(given, 0.0)] * 5 + [(given, given.forecast)] * 5)
    assert (tuned.value, tuned.covered, tuned.backtests) == (None, 5, 10)


def test_three_past_forecasts_are_too_few_and_four_are_enough() -> None:
    given = portfolio(100)
    assert tune([(given, given.forecast)] * 3).value is None
    assert tune([(given, given.forecast)] * 4).value is not None


def test_a_hundred_thousand_deals_take_seconds_and_no_matrix_of_draws() -> None:
    given = portfolio(100_000)
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    simulate(given, 0.4)
    assert time.process_time() - started < 20  # 2 on an idle machine
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000  # kB; the matrix would be 8 GB


def test_the_grid_holds_every_effect_that_is_drawn() -> None:
    assert WEIGHTS.sum() == pytest.approx(1)
    assert simulation.SPREADS[-1] * NODES[-1] <= GRID[-1]
