"""Totals of a list of deals: by currency, separately for open, won and lost deals."""

from decimal import Decimal

from pydantic import BaseModel

from crm.deals.declaration import DEAL
from crm.records import listing, lists
from crm.records.listing import ListQuery, Source
from crm.store import Reading
from crm.store.kept import kept


class CurrencyTotal(BaseModel, frozen=True):
    """The totals of the deals in one currency, at the values that the list shows."""

    currency: str
    open_count: int
    open_value: Decimal
    weighted: Decimal
    """Value × probability of the stage, over the open deals only."""
    won_count: int
    won_value: Decimal
    lost_count: int
    lost_value: Decimal

    @property
    def count(self) -> int:
        return self.open_count + self.won_count + self.lost_count


@kept
def totals(tx: Reading, query: ListQuery) -> list[CurrencyTotal]:
    """The totals of all deals that match the query, not only of its page; the currency with the largest sum first."""
    return totals_of(tx, lists.source(DEAL), query)


def totals_of(tx: Reading, source: Source, query: ListQuery) -> list[CurrencyTotal]:
    """The same of any list of deals."""
    where = listing.condition(tx, source, query)
    rows = tx.rows(
        f"""
        SELECT
            deal.currency,
            count(*) FILTER (deal.status = 'open') AS open_count,
            coalesce(sum(deal.value) FILTER (deal.status = 'open'), 0) AS open_value,
            coalesce(
                -- The cast comes first: DECIMAL(18, 4) × DECIMAL(5, 2) is computed in 18 digits and overflows from 17
                -- billion on.
                sum(deal.value::DECIMAL(38, 4) * deal.probability * 0.01) FILTER (deal.status = 'open'), 0
            )::DECIMAL(38, 4) AS weighted,
            count(*) FILTER (deal.status = 'won') AS won_count,
            coalesce(sum(deal.value) FILTER (deal.status = 'won'), 0) AS won_value,
            count(*) FILTER (deal.status = 'lost') AS lost_count,
            coalesce(sum(deal.value) FILTER (deal.status = 'lost'), 0) AS lost_value
        FROM {source.table} AS deal
        WHERE {where.sql}
        GROUP BY deal.currency
        ORDER BY coalesce(sum(deal.value), 0) DESC, deal.currency
        """,
        **source.params,
        **where.params,
    )
    return [CurrencyTotal(**row) for row in rows]
