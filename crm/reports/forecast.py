"""Forecast by month or quarter of expected close: open, weighted and won so far; overdue and undated separately."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from crm.foundation import bounds
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.pipelines import Category
from crm.reports import amounts, drilldown
from crm.reports.amounts import Amounts, RateUsed
from crm.reports.assumptions import Assumptions
from crm.reports.periods import Grain, Period
from crm.reports.scope import NOBODY, Scope, require_crm
from crm.store import Reading, Row
from crm.store.kept import kept

PLACED = (Path(__file__).parent / "forecast.sql").read_text()


class State(StrEnum):
    """Where a deal counts. `outside` is an open deal whose expected close is before or after the period."""

    WON = "won"
    OPEN = "open"
    OVERDUE = "overdue"
    UNDATED = "undated"
    OUTSIDE = "outside"


CATEGORY = "category"
"""The code of a cell that is a category begins with it."""

SUREST_FIRST = (Category.COMMIT, Category.BEST_CASE, Category.PIPELINE, Category.OMITTED)
"""The categories of open deals."""


class Cell(BaseModel, frozen=True):
    """One figure of the forecast: a state and, for won and open, the first day of its month or quarter (None: all); or
    a forecast category of the open deals of the whole period."""

    state: State
    bucket: date | None = None
    category: Category | None = None

    def __str__(self) -> str:
        if self.category:
            return f"{CATEGORY}:{self.category}"
        return f"{self.state}:{self.bucket}" if self.bucket else self.state.value

    @classmethod
    def parse(cls, text: str) -> "Cell":
        state, _, bucket = text.partition(":")
        if state == CATEGORY and bucket in SUREST_FIRST:
            return cls(state=State.OPEN, category=Category(bucket))
        day = bounds.day(bucket)
        if state not in set(State) or (bucket and day is None):
            raise Invalid(tr("“{value}” is not a figure of the forecast.", value=bounds.shown(text)), "cell")
        return cls(state=State(state), bucket=day)


class Figure(BaseModel, frozen=True):
    """Number of deals, their value, value × probability, and how many have no value (counted as 0)."""

    count: int = 0
    value: Decimal = Decimal(0)
    weighted: Decimal = Decimal(0)
    valueless: int = 0

    def __add__(self, other: "Figure") -> "Figure":
        return Figure(
            count=self.count + other.count,
            value=self.value + other.value,
            weighted=self.weighted + other.weighted,
            valueless=self.valueless + other.valueless,
        )


class Bucket(BaseModel, frozen=True):
    """One month or quarter. `expected` = won so far + weighted open."""

    period: Period
    won: Figure
    open: Figure

    @property
    def expected(self) -> Decimal:
        return self.won.value + self.open.weighted


class Forecast(BaseModel, frozen=True):
    """The forecast. `rates` are those that deals in other currencies were converted at; `left_out` counts by currency
    the deals that it leaves out."""

    scope: Scope
    period: Period
    grain: Grain
    amounts: Amounts
    today: date
    buckets: list[Bucket]
    overdue: Figure
    undated: Figure
    outside: Figure
    categories: dict[Category, Figure]
    """The open deals of the period by forecast category, the surest first; omitted ones are in `open`, too."""
    rates: list[RateUsed]
    left_out: dict[str, int]
    assumptions: Assumptions | None = None
    """What it assumes of open deals in place of what the log says."""

    @property
    def currency(self) -> str:
        return self.amounts.currency

    @property
    def won(self) -> Figure:
        return sum((bucket.won for bucket in self.buckets), Figure())

    @property
    def open(self) -> Figure:
        return sum((bucket.open for bucket in self.buckets), Figure())

    @property
    def every_open(self) -> Figure:
        """All open deals, whenever they are expected to close."""
        return self.open + self.overdue + self.undated + self.outside

    @property
    def expected(self) -> Decimal:
        """Of the period: won so far + weighted open."""
        return self.won.value + self.open.weighted

    def at_least(self, category: Category) -> Figure:
        """What is won so far, and the open deals of the period in this category and in those that are surer, each at
        its whole value: what managers call their commit and their best case."""
        surer = SUREST_FIRST[: SUREST_FIRST.index(category) + 1]
        return sum((self.categories[each] for each in surer), self.won)

    @property
    def is_empty(self) -> bool:
        return not (self.won.count or self.open.count or self.overdue.count or self.undated.count or self.outside.count)


@kept
def report(
    tx: Reading,
    *,
    period: Period,
    grain: Grain,
    scope: Scope | None = None,
    currency: str | None = None,
    assumptions: Assumptions | None = None,
) -> Forecast:
    """F(P) = Σ value × p over the open deals whose expected close falls in P; p is the deal's own
    probability, else its stage's, as of the day asked (`scope.as_of`).

    Amounts are exact Decimals, of the deals in `currency` alone; without one, of all deals, in the workspace's: each
    is converted at the rate of the day asked, a won one at that of its closing day, and left out where there is none.
    Won in P (by closing day) counts at 100 %, with the value and for the owner and team that it closed with; lost is 0.
    An open deal expected before today is overdue; overdue and undated deals are never in P. Months with nothing are
    there as zero. Source: the log of the visible deals; with `assumptions`, what it says of open deals with these laid
    over it.
    """
    require_crm(tx)
    scope = scope or Scope()
    priced = Amounts.of(tx, currency)
    sql, params = placed(tx, period, grain, scope, priced, assumptions)
    found = tx.rows(
        f"""
        SELECT
            currency,
            rate,
            rated_on,
            state,
            bucket,
            CASE state WHEN 'open' THEN category END AS category,
            count(*) AS count,
            coalesce(sum(amount), 0) AS value,
            coalesce(sum(weighted_amount), 0) AS weighted,
            count(*) FILTER (WHERE value IS NULL) AS valueless
        FROM ({sql}) AS placed
        GROUP BY ALL
        """,
        **params,
    )
    return _assembled(found, scope, period, grain, priced, scope.today(tx), assumptions)


class OfOwner(BaseModel, frozen=True):
    """What one owner has won in the period, and has open: all of it, whenever it is expected to close."""

    won: Figure = Figure()
    open: Figure = Figure()


@kept
def by_owner(
    tx: Reading, *, period: Period, scope: Scope | None = None, currency: str | None = None
) -> dict[int, OfOwner]:
    """{owner id, 0 for nobody: the deals of a forecast with this owner}. Open deals are with their owner of the day
    asked, won ones with that of their closing. Deals without a rate are left out, as there."""
    require_crm(tx)
    scope = scope or Scope()
    sql, params = placed(tx, period, Grain.MONTH, scope, Amounts.of(tx, currency))
    rows = tx.rows(
        f"""
        SELECT
            coalesce(owner_id, {NOBODY}) AS owner_id,
            state = 'won' AS is_won,
            count(*) AS count,
            coalesce(sum(amount), 0) AS value,
            coalesce(sum(weighted_amount), 0) AS weighted,
            count(*) FILTER (WHERE value IS NULL) AS valueless
        FROM ({sql}) AS placed
        WHERE rate IS NOT NULL
        GROUP BY ALL
        """,
        **params,
    )
    figures = {
        (row["owner_id"], row["is_won"]): Figure(**{name: row[name] for name in Figure.model_fields}) for row in rows
    }
    nothing = Figure()
    return {
        owner: OfOwner(won=figures.get((owner, True), nothing), open=figures.get((owner, False), nothing))
        for owner in sorted({owner for owner, _ in figures})
    }


def drill_down(tx: Reading, forecast: Forecast, cell: Cell, *, limit: int = 50, offset: int = 0) -> drilldown.Behind:
    """The deals that a figure of this forecast counts, each with its own amount, and their sum in the forecast's
    currency; selected by the query that counted them.

    A won or open cell without a bucket stands for the whole period, and so does a category.
    """
    require_crm(tx)
    sql, params = picked(
        tx,
        cell,
        period=forecast.period,
        grain=forecast.grain,
        scope=forecast.scope,
        priced=forecast.amounts,
        assumptions=forecast.assumptions,
    )
    counted = f"SELECT * FROM ({sql}) AS picked WHERE rate IS NOT NULL"
    return drilldown.page_of(tx, counted, params, limit=limit, offset=offset)


def picked(
    tx: Reading,
    *cells: Cell,
    period: Period,
    grain: Grain,
    scope: Scope,
    priced: Amounts,
    assumptions: Assumptions | None = None,
) -> tuple[str, dict[str, Any]]:
    """SQL of the deals that any of these figures counts, and, without a `rate`, of those that it leaves out for want of
    one; with its parameters."""
    sql, params = placed(tx, period, grain, scope, priced, assumptions)
    conditions = []
    for number, cell in enumerate(cells):
        wanted = {"state": cell.state.value, "bucket": cell.bucket, "category": cell.category}
        named = {name: value for name, value in wanted.items() if value is not None}
        conditions.append(" AND ".join(f"{name} = ${name}_{number}" for name in named))
        params |= {f"{name}_{number}": value for name, value in named.items()}
    return f"SELECT * FROM ({sql}) AS placed WHERE ({') OR ('.join(conditions)})", params


def placed(
    tx: Reading, period: Period, grain: Grain, scope: Scope, priced: Amounts, assumptions: Assumptions | None = None
) -> tuple[str, dict[str, Any]]:
    """SQL, and its parameters: the deals of a forecast, one row each, as forecast.sql has them, with their amounts."""
    # Laid over the deals before these are narrowed: a deal that is handed over counts among its new owner's.
    deals = scope.sql(assumptions.sql()) if assumptions else scope.sql()
    days = {"today": scope.today(tx), "first": period.first, "end": period.end, "grain": grain.value}
    sql = priced.sql(f"WITH scoped AS ({deals})\n{PLACED}")
    return sql, scope.params(tx) | days | priced.params() | (assumptions.params() if assumptions else {})


def _assembled(
    found: list[Row],
    scope: Scope,
    period: Period,
    grain: Grain,
    priced: Amounts,
    today: date,
    assumptions: Assumptions | None,
) -> Forecast:
    # Buckets come from the calendar, not from the rows: a month without deals is shown as zero.
    nothing = Figure()
    figures: dict[tuple[str, date | None], Figure] = {}
    categories = dict.fromkeys(SUREST_FIRST, nothing)
    for row in found:
        if row["rate"] is not None:
            place = row["state"], row["bucket"]
            figure = Figure(**{name: row[name] for name in Figure.model_fields})
            figures[place] = figures.get(place, nothing) + figure
            if row["category"]:
                categories[Category(row["category"])] += figure
    return Forecast(
        scope=scope,
        period=period,
        grain=grain,
        amounts=priced,
        today=today,
        buckets=[
            Bucket(
                period=each,
                won=figures.get((State.WON, each.first), nothing),
                open=figures.get((State.OPEN, each.first), nothing),
            )
            for each in period.cut(grain)
        ],
        overdue=figures.get((State.OVERDUE, None), nothing),
        undated=figures.get((State.UNDATED, None), nothing),
        outside=figures.get((State.OUTSIDE, None), nothing),
        categories=categories,
        rates=amounts.rates_used(found),
        left_out=amounts.left_out(found),
        assumptions=assumptions,
    )
