"""“Why did this number change?”: what any figure of a report was on a day before, and the deals that make the
difference, by cause, summing to it exactly.

A figure is made of sums over deals: 1 each, their amount, their weighted amount or their days. Both ends are counted by
the query of the report itself, as of each day; whoever stands in one end and not in the other, or at another amount, is
put under a cause (crm/reports/causes.py). Where the figure is more than a sum, each cause has its effect on it besides
(crm/reports/effects.py), and these add up to the difference.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

import polars as pl
from pydantic import BaseModel

from crm.foundation import bounds
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.reports import attainment, bridge, causes, effects, forecast
from crm.reports.amounts import Amounts
from crm.reports.bridge import BridgedDeals
from crm.reports.causes import Cause, Total
from crm.reports.effects import Change
from crm.reports.figure_codes import Figure, Measure
from crm.reports.periods import months_after
from crm.reports.query import ReportFilters
from crm.reports.scope import require_crm
from crm.reports.why_ends import both_ends
from crm.store import Reading
from crm.store.kept import kept

DIGITS, UNIT = 8, 100_000_000
"""Of a figure after the point, as of the amounts that it is made of."""


class Back(StrEnum):
    """How far back a figure is compared."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    def before(self, day: date) -> date:
        if self is Back.MONTH:
            first = months_after(day.replace(day=1), -1)
            return min(months_after(first, 1) - timedelta(days=1), first + timedelta(days=day.day - 1))
        return day - timedelta(days=1 if self is Back.DAY else 7)


class Explained(BaseModel, frozen=True):
    """One sum of a figure: `before` + the sum of `causes` = `after`, exactly; amounts of counts are counts. `effects`
    is what each cause makes of the figure's difference; none where one of the figure's ends cannot be computed."""

    name: str
    measure: Measure
    before: Total
    after: Total
    causes: dict[Cause, Total]
    effects: dict[Cause, Decimal]

    @property
    def difference(self) -> Decimal:
        return self.after.amount - self.before.amount


class Factor(BaseModel, frozen=True):
    """A term of a velocity at both ends, and what its change makes of the velocity's."""

    name: str
    before: Decimal | None
    after: Decimal | None
    effect: Decimal | None


class Why(BaseModel, frozen=True):
    """A figure at the end of two days: `before` + the effects of all parts = `after`, exactly; None where it cannot be
    computed. `currency` is None where no amounts are summed. `target` is that of both ends."""

    figure: Figure
    filters: ReportFilters
    first: date
    last: date
    currency: str | None
    target: Decimal | None
    before: Decimal | None
    after: Decimal | None
    parts: tuple[Explained, ...]
    factors: tuple[Factor, ...]
    """Of a velocity alone; its parts are those of all factors, in their order."""


@kept
def explained(tx: Reading, figure: Figure, filters: ReportFilters, back: Back) -> Why:
    """What the figure of the report under these filters was a day, a week or a month before, and what made the
    difference. The period is the same days in both ends, but for the figures above a board, and for a velocity, which
    look back from each day. A target is that of now in both, as it is beside a forecast of a past day. Raises Invalid
    where the figure needs a pipeline and the filters name none."""
    require_crm(tx)
    last = filters.scope.today(tx)
    first = back.before(last)
    ends = both_ends(tx, figure, figure.parts, filters, first)
    sums = {
        name: tuple(Fraction(causes.total(deals, side).amount) for side in ("before", "after"))
        for name, deals in ends.items()
    }
    target = _target(tx, figure, filters)
    factors = [_factor(figure, place, sums) for place in range(len(figure.terms))]
    whole = _whole(figure, factors, target)
    totals = {name: causes.by_cause(causes.explained(deals)) for name, deals in ends.items()}
    rounded = _effects(figure, whole, totals)
    parts = tuple(
        Explained(
            name=part.name,
            measure=part.measure,
            before=causes.total(ends[part.name], "before"),
            after=causes.total(ends[part.name], "after"),
            causes=totals[part.name],
            effects=rounded.get(part.name, {}),
        )
        for part in figure.parts
    )
    is_money = figure.unit == "money" or any(part.measure.unit == "money" for part in figure.parts)
    return Why(
        figure=figure,
        filters=filters,
        first=first,
        last=last,
        currency=Amounts.of(tx, filters.currency).currency if is_money else None,
        target=target,
        before=_decimal(whole.before),
        after=_decimal(whole.after),
        parts=parts,
        factors=tuple(_factors(figure, factors, whole, parts)),
    )


def deals_of(tx: Reading, why: Why, name: str, cause: Cause, *, limit: int = 50, offset: int = 0) -> BridgedDeals:
    """The deals under one cause of a part, the largest amounts first. Raises Invalid where it has no such part."""
    require_crm(tx)
    part = next((part for part in why.figure.parts if part.name == name), None)
    if part is None:
        raise Invalid(tr("“{value}” is no part of this figure.", value=bounds.shown(name)), "part")
    ends = both_ends(tx, why.figure, [part], why.filters, why.first)[part.name]
    found = causes.explained(ends).filter(pl.col("cause") == cause)
    found = found.sort(pl.col("amount").abs(), "id", descending=[True, False])
    page = found.slice(offset, limit)
    titles = {
        row["id"]: row["title"]
        for row in tx.rows(
            "SELECT id, title FROM past_deals WHERE id IN (SELECT unnest($ids::BIGINT[]))", ids=page["id"].to_list()
        )
    }
    items = bridge.page_of(
        page.with_columns(title=pl.col("id").replace_strict(titles, default="", return_dtype=pl.String)),
        cause,
        limit=limit,
        offset=0,
    ).items
    return BridgedDeals(items=items, total=Total(count=found.height, amount=found["amount"].sum() or Decimal(0)))


def _target(tx: Reading, figure: Figure, filters: ReportFilters) -> Decimal | None:
    """That of the period or month, where it has a whole one."""
    if not figure.of_target:
        return None
    report = forecast.report(
        tx, period=filters.period, grain=filters.grain, scope=filters.scope, currency=filters.currency
    )
    against = attainment.of(tx, report)
    _, _, month = figure.words
    months = {str(bucket.period.first): each for bucket, each in zip(report.buckets, against.buckets, strict=True)}
    found = months.get(month) if month else against.total
    return found.target if found and found.is_whole else None


def _factor(figure: Figure, place: int, sums: dict[str, tuple[Fraction, ...]]) -> Change:
    """One term of the figure at both ends, by itself."""
    term = figure.terms[place]
    parts = [effects.of_sum(part.name, *sums[part.name]) for part in term.parts]
    found = parts[0] if len(parts) == 1 else effects.ratio(*parts)
    return found if term.at_least is None else effects.at_least(found, term.at_least)


def _whole(figure: Figure, factors: list[Change], target: Decimal | None) -> Change:
    if figure.of_target:
        of = None if target is None else Fraction(target)
        if figure.words[1] == "gap":
            return Change(None, None, {}) if of is None else effects.scaled(factors[0], Fraction(-1), of)
        return effects.scaled(factors[0], 1 / of) if of else Change(None, None, {})
    if len(factors) == 1:
        return factors[0]
    return effects.product(
        *(effects.inverse(each) if term.divides else each for term, each in zip(figure.terms, factors, strict=True))
    )


def _effects(figure: Figure, whole: Change, totals: dict[str, dict[Cause, Total]]) -> dict[str, dict[Cause, Decimal]]:
    """{part: {cause: its effect}}, rounded so that they sum to the rounded difference."""
    if whole.before is None or whole.after is None:
        return {}
    found: dict[str, dict[Cause, Decimal]] = {}
    reached = whole.before
    for part in figure.parts:
        found[part.name] = {}
        for cause, total in totals[part.name].items():
            following = reached + whole.weights[part.name] * Fraction(total.amount)
            found[part.name][cause] = _exact(_digits(following) - _digits(reached))
            reached = following
    return found


def _factors(figure: Figure, factors: list[Change], whole: Change, parts: tuple[Explained, ...]) -> Iterator[Factor]:
    if len(factors) < 2:
        return
    of_part = {part.name: part for part in parts}
    for term, found in zip(figure.terms, factors, strict=True):
        shares = [amount for part in term.parts for amount in of_part[part.name].effects.values()]
        yield Factor(
            name=term.name,
            before=_decimal(found.before),
            after=_decimal(found.after),
            effect=None if whole.difference is None else sum(shares, Decimal(0)),
        )


def _decimal(value: Fraction | None) -> Decimal | None:
    return None if value is None else _exact(_digits(value))


def _digits(value: Fraction) -> int:
    """In units of the last digit, half-even."""
    return round(value * UNIT)


def _exact(digits: int) -> Decimal:
    """Without zeros at its end; whatever the precision of sums, since a Decimal that is read keeps all its digits."""
    whole, rest = divmod(abs(digits), UNIT)
    text = f"{whole}.{rest:0{DIGITS}}".rstrip("0").rstrip(".")
    return Decimal(f"-{text}" if digits < 0 else text)
