"""What open deals are expected to be won for from now on, by bucket, with the range that the past allows."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import numpy as np
from pydantic import BaseModel

from crm.reports.prediction import hazard, values
from crm.reports.prediction.known import Known
from crm.reports.prediction.simulation import Portfolio, Quantiles, Spread, simulate
from crm.reports.prediction.survival import Floats

FEWEST_BACKTESTS = 4


class WhyNot(StrEnum):
    """Why no range is drawn."""

    TOO_FEW_BACKTESTS = "too_few_backtests"
    """Fewer than four month ends whose horizon has passed."""
    NOT_COVERED = "not_covered"
    """No spread makes the ranges of the past hold what came."""


class ExpectedWins(BaseModel, frozen=True):
    """What is expected to be won, and the range around it, if one is drawn. The values are the ones of `values`."""

    first: date
    end: date
    """Half-open: [first, end)."""
    deals: float
    expected: float
    p10: float | None
    p50: float | None
    p90: float | None


class Outlook(BaseModel, frozen=True):
    """`whole` is everything until the last bucket ends; `buckets` are its parts. Of deals open now: those still to be
    opened are in none of it. `unknown` counts the open deals of pipelines with too few closings for a forecast."""

    whole: ExpectedWins
    buckets: list[ExpectedWins]
    open: int
    unknown: int
    why_not: WhyNot | None


def outlook(known: Known, before: Known, ends: Sequence[date], zone: ZoneInfo, spread: Spread) -> Outlook:
    """The outlook from `known.at` on, in buckets that end before each of the days `ends`, ascending, all of them ahead.

    `before` is what was known as long before as the last end is ahead; `spread` the one of the back-test with that
    horizon.
    """
    horizons = [_days(known.at, end, zone) for end in ends]
    chances = hazard.chances(known, horizons).won
    deals = values.with_values(known, before)
    forecast = ~np.isnan(chances[:, -1])
    worth, variations = (deals[name].to_numpy()[forecast] for name in ("expected_value", "variation"))
    chances = chances[forecast]
    why_not = _why_not(spread)
    drawn: list[Quantiles] = []
    if spread.value is not None:
        simulated = simulate(Portfolio(chances, worth, variations), spread.value)
        drawn = [*simulated.buckets, simulated.total]
    inside = np.hstack([np.diff(chances, axis=1, prepend=0), chances[:, -1:]])
    today = known.at.astimezone(zone).date()
    spans = [*zip([today, *ends[:-1]], ends, strict=True), (today, ends[-1])]
    *buckets, whole = (
        _figure(span, inside[:, place], worth, drawn[place] if drawn else None) for place, span in enumerate(spans)
    )
    return Outlook(whole=whole, buckets=buckets, open=deals.height, unknown=int((~forecast).sum()), why_not=why_not)


def _days(now: datetime, end: date, zone: ZoneInfo) -> int:
    """Whole days from now until a day begins, at least one."""
    ahead = datetime.combine(end, time(), zone) - now
    return max(round(ahead / timedelta(days=1)), 1)


def _why_not(spread: Spread) -> WhyNot | None:
    if spread.value is not None:
        return None
    return WhyNot.TOO_FEW_BACKTESTS if spread.backtests < FEWEST_BACKTESTS else WhyNot.NOT_COVERED


def _figure(span: tuple[date, date], chances: Floats, worth: Floats, drawn: Quantiles | None) -> ExpectedWins:
    return ExpectedWins(
        first=span[0],
        end=span[1],
        deals=float(chances.sum()),
        expected=float(chances @ worth),
        p10=drawn.p10 if drawn else None,
        p50=drawn.p50 if drawn else None,
        p90=drawn.p90 if drawn else None,
    )
