"""Sales velocity: what the open deals bring per day at the win rate, value and cycle of the last 90 days."""

from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from crm.foundation import bounds
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.reports import amounts, closings, drilldown
from crm.reports.amounts import Amounts, RateUsed
from crm.reports.closings import WinRate
from crm.reports.periods import Grain, Period
from crm.reports.scope import Scope, require_crm
from crm.reports.split import Split
from crm.store import Reading, Row
from crm.store.kept import kept

WINDOW = timedelta(days=90)


class Term(StrEnum):
    """The deals of a term: those `open`, and those `won` and `lost` in the window."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class Cell(BaseModel, frozen=True):
    """One figure: the deals of a term."""

    term: Term

    def __str__(self) -> str:
        return f"{PREFIX}:{self.term}"

    @classmethod
    def parse(cls, text: str) -> "Cell":
        prefix, _, term = text.partition(":")
        if prefix != PREFIX or term not in set(Term):
            raise Invalid(tr("“{value}” is not a figure of the velocity.", value=bounds.shown(text)), "cell")
        return cls(term=Term(term))


PREFIX = "velocity"
"""Its figures share an address with those of other reports."""


class Velocity(BaseModel, frozen=True):
    """V = N × WR × A / C, in `currency` a day, with its four terms; a term is None where it cannot be computed, and V
    then, too."""

    scope: Scope
    window: Period
    amounts: Amounts
    open: int
    """N: open deals at the time asked."""
    rate: WinRate
    """Of the deals closed in the window."""
    days_to_win: int
    """Over the deals won in the window, from the day that each was opened."""
    rates: list[RateUsed]
    left_out: dict[str, int]
    """Won deals of the window without a rate, by currency: A leaves them out."""

    @property
    def currency(self) -> str:
        return self.amounts.currency

    @property
    def win_rate(self) -> float | None:
        """WR: by count."""
        return self.rate.by_count

    @property
    def mean_value(self) -> Decimal | None:
        """A: mean value of the won deals that carry one; those without are counted as `rate.won.valueless`."""
        won = self.rate.won
        return won.value / won.valued if won.valued else None

    @property
    def cycle(self) -> float | None:
        """C: mean days from opened to won, at least 1."""
        return max(self.days_to_win / self.rate.won.count, 1.0) if self.rate.won.count else None

    @property
    def per_day(self) -> Decimal | None:
        if self.win_rate is None or self.mean_value is None or self.cycle is None:
            return None
        return self.open * Decimal(self.win_rate) * self.mean_value / Decimal(self.cycle)


@kept
def report(tx: Reading, *, scope: Scope | None = None, currency: str | None = None) -> Velocity:
    """The velocity at the time asked, over the 90 days that end with its day. Of the deals in `currency` alone, all
    four terms; without one, of all deals, their values converted at the rates of the closing days. Value, owner and
    team are those of the closing. Source: the log of the visible deals."""
    require_crm(tx)
    scope = scope or Scope()
    priced = Amounts.of(tx, currency)
    days = window(scope.today(tx))
    return _made(_counted(tx, priced, days, scope), scope, days, priced)


def by_part(tx: Reading, split: Split, *, scope: Scope, currency: str | None = None) -> dict[str, Velocity]:
    """{part: its velocity}, as `report` of the deals in scope, for each part that has any."""
    priced = Amounts.of(tx, currency)
    days = window(scope.today(tx))
    rows = _counted(tx, priced, days, scope, split)
    return {
        part: _made([row for row in rows if row["part"] == part], scope, days, priced)
        for part in {row["part"] for row in rows}
    }


def _counted(tx: Reading, priced: Amounts, window: Period, scope: Scope, split: Split | None = None) -> list[Row]:
    deals, params = _deals(tx, window, scope)
    sql, params = priced.sql(deals), params | priced.params()
    if split:
        sql, of_parts = split.sql(tx, sql)
        params |= of_parts
    found = tx.rows(
        f"""
        SELECT
            {"part" if split else "NULL AS part"},
            state,
            currency,
            rate,
            rated_on,
            count(*) AS count,
            coalesce(sum(amount), 0) AS value,
            count(*) FILTER (coalesce(value, 0) <> 0) AS valued,
            count(*) FILTER (coalesce(value, 0) = 0) AS valueless,
            sum(cycle) AS days
        FROM ({sql}) AS deal
        GROUP BY ALL
        """,
        **params,
    )
    return [row for row in found if row["rate"] is not None or not priced.alone]


def drill_down(tx: Reading, velocity: Velocity, cell: Cell, *, limit: int = 50, offset: int = 0) -> drilldown.Behind:
    """The deals of a term, selected by the query that counted them."""
    require_crm(tx)
    sql, params = picked(tx, cell, scope=velocity.scope, priced=velocity.amounts)
    if velocity.amounts.alone:
        sql += " AND rate IS NOT NULL"
    return drilldown.page_of(tx, sql, params, limit=limit, offset=offset)


def picked(tx: Reading, *cells: Cell, scope: Scope, priced: Amounts) -> tuple[str, dict[str, Any]]:
    """SQL of the deals of any of these terms, also of those without a `rate`; with its parameters."""
    deals, params = _deals(tx, window(scope.today(tx)), scope)
    sql = f"SELECT * FROM ({priced.sql(deals)}) AS deal WHERE list_contains($terms, state)"
    return sql, params | priced.params() | {"terms": [cell.term.value for cell in cells]}


def window(today: date) -> Period:
    """The 90 days that end with this one."""
    end = today + timedelta(days=1)
    return Period(first=end - WINDOW, end=end)


def _deals(tx: Reading, window: Period, scope: Scope) -> tuple[str, dict[str, Any]]:
    """SQL with its parameters: one row a deal that is open, or was closed in the window."""
    return closings.closed(tx, window, Grain.MONTH, scope, with_open=True)


def _made(rows: list[Row], scope: Scope, window: Period, priced: Amounts) -> Velocity:
    won = [row for row in rows if row["state"] == "won"]
    return Velocity(
        scope=scope,
        window=window,
        amounts=priced,
        open=sum(row["count"] for row in rows if row["state"] == "open"),
        rate=closings.rate_of(rows),
        days_to_win=sum(row["days"] for row in won),
        rates=amounts.rates_used(won),
        left_out=amounts.left_out(won),
    )
