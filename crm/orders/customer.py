"""What a customer has bought: figures of each currency, and how they stand among the others (RFM).

RFM is that of Arthur M. Hughes, *Strategic Database Marketing* (1994): customers in five groups of equal size by how
recently, how often and for how much they bought, 5 the best. Here a customer's group follows from the share of the
customers of the same currency who have less: 1 + ⌊5 × share⌋, so that equal customers are in the same group.

Orders that were cancelled, failed or refunded are no purchase: they are counted apart.
"""

from datetime import date
from decimal import Decimal

from pydantic import BaseModel

from crm.orders.related import Orders, Sum
from crm.store import Reading, Row

BOUGHT = ("pending", "paid", "partially_paid", "overdue")
"""Statuses of orders that stand."""

ENOUGH = 50_000
"""Customers that a rank is worked out among. Where there are more, every second, third … of them is looked at: among so
many a share is off by half a percent at the very most, and a million customers are ranked as fast as these."""


class Rfm(BaseModel, frozen=True):
    """Groups from 1 to 5, 5 the best fifth of the customers."""

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
    """From the last order to today; below 0 where that lies ahead."""
    left_out: int
    """Orders that were cancelled, failed or refunded."""
    rfm: Rfm | None = None
    """Of a contact who bought."""


def figures(tx: Reading, found: Orders) -> tuple[Figures, ...]:
    """One a currency, the one with the most purchases first, of the orders that the actor may see. A contact has a rank
    among the customers whom the actor may see."""
    made = [_figures(currency, found.sums, tx.today) for currency in dict.fromkeys(one.currency for one in found.sums)]
    ranks = _ranks(tx, [one for one in made if one.count]) if found.kind == "contact" else {}
    ranked = [one.model_copy(update={"rfm": ranks.get(one.currency)}) for one in made]
    return tuple(sorted(ranked, key=lambda one: (-one.count, one.currency)))


def _figures(currency: str, sums: tuple[Sum, ...], today: date) -> Figures:
    bought = [one for one in sums if one.currency == currency and one.status in BOUGHT]
    count = sum(one.count for one in bought)
    value = sum((one.value for one in bought), Decimal(0))
    last_on = max((one.last_on for one in bought), default=None)
    return Figures(
        currency=currency,
        count=count,
        value=value,
        average=value / count if count else None,
        last_on=last_on,
        days_since=(today - last_on).days if last_on else None,
        left_out=sum(one.count for one in sums if one.currency == currency) - count,
    )


def _ranks(tx: Reading, own: list[Figures]) -> dict[str, Rfm]:
    """{currency: the customer's groups among its customers}, from one look at the orders for all of them. What was
    bought is told apart in the sums and not before them: words are dear to compare for those who are not looked at."""
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
        currencies=[one.currency for one in own],
        last_ons=[one.last_on for one in own],
        counts=[one.count for one in own],
        values=[one.value for one in own],
    )
    return {row["currency"]: _groups(row) for row in found}


def _groups(below: Row) -> Rfm:
    """From the numbers of customers who have less."""
    customers = max(below["customers"], 1)
    return Rfm(**{part: min(5, 1 + 5 * below[part] // customers) for part in ("recency", "frequency", "monetary")})


def _some(tx: Reading) -> str:
    """Every how manieth customer is looked at; by number, for these are given in the order in which they come."""
    step = int(tx.value("SELECT count(*) FROM base.contacts")) // ENOUGH
    return f"contact_id % {step} = 0" if step > 1 else "contact_id IS NOT NULL"
