"""A customer's purchase figures by currency, and their RFM score.

RFM follows Arthur M. Hughes, *Strategic Database Marketing* (1994): five groups of equal size by recency, frequency and
monetary value, 5 the best. A customer's group is 1 + ⌊5 × share⌋, where share is the share of customers of the same
currency with less, so that equal customers are in the same group.

Cancelled, failed and refunded orders are no purchases; they are counted separately.
"""

from datetime import date
from decimal import Decimal

from pydantic import BaseModel

from crm.orders.related import Orders, Sum
from crm.store import Reading, Row

BOUGHT = ("pending", "paid", "partially_paid", "overdue")
"""Statuses of orders that count as purchases."""

ENOUGH = 50_000
"""Customers that the ranks are computed from. Of more, every second, third … is sampled: the share is then off by half
a percent at most, and a million customers take no longer than these."""


class Rfm(BaseModel, frozen=True):
    """Groups from 1 to 5; 5 is the best fifth of the customers."""

    recency: int
    frequency: int
    monetary: int


class Figures(BaseModel, frozen=True):
    """A customer's purchases in one currency."""

    currency: str
    count: int
    value: Decimal
    average: Decimal | None
    """None where nothing was bought."""
    last_on: date | None
    days_since: int | None
    """Days from the last order to today; negative where it is in the future."""
    left_out: int
    """The number of cancelled, failed and refunded orders."""
    rfm: Rfm | None = None
    """Only for a contact with purchases."""


def figures(tx: Reading, found: Orders) -> tuple[Figures, ...]:
    """The figures by currency, the one with the most purchases first, over visible orders. A contact also has an RFM
    score among the visible customers."""
    made = [
        _figures(currency, found.sums, tx.today) for currency in dict.fromkeys(each.currency for each in found.sums)
    ]
    ranks = _ranks(tx, [each for each in made if each.count]) if found.kind == "contact" else {}
    ranked = [each.model_copy(update={"rfm": ranks.get(each.currency)}) for each in made]
    return tuple(sorted(ranked, key=lambda each: (-each.count, each.currency)))


def _figures(currency: str, sums: tuple[Sum, ...], today: date) -> Figures:
    bought = [each for each in sums if each.currency == currency and each.status in BOUGHT]
    count = sum(each.count for each in bought)
    value = sum((each.value for each in bought), Decimal(0))
    last_on = max((each.last_on for each in bought), default=None)
    return Figures(
        currency=currency,
        count=count,
        value=value,
        average=value / count if count else None,
        last_on=last_on,
        days_since=(today - last_on).days if last_on else None,
        left_out=sum(each.count for each in sums if each.currency == currency) - count,
    )


def _ranks(tx: Reading, own: list[Figures]) -> dict[str, Rfm]:
    """{currency: the customer's RFM groups}, in one scan of the orders for all currencies."""
    # Statuses are compared in the aggregates, not in WHERE: there it would cost for customers outside the sample too.
    if not own:
        return {}
    found = tx.rows(
        f"""
        WITH
        own AS (
            SELECT
                unnest($currencies::VARCHAR[]) AS currency,
                unnest($last_ons::DATE[]) AS last_on,
                unnest($counts::BIGINT[]) AS many,
                unnest($values::DECIMAL(38, 4)[]) AS worth
        ),
        customers AS (
            SELECT
                currency,
                max(ordered_on) FILTER (status IN {BOUGHT}) AS last_on,
                count(*) FILTER (status IN {BOUGHT}) AS many,
                sum(value) FILTER (status IN {BOUGHT}) AS worth
            FROM orders
            WHERE {_some(tx)}
            GROUP BY currency, contact_id
        )
        SELECT
            own.currency,
            count(customers.many) AS customers,
            count(*) FILTER (customers.last_on < own.last_on) AS recency,
            count(*) FILTER (customers.many < own.many) AS frequency,
            count(*) FILTER (customers.worth < own.worth) AS monetary
        FROM own
        LEFT JOIN customers ON customers.currency = own.currency AND customers.many > 0
        GROUP BY own.currency
        """,
        currencies=[each.currency for each in own],
        last_ons=[each.last_on for each in own],
        counts=[each.count for each in own],
        values=[each.value for each in own],
    )
    return {row["currency"]: _groups(row) for row in found}


def _groups(below: Row) -> Rfm:
    """The groups, from the numbers of customers with less."""
    # The sample may hold no customer of this currency; and a customer outside of it may have more than all in it.
    customers = max(below["customers"], 1)
    return Rfm(**{part: min(5, 1 + 5 * below[part] // customers) for part in ("recency", "frequency", "monetary")})


def _some(tx: Reading) -> str:
    """SQL that samples customers, by contact id: ids are given in the order of creation, so every n-th is a fair
    sample."""
    step = int(tx.value("SELECT count(*) FROM base.contacts")) // ENOUGH
    return f"contact_id % {step} = 0" if step > 1 else "contact_id IS NOT NULL"
