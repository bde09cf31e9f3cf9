"""The board of a pipeline: true counts and totals of each stage, and the first cards of it."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from pydantic import BaseModel

from crm.deals.listing import SOURCE
from crm.filters import Filter
from crm.listing import Asked, wanted
from crm.pipelines import Pipeline, Stage
from crm.pipelines import get as pipeline_of
from crm.store import Reading

SCREENFUL = 50
"""Cards of a stage that are shown before somebody asks for more."""


class Card(BaseModel, frozen=True):
    id: int
    stage_id: int
    title: str
    value: Decimal | None
    currency: str
    priority: str | None
    owner_id: int | None
    owner_name: str | None
    contact_name: str | None
    company_name: str | None
    expected_close: date | None
    closed_on: date | None
    version: int


class Total(BaseModel, frozen=True):
    """Sums of one currency: currencies are never added up."""

    currency: str
    value: Decimal
    weighted: Decimal


class Column(BaseModel, frozen=True):
    stage: Stage
    count: int
    totals: tuple[Total, ...]
    """Largest first; without currencies in which no deal has a value."""
    cards: tuple[Card, ...]


class Board(BaseModel, frozen=True):
    pipeline: Pipeline
    columns: tuple[Column, ...]

    @property
    def count(self) -> int:
        return sum(column.count for column in self.columns)


def board(
    tx: Reading,
    pipeline_id: int,
    *,
    search: str = "",
    owner_id: int | None = None,
    filter: Filter | None = None,
    shown: Mapping[int, int] | None = None,
) -> Board:
    """The board under a search, an owner and a filter. Counts and totals are over all that match; `shown` says how
    many cards of a stage are wanted, 50 where it does not."""
    pipeline = pipeline_of(tx, pipeline_id)
    condition, params = _condition(tx, pipeline_id, search, owner_id, filter)
    counts, totals = _sums(tx, condition, params)
    cards = _cards(tx, condition, params, shown or {})
    return Board(
        pipeline=pipeline,
        columns=tuple(
            Column(
                stage=stage,
                count=counts.get(stage.id, 0),
                totals=tuple(sorted(totals.get(stage.id, ()), key=lambda total: -total.value)),
                cards=tuple(cards.get(stage.id, ())),
            )
            for stage in pipeline.stages
        ),
    )


def _condition(
    tx: Reading, pipeline_id: int, search: str, owner_id: int | None, filter: Filter | None
) -> tuple[str, dict[str, object]]:
    asked = wanted(tx, SOURCE, Asked(filter=filter, search=search))
    params = {**asked.params, "pipeline_id": pipeline_id}
    if owner_id is None:
        return f"deal.pipeline_id = $pipeline_id AND {asked.sql}", params
    return f"deal.pipeline_id = $pipeline_id AND deal.owner_id = $owner_id AND {asked.sql}", {
        **params,
        "owner_id": owner_id,
    }


def _sums(tx: Reading, condition: str, params: dict[str, object]) -> tuple[dict[int, int], dict[int, list[Total]]]:
    rows = tx.rows(
        f"""
        SELECT
            deal.stage_id,
            deal.currency,
            count(*) AS count,
            sum(deal.value) AS value,
            sum(deal.value * deal.probability / 100) AS weighted
        FROM deals AS deal
        WHERE {condition}
        GROUP BY deal.stage_id, deal.currency
        """,
        **params,
    )
    counts: dict[int, int] = {}
    totals: dict[int, list[Total]] = {}
    for row in rows:
        counts[row["stage_id"]] = counts.get(row["stage_id"], 0) + row["count"]
        if row["value"] is not None:
            total = Total(currency=row["currency"], value=row["value"], weighted=Decimal(str(row["weighted"])))
            totals.setdefault(row["stage_id"], []).append(total)
    return counts, totals


def _cards(tx: Reading, condition: str, params: dict[str, object], shown: Mapping[int, int]) -> dict[int, list[Card]]:
    rows = tx.rows(
        f"""
        WITH first AS (
            SELECT deal.*
            FROM deals AS deal
            WHERE {condition}
            QUALIFY row_number() OVER (PARTITION BY deal.stage_id ORDER BY deal.rank, deal.id)
                <= coalesce(map($stages, $wanted)[deal.stage_id], {SCREENFUL})
        )
        SELECT
            first.id,
            first.stage_id,
            first.title,
            first.value,
            first.currency,
            first.priority,
            first.owner_id,
            owner.name AS owner_name,
            coalesce(contact.name, contact.email, contact.phone) AS contact_name,
            company.name AS company_name,
            first.expected_close,
            first.closed_on,
            first.version
        FROM first
        LEFT JOIN users AS owner ON owner.id = first.owner_id
        LEFT JOIN contacts AS contact ON contact.id = first.contact_id
        LEFT JOIN companies AS company ON company.id = first.company_id
        ORDER BY first.stage_id, first.rank, first.id
        """,
        **params,
        stages=list(shown) or [0],
        wanted=list(shown.values()) or [SCREENFUL],
    )
    cards: dict[int, list[Card]] = {}
    for row in rows:
        cards.setdefault(row["stage_id"], []).append(Card(**row))
    return cards
