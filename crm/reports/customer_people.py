"""The customers behind a cell of the customers report, and the filter that finds them in a list."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

import polars as pl
from pydantic import BaseModel

from crm.foundation import bounds
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.records import segments
from crm.records.filters import All, Filter, Measure, Operator, Related, Rule
from crm.reports import rfm
from crm.reports.customers import CustomerScope, purchases
from crm.reports.periods import Grain, Period, grain_start, months_after
from crm.reports.rfm import Grid
from crm.store import Reading
from crm.store.kept import kept


class Picture(StrEnum):
    RFM = "rfm"
    COHORT = "cohort"


class Cell(BaseModel, frozen=True):
    """A cell of the RFM grid: (recency, frequency); or of the cohorts: the first day of one, and the number of months
    or quarters after it."""

    picture: Picture
    recency: int = 0
    frequency: int = 0
    cohort: date | None = None
    number: int = 0

    def __str__(self) -> str:
        if self.picture is Picture.RFM:
            return f"rfm:{self.recency}:{self.frequency}"
        return f"cohort:{self.cohort}:{self.number}"

    @classmethod
    def parse(cls, text: str) -> "Cell":
        match text.split(":"):
            case ["rfm", recency, frequency] if {bounds.whole(recency), bounds.whole(frequency)} <= set(rfm.GROUPS):
                return cls(picture=Picture.RFM, recency=int(recency), frequency=int(frequency))
            case ["cohort", first, number] if (day := bounds.day(first)) and (
                place := bounds.whole(number)
            ) is not None:
                if place <= MOST_NUMBER:
                    return cls(picture=Picture.COHORT, cohort=day, number=place)
        raise Invalid(tr("“{value}” is not a figure of the customers.", value=bounds.shown(text)), "cell")


MOST_NUMBER = 12 * 100
"""The months or quarters after a cohort's first that can be asked for; a report shows those up to today."""


class Person(BaseModel, frozen=True):
    """A customer, with all purchases in scope up to today, and their groups."""

    id: int
    name: str | None
    first_on: date
    last_on: date
    orders: int
    spent: Decimal
    recency: int
    frequency: int
    monetary: int


class People(BaseModel, frozen=True):
    """A page of the customers, the largest amounts first; `count` and `spent` are of all of them."""

    items: list[Person]
    count: int
    spent: Decimal


@kept
def people(
    tx: Reading,
    *,
    scope: CustomerScope,
    period: Period,
    grain: Grain,
    cell: Cell,
    limit: int = 50,
    offset: int = 0,
) -> People:
    """The customers that a cell of the report counts, which is the one with the same scope, period and grain."""
    condition, params = _condition(cell, period, grain)
    picked = f"SELECT * FROM ({rfm.SCORED}) WHERE {condition}"
    with purchases(tx, scope, period):
        whole = tx.row(f"SELECT count(*) AS count, coalesce(sum(spent), 0) AS spent FROM ({picked})", **params)
        found = tx.rows(
            f"{_named(scope, picked)} ORDER BY spent DESC, id LIMIT $limit OFFSET $offset",
            **params,
            limit=limit,
            offset=offset,
        )
    return People(items=[Person(**row) for row in found], **whole)


def everyone(tx: Reading, *, scope: CustomerScope, period: Period) -> pl.DataFrame:
    """All customers in scope with the columns of `Person` but their names, which only the exports of lists hold."""
    with purchases(tx, scope, period):
        return tx.frame(f"SELECT * FROM ({rfm.SCORED}) ORDER BY spent DESC, customer_id")


def _named(scope: CustomerScope, customers: str) -> str:
    of = scope.of.type
    return f"""
        SELECT
            customer.customer_id AS id,
            {of.title_sql("record")} AS name,
            customer.first_on,
            customer.last_on,
            customer.orders,
            customer.spent,
            customer.recency,
            customer.frequency,
            customer.monetary
        FROM ({customers}) AS customer
        JOIN {of.plural} AS record ON record.id = customer.customer_id
    """


def _condition(cell: Cell, period: Period, grain: Grain) -> tuple[str, dict[str, object]]:
    if cell.picture is Picture.RFM:
        groups: dict[str, object] = {"recency": cell.recency, "frequency": cell.frequency}
        return "recency = $recency AND frequency = $frequency", groups
    cohort, bucket = _cohort(cell, period, grain)
    days: dict[str, object] = {"cohort": cohort.first, "cohort_end": cohort.end}
    condition = "first_on >= $cohort AND first_on < $cohort_end"
    if cell.number:
        condition += """
            AND customer_id IN (
                SELECT customer_id
                FROM temp.customer_purchases
                WHERE ordered_on >= $bucket AND ordered_on < $bucket_end
            )
        """
        days |= {"bucket": bucket.first, "bucket_end": bucket.end}
    return condition, days


def _cohort(cell: Cell, period: Period, grain: Grain) -> tuple[Period, Period]:
    """The days of a cohort's first orders, and the month or quarter that a cell is of."""
    cohort = next((each for each in period.cut(grain) if each.first == cell.cohort), None)
    if cohort is None:
        raise Invalid(tr("“{value}” is not a figure of the customers.", value=str(cell)), "cell")
    start = months_after(grain_start(cohort.first, grain), grain.months * cell.number)
    return cohort, Period(first=start, end=months_after(start, grain.months))


def criteria_of(
    tx: Reading, *, scope: CustomerScope, period: Period, grain: Grain, grid: Grid, cell: Cell
) -> tuple[Filter, str]:
    """Filter and search that find a cell's customers in the list of contacts or companies, today and later: the limits
    of its groups are those of today, the best and the last group open to one side."""
    parts: list[Filter] = [*scope.rules(), *_parts(scope, period, grain, grid, cell)]
    search = ""
    if scope.segment_id is not None:
        segment = segments.get(tx, scope.segment_id)
        parts = [segment.filter, *parts] if segment.filter else parts
        search = segment.search
    return All(of=tuple(parts)), search


def _parts(scope: CustomerScope, period: Period, grain: Grain, grid: Grid, cell: Cell) -> Iterator[Filter]:
    orders = scope.order_rules()
    if cell.picture is Picture.COHORT:
        cohort, bucket = _cohort(cell, period, grain)
        yield _measured(orders, Measure(figure="first", field="ordered_on", op="between", value=_days(cohort)))
        if cell.number:
            bought = Rule(field="ordered_on", op="between", value=_days(bucket))
            yield Related(relation="orders", of=(*orders, bought))
        return
    days, many = grid.days_of(cell.recency), grid.orders_of(cell.frequency)
    if not (days and many):
        raise Invalid(tr("No customer is in this cell now, so nothing tells its limits."), "cell")
    recencies = {each.recency for each in grid.cells}
    frequencies = {each.frequency for each in grid.cells}
    op, value = _between(*days, cell.recency == min(recencies), cell.recency == max(recencies))
    yield _measured(orders, Measure(figure="last", field="ordered_on", op=op, value=value))
    op, value = _between(*many, cell.frequency == min(frequencies), cell.frequency == max(frequencies))
    yield _measured(orders, Measure(figure="count", op=op, value=value))


def _between(low: object, high: object, is_first: bool, is_last: bool) -> tuple[Operator, object]:
    """The operator and value of a group's limits."""
    if is_last:
        return "at_least", low
    return ("at_most", high) if is_first else ("between", (low, high))


def _measured(orders: tuple[Rule, ...], measure: Measure) -> Related:
    return Related(relation="orders", of=orders, measure=measure)


def _days(period: Period) -> tuple[date, date]:
    """`between` takes both days in."""
    return period.first, period.end - timedelta(days=1)
