"""The range around a forecast: simulated sums of what open deals are won for, P10, P50 and P90.

Deals do not end independently: a good quarter is good for all of them. So each draw shares one normal effect on the
logit of every deal's probability (a random intercept, as in McCulloch and Searle 2001, “Generalized, Linear, and Mixed
Models”); independent draws give ranges far too narrow.

No matrix of draws × deals: given the effect, the few deals of the highest value are drawn one by one, and the sum of
all others is normal with its exact mean Σ p v and variance Σ p v² (1 + c) - (p v)², computed on a grid of effects and
interpolated. The error is that of the normal law for a sum of many deals none of which stands out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import ceil

import numpy as np

from crm.reports.prediction.survival import Floats

DRAWS = 10_000
DRAWS_TO_TUNE = 2_000
SEED = 20_170_331
ALONE = 100
"""How many deals are drawn one by one."""
GRID = np.linspace(-12, 12, 121)
"""Effects on the logit."""
NODES = np.linspace(-6, 6, 121)
"""Standard normal effects, and their weights."""
WEIGHTS = np.exp(-(NODES**2) / 2) / np.exp(-(NODES**2) / 2).sum()

QUANTILES = (0.1, 0.5, 0.9)
COVERAGE = 0.8
SPREADS = np.linspace(0, 2, 81)
"""Those that are tried. Beyond the last one anything may happen: of 50 % it makes 7 % to 93 % within P10 and P90."""


@dataclass(frozen=True)
class Quantiles:
    p10: float
    p50: float
    p90: float


@dataclass(frozen=True)
class Simulated:
    total: Quantiles
    buckets: list[Quantiles]
    """What is won in each bucket alone. Quantiles do not add up to those of the total."""


@dataclass(frozen=True)
class Spread:
    """The spread of the shared effect on the logit; `value` is None where no range is to be drawn."""

    value: float | None
    covered: int
    """How many of the back-tests lie between their P10 and P90 with it, or with the widest one that is tried."""
    backtests: int


class Portfolio:
    """Open deals, each with its probability to be won by the end of each bucket (deals × buckets, ascending in a row),
    its value if won, and the variance of that over its square."""

    def __init__(self, chances: Floats, values: Floats, variations: Floats) -> None:
        counts = (chances[:, -1] > 0) & (values > 0)
        order = np.argsort(-values[counts], kind="stable")
        self.buckets = chances.shape[1]
        self._chances, self._values = chances[counts, -1][order], values[counts][order]
        self._variations = variations[counts][order]
        inside = np.diff(chances[counts][order], axis=1, prepend=0)
        self._parts = inside / self._chances[:, None]

    @property
    def forecast(self) -> float:
        return float(self._chances @ self._values)

    def luck(self, draws: int) -> "Luck":
        """The same for the same deals."""
        random = np.random.default_rng(SEED)
        alone = min(len(self._values), ALONE)
        # Log-normal, of mean 1.
        sigma = np.sqrt(np.log1p(self._variations[:alone]))
        return Luck(
            effect=random.standard_normal(draws),
            rest=random.standard_normal(draws),
            deal=random.random((draws, alone)),
            value=np.exp(sigma * random.standard_normal((draws, alone)) - sigma**2 / 2) * self._values[:alone],
        )

    def draw(self, spread: float, luck: "Luck", column: int) -> Floats:
        """Sums of what is won in one bucket, or within the horizon where `column` is the number of buckets."""
        effect = self._centre(spread) + spread * luck.effect
        means, variances = self._rest
        deviation = np.sqrt(np.maximum(np.interp(effect, GRID, variances[:, column]), 0))
        rest = np.maximum(np.interp(effect, GRID, means[:, column]) + deviation * luck.rest, 0)
        return rest + self._draw_alone(effect, luck, column)

    def _draw_alone(self, effect: Floats, luck: "Luck", column: int) -> Floats:
        parts, total = self._parts[:ALONE], column == self.buckets
        first, last = parts[:, : 0 if total else column].sum(1), parts[:, : column + 1].sum(1)
        chance = shifted(self._chances[:ALONE], effect[:, None])
        won = (luck.deal >= chance * first) & (luck.deal < chance * last)
        sums: Floats = np.einsum("ij,ij->i", won, luck.value)
        return sums

    @cached_property
    def _rest(self) -> tuple[Floats, Floats]:
        """Mean and variance of the sums of all deals but those drawn alone: effects × (buckets and their total)."""
        chances, values = self._chances[ALONE:], self._values[ALONE:]
        parts = np.hstack([self._parts[ALONE:], np.ones((len(chances), 1))])
        each, squares = values[:, None] * parts, (values**2 * (1 + self._variations[ALONE:]))[:, None] * parts
        squared = each**2
        means, variances = np.zeros((len(GRID), parts.shape[1])), np.zeros((len(GRID), parts.shape[1]))
        for place, effect in enumerate(GRID):
            won = shifted(chances, effect)
            means[place], variances[place] = won @ each, won @ squares - won**2 @ squared
        return means, variances

    @cached_property
    def _means(self) -> Floats:
        """Expected totals of all deals, by effect."""
        alone: Floats = self._values[:ALONE] @ shifted(self._chances[:ALONE, None], GRID)
        return self._rest[0][:, -1] + alone

    def _centre(self, spread: float) -> float:
        """The mean of the effect with which the expected total is the forecast: the mean of expit(logit(p) + u) over u
        is not p, but nearer to a half."""
        low, high, forecast = -3.0, 3.0, self.forecast
        for _ in range(30):
            middle = (low + high) / 2
            expected = WEIGHTS @ np.interp(middle + spread * NODES, GRID, self._means)
            low, high = (middle, high) if expected < forecast else (low, middle)
        return (low + high) / 2


@dataclass(frozen=True)
class Luck:
    """What decides each draw but for the spread."""

    effect: Floats
    rest: Floats
    """Standard normal, per draw: the shared effect, and the sum of the deals that are not drawn alone."""
    deal: Floats
    """Per draw and deal drawn alone, between 0 and 1: whether it is won, and in which bucket."""
    value: Floats
    """What such a deal comes to if it is won."""


def simulate(portfolio: Portfolio, spread: float, *, draws: int = DRAWS) -> Simulated:
    """The quantiles of 10,000 draws. The mean of the total is the forecast, whatever the spread."""
    luck = portfolio.luck(draws)
    *buckets, total = (_quantiles(portfolio.draw(spread, luck, column)) for column in range(portfolio.buckets + 1))
    return Simulated(total=total, buckets=buckets)


def tune(backtests: Iterable[tuple[Portfolio, float]]) -> Spread:
    """The smallest spread that covers 80 % of past forecasts, each given with what came of it.

    Of the n spreads that they need it is the ⌈0.8 (n + 1)⌉-th smallest, so that the next one too, if it is like them,
    is covered with a probability of at least 80 % (split conformal prediction: Vovk, Gammerman and Shafer 2005). That
    takes four past forecasts at least.
    """
    needed = sorted(_needed(portfolio, actual) for portfolio, actual in backtests)
    rank = ceil(COVERAGE * (len(needed) + 1))
    value = needed[rank - 1] if rank <= len(needed) else np.inf
    covered = sum(each <= min(value, SPREADS[-1]) for each in needed)
    return Spread(value=float(value) if value < np.inf else None, covered=covered, backtests=len(needed))


def shifted(chances: Floats, effect: Floats | float) -> Floats:
    """expit(logit(p) + effect), without the logit of 0 and 1."""
    odds = np.exp(effect)
    moved: Floats = chances * odds / (1 + chances * (odds - 1))
    return moved


def _needed(portfolio: Portfolio, actual: float) -> float:
    """The smallest spread with which P10 to P90 hold the actual; infinite where none does."""
    luck = portfolio.luck(DRAWS_TO_TUNE)
    low, high = 0, len(SPREADS)
    while low < high:  # ranges widen with the spread
        middle = (low + high) // 2
        found = _quantiles(portfolio.draw(SPREADS[middle], luck, portfolio.buckets))
        low, high = (low, middle) if found.p10 <= actual <= found.p90 else (middle + 1, high)
    return float(SPREADS[low]) if low < len(SPREADS) else np.inf


def _quantiles(sums: Floats) -> Quantiles:
    p10, p50, p90 = np.quantile(sums, QUANTILES)
    return Quantiles(float(p10), float(p50), float(p90))
