"""Customers: how many buy again and when, what new and returning ones bring, and cohorts by the first order.

A customer is a contact, or a company, that has orders. Purchases are the orders that the registry counts as such: not
those cancelled, failed or refunded, nor those dated after today. Orders have no versions: all of it is as they stand
today.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel

from crm.companies.declaration import COMPANY
from crm.contacts.declaration import CONTACT
from crm.foundation.access import Module
from crm.foundation.errors import Invalid, ModuleOff
from crm.foundation.language import tr
from crm.orders.customer import BOUGHT
from crm.platform import rates
from crm.records import listing, lists, segments
from crm.records.declaration import RecordType, Trait
from crm.records.filters import All, Rule
from crm.records.listing import ListQuery
from crm.reports import rfm
from crm.reports.amounts import Amounts
from crm.reports.periods import Grain, Period, grain_start, months_after
from crm.reports.prediction.survival import kaplan_meier_median
from crm.reports.rfm import Grid
from crm.reports.scope import NOBODY
from crm.store import Reading, Row
from crm.store.kept import kept

FIGURES = (Path(__file__).parent / "customers.sql").read_text()


class Buyers(StrEnum):
    """Who counts as a customer."""

    CONTACTS = "contacts"
    COMPANIES = "companies"

    @property
    def type(self) -> RecordType[Any]:
        return COMPANY if self is Buyers.COMPANIES else CONTACT


class CustomerScope(BaseModel, frozen=True):
    """Filters of the report: of the customers, and of their orders (`source`, `currency`)."""

    of: Buyers = Buyers.CONTACTS
    segment_id: int | None = None
    owner_id: int | None = None
    """NOBODY: without an owner."""
    team_id: int | None = None
    label_id: int | None = None
    """Of contacts: companies have no labels."""
    source: str | None = None
    currency: str | None = None
    """Orders in it alone; None for all, converted into the workspace's at dated rates."""

    @property
    def narrows(self) -> bool:
        """Whether it leaves customers out: orders of nobody in particular are left out then, too."""
        return any(each is not None for each in (self.segment_id, self.owner_id, self.team_id, self.label_id))

    def rules(self) -> tuple[Rule, ...]:
        """What it asks of a customer beyond a segment, in the words of the filters of lists."""
        found = []
        if self.owner_id == NOBODY:
            found.append(Rule(field="owner_id", op="is_empty"))
        elif self.owner_id is not None:
            found.append(Rule(field="owner_id", op="is", value=self.owner_id))
        if self.team_id is not None:
            found.append(Rule(field="team_id", op="is", value=self.team_id))
        if self.label_id is not None:
            found.append(Rule(field="label", op="is", value=self.label_id))
        return tuple(found)

    def order_rules(self) -> tuple[Rule, ...]:
        """What it asks of an order, in the words of the filters of lists."""
        found = [Rule(field="status", op="one_of", value=BOUGHT)]
        if self.source is not None:
            found.append(Rule(field="source", op="is", value=self.source))
        if self.currency is not None:
            found.append(Rule(field="currency", op="is", value=self.currency))
        return tuple(found)


class Part(BaseModel, frozen=True):
    orders: int = 0
    revenue: Decimal = Decimal(0)

    def __add__(self, other: "Part") -> "Part":
        return Part(orders=self.orders + other.orders, revenue=self.revenue + other.revenue)


class Bucket(BaseModel, frozen=True):
    """The purchases of a month or quarter: customers' first orders, their later ones, and those of nobody: without a
    contact, or of one that is in the bin or hidden from the reader."""

    period: Period
    new: Part = Part()
    returning: Part = Part()
    nobody: Part = Part()

    @property
    def total(self) -> Part:
        return self.new + self.returning + self.nobody


class CohortCell(BaseModel, frozen=True):
    """The customers of a cohort that bought in a later month or quarter."""

    number: int
    """0 for that of the first order."""
    customers: int
    revenue: Decimal
    over: bool
    """False for the current month or quarter, whose figures may still grow."""


class Cohort(BaseModel, frozen=True):
    """The customers whose first order was placed in one month or quarter."""

    period: Period
    cells: tuple[CohortCell, ...]
    """From the first month up to the current one."""

    @property
    def customers(self) -> int:
        return self.cells[0].customers

    def share(self, number: int) -> float | None:
        """The share of the customers that bought in that later month; None for a month to come, or an empty cohort."""
        return self.cells[number].customers / self.customers if self._has(number) and self.customers else None

    def kept(self, number: int) -> float | None:
        """The revenue of that later month against that of the first; None where there is none to compare."""
        first = self.cells[0].revenue
        return float(self.cells[number].revenue / first) if self._has(number) and first else None

    def _has(self, number: int) -> bool:
        return number < len(self.cells)


class SecondOrder(BaseModel, frozen=True):
    """The time from the first to the second order, of the customers whose first was placed in the period."""

    customers: int
    again: int
    """Those who have ordered a second time."""
    median: float | None
    """Days, by Kaplan–Meier: who has not ordered again yet may still. None where fewer than half will have."""


class OrdersConverted(BaseModel, frozen=True):
    """Orders of one other currency that were converted, and the range of the rates and of their days."""

    currency: str
    orders: int
    lowest: rates.Value
    highest: rates.Value
    first: date
    last: date


class Customers(BaseModel, frozen=True):
    """Counts hold every currency; amounts are in `currency`. `left_out` counts by currency the orders without a rate,
    whose amounts are nothing here."""

    scope: CustomerScope
    period: Period
    grain: Grain
    today: date
    currency: str
    buckets: tuple[Bucket, ...]
    customers: int
    """Those with a purchase in the period."""
    repeaters: int
    """Those with two or more."""
    total: Part
    """All purchases of the period."""
    rated: int
    """Those of them whose amounts count."""
    second: SecondOrder
    cohorts: tuple[Cohort, ...]
    grid: Grid
    """Over all purchases up to today."""
    converted: tuple[OrdersConverted, ...]
    left_out: dict[str, int]
    ended: int
    """Orders of the period that were cancelled, failed or refunded: no purchases."""
    future: int
    """Orders dated after today, which count nowhere yet."""

    @property
    def nobody(self) -> Part:
        return sum((bucket.nobody for bucket in self.buckets), Part())

    @property
    def repeat_rate(self) -> float | None:
        """The share of the period's customers with two or more purchases in it."""
        return self.repeaters / self.customers if self.customers else None

    @property
    def average(self) -> Decimal | None:
        """The mean value of the period's purchases."""
        return self.total.revenue / self.rated if self.rated else None

    @property
    def per_customer(self) -> float | None:
        """Purchases of the period by its customers, for each of them."""
        return (self.total.orders - self.nobody.orders) / self.customers if self.customers else None

    def overall(self, number: int, *, by_revenue: bool = False) -> float | None:
        """The share over all cohorts in which that month or quarter is over, each by its size."""
        over = [each for each in self.cohorts if number < len(each.cells) and each.cells[number].over]
        if by_revenue:
            first = sum((each.cells[0].revenue for each in over), Decimal(0))
            return float(sum(each.cells[number].revenue for each in over) / first) if first else None
        whole = sum(each.customers for each in over)
        return sum(each.cells[number].customers for each in over) / whole if whole else None


@kept
def report(tx: Reading, *, period: Period, grain: Grain, scope: CustomerScope | None = None) -> Customers:
    """The customers that the actor may see, of the orders that the actor may see. Raises Invalid for a scope that makes
    no sense, NotFound for a segment that is not the actor's."""
    scope = scope or CustomerScope()
    with purchases(tx, scope, period):
        buckets = _buckets(tx, period, grain)
        facts = tx.row(
            """
            SELECT
                count(*) FILTER (orders_in_period > 0) AS customers,
                count(*) FILTER (orders_in_period > 1) AS repeaters
            FROM temp.customer_figures
            """
        )
        priced = _priced(tx, period)
        return Customers(
            scope=scope,
            period=period,
            grain=grain,
            today=tx.today,
            currency=Amounts.of(tx, scope.currency).currency,
            buckets=tuple(buckets),
            **facts,
            total=sum((bucket.total for bucket in buckets), Part()),
            rated=sum(row["rated"] for row in priced),
            second=_second(tx, period),
            cohorts=tuple(_cohorts(tx, period, grain)),
            grid=rfm.grid(tx),
            converted=tuple(_converted(priced)),
            left_out={row["currency"]: row["unrated"] for row in priced if row["unrated"]},
            **_no_purchases(tx, scope, period),
        )


@contextmanager
def purchases(tx: Reading, scope: CustomerScope, period: Period) -> Iterator[None]:
    """Within it `temp.customer_purchases` holds a row per purchase in scope (customer_id, NULL for nobody; number,
    ordered_on, currency, rate, rated_on, amount, 0 without a rate), and `temp.customer_figures` one per customer, see
    customers.sql."""
    require(tx, scope)
    given, params = _orders(tx, scope)
    amounts = Amounts.of(tx, scope.currency)
    bought = f"""
        SELECT *, 1 AS weight, ordered_on AS rate_day
        FROM ({given})
        WHERE status IN {BOUGHT} AND ordered_on <= $today
    """
    try:
        tx.create_temp_table(
            "customer_purchases",
            f"""
            SELECT customer_id, number, ordered_on, currency, rate, rated_on, if(rate IS NULL, 0, amount) AS amount
            FROM ({amounts.sql(bought)}) AS purchase
            """,
            **params,
            **amounts.params(),
            today=tx.today,
        )
        tx.create_temp_table("customer_figures", FIGURES, first=period.first, end=period.end)
        yield
    finally:
        tx.drop("customer_purchases", "customer_figures")


def require(tx: Reading, scope: CustomerScope) -> None:
    """Refuse where a module that the scope needs is off."""
    for module in (Module.ORDERS, scope.of.type.module):
        if module and not tx.actor.has(module):
            raise ModuleOff(module)


def criteria(tx: Reading, scope: CustomerScope) -> ListQuery:
    """The query of the list of contacts or companies for those in scope, be they customers or not."""
    if scope.label_id is not None and not scope.of.type.has(Trait.LABELS):
        raise Invalid(tr("Companies have no labels. Leave the label out, or ask for contacts."), "label")
    rules = scope.rules()
    return segments.narrowed(tx, scope.of.value, ListQuery(filter=All(of=rules) if rules else None), scope.segment_id)


def _orders(tx: Reading, scope: CustomerScope) -> tuple[str, dict[str, object]]:
    """SQL of the visible orders in scope with the customer of each, and its parameters."""
    of = scope.of.type
    where = listing.condition(tx, lists.source(of), criteria(tx, scope))
    if scope.of is Buyers.COMPANIES:
        who = f"""
            SELECT person.id AS contact_id, {of.row}.id AS customer_id
            FROM contacts AS person
            JOIN companies AS {of.row} ON {of.row}.id = person.company_id
        """
    else:
        who = f"SELECT {of.row}.id AS contact_id, {of.row}.id AS customer_id FROM contacts AS {of.row}"
    conditions, params = ["true"], dict(where.params)
    if scope.source is not None:
        conditions.append("purchase.source = $source")
        params["source"] = scope.source
    if scope.currency is not None:
        conditions.append("purchase.currency = $only")
        params["only"] = scope.currency
    sql = f"""
        SELECT
            customer.customer_id,
            purchase.id AS number,
            purchase.status,
            purchase.ordered_on,
            purchase.currency,
            purchase.value
        FROM orders AS purchase
        {"" if scope.narrows else "LEFT"} JOIN ({who} WHERE {where.sql}) AS customer
            ON customer.contact_id = purchase.contact_id
        WHERE {" AND ".join(conditions)}
    """
    return sql, params


def _buckets(tx: Reading, period: Period, grain: Grain) -> list[Bucket]:
    days = {"first": period.first, "end": period.end, "grain": grain.value}
    every = tx.rows(
        """
        SELECT
            greatest(date_trunc($grain, ordered_on)::DATE, $first) AS bucket,
            customer_id IS NULL AS nobody,
            count(*) AS orders,
            sum(amount) AS revenue
        FROM temp.customer_purchases
        WHERE ordered_on >= $first AND ordered_on < $end
        GROUP BY ALL
        """,
        **days,
    )
    firsts = tx.rows(
        """
        SELECT
            greatest(date_trunc($grain, first_on)::DATE, $first) AS bucket,
            count(*) AS orders,
            sum(first_amount) AS revenue
        FROM temp.customer_figures
        WHERE first_on >= $first AND first_on < $end
        GROUP BY ALL
        """,
        **days,
    )
    known = {row["bucket"]: row for row in every if not row["nobody"]}
    nobody = {row["bucket"]: row for row in every if row["nobody"]}
    new = {row["bucket"]: row for row in firsts}
    return [
        Bucket(
            period=each,
            new=_part(new.get(each.first)),
            returning=_less(_part(known.get(each.first)), _part(new.get(each.first))),
            nobody=_part(nobody.get(each.first)),
        )
        for each in period.cut(grain)
    ]


def _part(row: Row | None) -> Part:
    return Part(orders=row["orders"], revenue=row["revenue"]) if row else Part()


def _less(whole: Part, part: Part) -> Part:
    return Part(orders=whole.orders - part.orders, revenue=whole.revenue - part.revenue)


def _second(tx: Reading, period: Period) -> SecondOrder:
    found = tx.rows(
        """
        SELECT coalesce(second_on, $today) - first_on AS days, second_on IS NOT NULL AS again, count(*) AS customers
        FROM temp.customer_figures
        WHERE first_on >= $first AND first_on < $end
        GROUP BY ALL
        """,
        today=tx.today,
        first=period.first,
        end=period.end,
    )
    many = [row["customers"] for row in found]
    lengths = np.repeat(np.array([row["days"] for row in found], dtype=np.float64), many)
    again = np.repeat(np.array([row["again"] for row in found], dtype=np.bool_), many)
    return SecondOrder(customers=len(again), again=int(again.sum()), median=kaplan_meier_median(lengths, again))


def _cohorts(tx: Reading, period: Period, grain: Grain) -> Iterator[Cohort]:
    found = tx.rows(
        """
        SELECT cohort, bucket, count(*) AS customers, sum(amount) AS revenue
        FROM (
            SELECT
                date_trunc($grain, figures.first_on)::DATE AS cohort,
                date_trunc($grain, purchase.ordered_on)::DATE AS bucket,
                sum(purchase.amount) AS amount
            FROM temp.customer_purchases AS purchase
            JOIN temp.customer_figures AS figures ON figures.customer_id = purchase.customer_id
            WHERE figures.first_on >= $first AND figures.first_on < $end
            GROUP BY figures.customer_id, cohort, bucket
        )
        GROUP BY ALL
        """,
        first=period.first,
        end=period.end,
        grain=grain.value,
    )
    by_place = {(row["cohort"], row["bucket"]): row for row in found}
    for each in period.cut(grain):
        start = grain_start(each.first, grain)
        if start <= tx.today:
            yield Cohort(period=each, cells=tuple(_cells(by_place, start, grain, tx.today)))


def _cells(by_place: dict[tuple[date, date], Row], cohort: date, grain: Grain, today: date) -> Iterator[CohortCell]:
    start, number = cohort, 0
    while start <= today:
        end = months_after(start, grain.months)
        row = by_place.get((cohort, start))
        yield CohortCell(
            number=number,
            customers=row["customers"] if row else 0,
            revenue=row["revenue"] if row else Decimal(0),
            over=end <= today,
        )
        start, number = end, number + 1


def _priced(tx: Reading, period: Period) -> list[Row]:
    """How the amounts of each currency came about, by currency: `rated` of the period, the rest of all purchases."""
    return tx.rows(
        """
        SELECT
            currency,
            count(*) FILTER (rate IS NOT NULL AND ordered_on >= $first AND ordered_on < $end) AS rated,
            count(*) FILTER (rate IS NULL) AS unrated,
            count(rated_on) AS orders,
            min(rate) AS lowest,
            max(rate) AS highest,
            min(rated_on) AS first,
            max(rated_on) AS last
        FROM temp.customer_purchases
        GROUP BY currency
        ORDER BY currency
        """,
        first=period.first,
        end=period.end,
    )


def _converted(priced: Iterable[Row]) -> Iterator[OrdersConverted]:
    for row in priced:
        if row["orders"]:
            yield OrdersConverted(**{name: row[name] for name in OrdersConverted.model_fields})


def _no_purchases(tx: Reading, scope: CustomerScope, period: Period) -> dict[str, int]:
    given, params = _orders(tx, scope)
    return tx.row(
        f"""
        SELECT
            count(*) FILTER (status NOT IN {BOUGHT} AND ordered_on >= $first AND ordered_on < $end) AS ended,
            count(*) FILTER (status IN {BOUGHT} AND ordered_on > $today) AS future
        FROM ({given}) AS given
        WHERE status NOT IN {BOUGHT} OR ordered_on > $today
        """,
        **params,
        first=period.first,
        end=period.end,
        today=tx.today,
    )


@kept
def currencies(tx: Reading) -> list[str]:
    """The workspace's currency, then the other currencies of visible orders."""
    found = [row["currency"] for row in tx.rows("SELECT DISTINCT currency FROM orders ORDER BY 1")]
    return [tx.actor.currency, *(code for code in found if code != tx.actor.currency)]
