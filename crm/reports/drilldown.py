"""The drill-down of a report's figure: the deals that it counts, and their sums."""

from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from crm.platform import rates
from crm.store import Reading


class DealBehind(BaseModel, frozen=True):
    """One deal and its contribution to the figure: `value`, and `weighted` = value × probability (won deals: value).
    All of it is as of the day asked; for a closed deal, value, currency and owner are those of its closing.

    A deal in another currency than the figure's counts with `converted`, its value in `converted_into` at `rate`, the
    rate of the day `rated_on`."""

    id: int
    title: str
    company_name: str | None
    owner_name: str | None
    pipeline_name: str | None
    stage_name: str
    status: str
    expected_close: date | None
    closed_on: date | None
    currency: str
    value: Decimal | None
    weighted: Decimal | None
    converted: Decimal | None
    converted_into: str | None
    rate: rates.Value | None
    rated_on: date | None


class Sum(BaseModel, frozen=True):
    """The sums of the deals that count in one currency: their own, or the one that they were converted into."""

    currency: str
    count: int
    value: Decimal
    weighted: Decimal


class Behind(BaseModel, frozen=True):
    """One page of deals, largest value first, and the sums over all pages."""

    items: list[DealBehind]
    sums: list[Sum]

    @property
    def count(self) -> int:
        return sum(each.count for each in self.sums)


def page_of(tx: Reading, picked: str, params: dict[str, Any], *, limit: int, offset: int) -> Behind:
    """A page of the deals of the query `picked`: one row per deal with deal_id, stage_id, status,
    expected_close, closed_on, owner_id, currency, value, weighted, and the columns of `Amounts.sql`."""
    # Over all pages, and of every currency that a figure of counts holds.
    sums = tx.rows(
        f"""
        SELECT
            amount_currency AS currency,
            count(*) AS count,
            coalesce(sum(amount), 0) AS value,
            coalesce(sum(weighted_amount), 0) AS weighted
        FROM ({picked}) AS picked
        GROUP BY amount_currency
        ORDER BY amount_currency
        """,
        **params,
    )
    # `base.stages`: a stage that was removed since keeps its name there.
    items = tx.rows(
        f"""
        SELECT
            deal.id,
            deal.title,
            company.name AS company_name,
            owner.name AS owner_name,
            pipeline.name AS pipeline_name,
            stage.name AS stage_name,
            picked.status,
            picked.expected_close,
            picked.closed_on,
            picked.currency,
            picked.value,
            picked.weighted,
            if(picked.rated_on IS NULL, NULL, picked.amount) AS converted,
            if(picked.rated_on IS NULL, NULL, picked.amount_currency) AS converted_into,
            if(picked.rated_on IS NULL, NULL, picked.rate) AS rate,
            picked.rated_on
        FROM ({picked}) AS picked
        JOIN past_deals AS deal ON deal.id = picked.deal_id
        JOIN base.stages AS stage ON stage.id = picked.stage_id
        LEFT JOIN pipelines AS pipeline ON pipeline.id = stage.pipeline_id
        LEFT JOIN companies AS company ON company.id = deal.company_id
        LEFT JOIN users AS owner ON owner.id = picked.owner_id
        ORDER BY picked.amount DESC NULLS LAST, deal.id
        LIMIT $limit OFFSET $offset
        """,
        **params,
        limit=limit,
        offset=offset,
    )
    return Behind(items=[DealBehind(**row) for row in items], sums=[Sum(**row) for row in sums])
