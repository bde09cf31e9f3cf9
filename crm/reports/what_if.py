"""What-if: a forecast beside the same one under assumptions, and what each kind of these makes of the difference."""

from collections.abc import Sequence
from decimal import Decimal

from pydantic import BaseModel

from crm.reports import assumptions as assumed
from crm.reports import forecast
from crm.reports.assumptions import Assumptions, Cause
from crm.reports.forecast import Forecast
from crm.reports.query import ReportFilters
from crm.store import Reading


class Effect(BaseModel, frozen=True):
    """What one kind of assumptions adds to what is expected of the period."""

    cause: Cause
    amount: Decimal


class Month(BaseModel, frozen=True):
    """What is expected of one month or quarter: as things stand, and under the assumptions."""

    expected: Decimal
    assumed: Decimal

    @property
    def difference(self) -> Decimal:
        return self.assumed - self.expected


class WhatIf(BaseModel, frozen=True):
    """A forecast and the same one under assumptions. The effects sum to the difference, each the change that its kind
    makes after those before it; so do the months. `stale` says what of the assumptions counts for nothing any more."""

    forecast: Forecast
    assumed: Forecast
    effects: list[Effect]
    stale: list[str]

    @property
    def difference(self) -> Decimal:
        """Of what is expected of the period."""
        return self.assumed.expected - self.forecast.expected

    @property
    def months(self) -> list[Month]:
        return [
            Month(expected=now.expected, assumed=then.expected)
            for now, then in zip(self.forecast.buckets, self.assumed.buckets, strict=True)
        ]


def report(tx: Reading, filters: ReportFilters, given: Assumptions, *, hidden: int = 0) -> WhatIf:
    """The forecast under the filters, with and without the assumptions, which were checked. Reads only. `hidden`: how
    many deals of a saved scenario are left out of them."""
    base = _forecast(tx, filters, None)
    effects, before = [], base
    for cause, after in _steps(tx, filters, given):
        effects.append(Effect(cause=cause, amount=after.expected - before.expected))
        before = after
    return WhatIf(forecast=base, assumed=before, effects=effects, stale=stale(tx, given, hidden))


def stale(tx: Reading, given: Assumptions, hidden: int) -> list[str]:
    """What of the assumptions counts for nothing any more; `hidden` deals among it that are not the reader's to see."""
    return [*assumed.stale(tx, given), *([assumed.missing(hidden)] if hidden else [])]


def _steps(tx: Reading, filters: ReportFilters, given: Assumptions) -> Sequence[tuple[Cause, Forecast]]:
    """By kind, the forecast under the assumptions of this kind and of those before it; none where nothing is
    assumed."""
    causes = given.causes
    return [(cause, _forecast(tx, filters, given.of(causes[: place + 1]))) for place, cause in enumerate(causes)]


def _forecast(tx: Reading, filters: ReportFilters, given: Assumptions | None) -> Forecast:
    asked = {"period": filters.period, "grain": filters.grain, "scope": filters.scope, "currency": filters.currency}
    # With the arguments of the forecast's page, whose kept answer it is.
    return forecast.report(tx, **asked, **({"assumptions": given} if given else {}))  # type: ignore[arg-type]
