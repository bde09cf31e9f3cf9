"""The totals of a list of orders by currency, and its bars over time by status. Amounts of different currencies are
never added up."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel

from crm.orders.declaration import ORDER, STATUSES
from crm.records import listing, lists
from crm.records.listing import ListQuery
from crm.store import Reading, Row
from crm.store.kept import kept


class Grain(StrEnum):
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


_MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}
MOST_BARS = 36
"""The most bars of a chart; beyond them the next coarser grain is used."""


class Total(BaseModel, frozen=True):
    """The totals of one currency."""

    currency: str
    count: int
    value: Decimal
    paid_count: int
    paid_value: Decimal
    """The value of the orders that are paid in full."""


class Bar(BaseModel, frozen=True):
    """The orders of one currency and status that were placed in one month, quarter or year."""

    currency: str
    start: date
    status: str
    count: int
    value: Decimal


class Overview(BaseModel, frozen=True):
    grain: Grain
    totals: tuple[Total, ...]
    """The currency with the most orders first."""
    bars: tuple[Bar, ...]
    """Bars with at least one order, by start, then status."""

    @property
    def count(self) -> int:
        return sum(total.count for total in self.totals)

    def of(self, currency: str) -> tuple[Bar, ...]:
        return tuple(bar for bar in self.bars if bar.currency == currency)


@kept
def overview(tx: Reading, query: ListQuery) -> Overview:
    """The overview of all orders that match the query, whatever its sort and page. One scan gives a row per month,
    currency and status; the rest is summed from these."""
    where = listing.condition(tx, lists.source(ORDER), query)
    rows = tx.rows(
        f"""
        SELECT
            purchase.currency,
            purchase.status,
            12 * year(purchase.ordered_on) + month(purchase.ordered_on) - 1 AS month,
            count(*) AS count,
            sum(purchase.value) AS value
        FROM orders AS purchase
        WHERE {where.sql}
        GROUP BY ALL
        """,
        **where.params,
    )
    grain = _grain({row["month"] for row in rows})
    return Overview(grain=grain, totals=totals_of(rows), bars=_bars(rows, grain))


@kept
def totals(tx: Reading, query: ListQuery) -> tuple[Total, ...]:
    """The totals by currency, the one with the most orders first."""
    where = listing.condition(tx, lists.source(ORDER), query)
    return totals_of(
        tx.rows(
            f"""
            SELECT purchase.currency, purchase.status, count(*) AS count, sum(purchase.value) AS value
            FROM orders AS purchase
            WHERE {where.sql}
            GROUP BY ALL
            """,
            **where.params,
        )
    )


def totals_of(rows: Iterable[Row]) -> tuple[Total, ...]:
    """The totals of rows with `currency`, `status`, `count` and `value`."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["currency"], []).append(row)
    made = [_total(currency, theirs) for currency, theirs in found.items()]
    return tuple(sorted(made, key=lambda total: (-total.count, total.currency)))


def _total(currency: str, rows: list[Row]) -> Total:
    paid = [row for row in rows if row["status"] == "paid"]
    return Total(
        currency=currency,
        count=sum(row["count"] for row in rows),
        value=sum((row["value"] for row in rows), Decimal(0)),
        paid_count=sum(row["count"] for row in paid),
        paid_value=sum((row["value"] for row in paid), Decimal(0)),
    )


def _grain(months: set[int]) -> Grain:
    """The finest grain with at most MOST_BARS bars."""
    span = max(months) - min(months) + 1 if months else 1
    return next((grain for grain, size in _MONTHS.items() if span <= MOST_BARS * size), Grain.YEAR)


def _bars(rows: list[Row], grain: Grain) -> tuple[Bar, ...]:
    # Months are counted from year 0, so that quarters and years are whole divisions of the number.
    size = _MONTHS[grain]
    held: dict[tuple[str, int, str], tuple[int, Decimal]] = {}
    for row in rows:
        place = (row["currency"], row["month"] // size * size, row["status"])
        count, value = held.get(place, (0, Decimal(0)))
        held[place] = (count + row["count"], value + row["value"])
    made = [
        Bar(currency=currency, start=date(month // 12, month % 12 + 1, 1), status=status, count=count, value=value)
        for (currency, month, status), (count, value) in held.items()
    ]
    return tuple(sorted(made, key=lambda bar: (bar.start, STATUSES.index(bar.status), bar.currency)))
