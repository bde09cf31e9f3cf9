"""The forecast against its target: how much of it what is won and open would cover, and what is missing.

coverage = (won + open) / target; gap = target − won − weighted.
"""

from decimal import Decimal

from pydantic import BaseModel

from crm.foundation.language import plural, tr
from crm.reports import targets
from crm.reports.forecast import Figure, Forecast, OfOwner
from crm.reports.periods import Grain, Period
from crm.reports.scope import NOBODY, Scope
from crm.reports.targets import Span, Subject
from crm.store import Reading


class Attainment(BaseModel, frozen=True):
    """A period's target beside its figures: None where it has none. `missing`: its months without one."""

    target: Decimal | None
    missing: int
    won: Decimal
    open: Decimal
    weighted: Decimal

    @property
    def is_whole(self) -> bool:
        return self.target is not None and not self.missing

    @property
    def coverage(self) -> float | None:
        """None unless every month has a target, and they are above zero."""
        return float((self.won + self.open) / self.target) if self.is_whole and self.target else None

    @property
    def gap(self) -> Decimal | None:
        """What is yet to be won beside the weighted open value; negative where more is expected than the target."""
        return self.target - self.won - self.weighted if self.is_whole and self.target is not None else None


class Attainments(BaseModel, frozen=True):
    """Of the whole period, and of its months or quarters in their order. `why_not` says why there is no target, or no
    coverage and gap of the whole."""

    total: Attainment
    buckets: list[Attainment]
    why_not: str | None

    @property
    def any_target(self) -> bool:
        return any(each.target is not None for each in (self.total, *self.buckets))


def of(tx: Reading, forecast: Forecast) -> Attainments:
    """The targets are those of now, also beside a forecast as of a past day."""
    subject, why_not = _subject(tx, forecast)
    known = _known(tx, subject, forecast.currency)
    total = _attainment(forecast.period, known, forecast.won, forecast.open)
    return Attainments(
        total=total,
        buckets=[_attainment(each.period, known, each.won, each.open) for each in forecast.buckets],
        why_not=why_not or _missing(total, len(forecast.period.cut(Grain.MONTH))),
    )


def of_owner(tx: Reading, owner_id: int, period: Period, found: OfOwner) -> Attainment:
    """Of one owner, all of whose deals are in the workspace's currency, or converted into it."""
    known = _known(tx, Subject(owner_id=owner_id), tx.actor.currency)
    return _attainment(period, known, found.won, found.open)


def _known(tx: Reading, subject: Subject | None, currency: str) -> dict[Span, Decimal]:
    return {
        target.span: target.amount
        for target in targets.all_of(tx)
        if target.subject == subject and target.currency == currency
    }


def _subject(tx: Reading, forecast: Forecast) -> tuple[Subject | None, str | None]:
    """Whose target it is, or why there is none."""
    if forecast.currency != tx.actor.currency:
        return None, tr("Targets are in {currency}.", currency=tx.actor.currency)
    scope: Scope = forecast.scope
    found = Subject(
        owner_id=scope.owner_id,
        team_id=scope.team_id,
        pipeline_id=scope.pipeline_ids[0] if len(scope.pipeline_ids) == 1 else None,
    )
    if (
        not found.is_one
        or scope.owner_id == NOBODY
        or len(scope.pipeline_ids) > 1
        or scope.source is not None
        or scope.of_now
        or forecast.amounts.alone
    ):
        return None, tr("Targets are of one owner, one team, one pipeline or everybody, never of other filters.")
    return found, None


def _attainment(period: Period, known: dict[Span, Decimal], won: Figure, open_deals: Figure) -> Attainment:
    # A target counts where all of its period lies within: that of a month is not that of its first ten days.
    within = {
        span: amount
        for span, amount in known.items()
        if period.first <= span.period.first and span.period.end <= period.end
    }
    return Attainment(
        target=sum(within.values(), Decimal(0)) if within else None,
        missing=len(period.cut(Grain.MONTH)) - sum(span.grain.months for span in within),
        won=won.value,
        open=open_deals.value,
        weighted=open_deals.weighted,
    )


def _missing(total: Attainment, months: int) -> str | None:
    if total.target is None or not total.missing:
        return None
    return plural(
        "{count} of {months} months has no target: without it, coverage and gap of the whole period are not told.",
        "{count} of {months} months have no target: without them, coverage and gap of the whole period are not told.",
        total.missing,
        months=months,
    )
