"""What a list of deals is worth: a sum for each currency, never over several."""

from decimal import Decimal

from pydantic import BaseModel

from crm import listing
from crm.deals.listing import SOURCE
from crm.listing import Asked
from crm.store import Reading


class CurrencyTotal(BaseModel, frozen=True):
    currency: str
    count: int
    """Of the deals in this currency, with a value or without."""
    value: Decimal
    weighted: Decimal
    """By the probability of each deal's stage."""


def totals(tx: Reading, asked: Asked) -> list[CurrencyTotal]:
    """Of everything that was asked for, whatever its page; the largest first."""
    where = listing.wanted(tx, SOURCE, asked)
    rows = tx.rows(
        f"""
        SELECT
            deal.currency,
            count(*) AS count,
            coalesce(sum(deal.value), 0) AS value,
            coalesce(sum(deal.value::DECIMAL(38, 4) * deal.probability * 0.01), 0)::DECIMAL(38, 4) AS weighted
        FROM deals AS deal
        WHERE {where.sql}
        GROUP BY deal.currency
        ORDER BY value DESC, deal.currency
        """,
        **where.params,
    )
    return [CurrencyTotal(**row) for row in rows]
