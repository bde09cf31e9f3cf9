"""The board of a pipeline: counts and totals of each stage over all its deals, and its first cards."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from pydantic import BaseModel, SkipValidation

from crm.deals.arrivals import VALUE
from crm.deals.counters import NONE, Counters, counters_sql
from crm.deals.declaration import DEAL
from crm.foundation.access import Module
from crm.pipelines import Kind, Pipeline, Stage
from crm.pipelines import get as pipeline_of
from crm.platform.people import users
from crm.records import labels, listing, lists
from crm.records.filters import Filter
from crm.records.labels import Label
from crm.records.listing import ListQuery
from crm.store import Reading, Row
from crm.store.kept import kept

SCREENFUL = 50
"""Cards of a stage that are shown at first."""


class Card(NamedTuple):
    """A tuple, since a board makes hundreds, and what is drawn of each is kept by it."""

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
    labels: tuple[Label, ...] = ()
    counters: Counters = NONE


class Total(BaseModel, frozen=True):
    """Sums of one currency. Currencies are never added up."""

    currency: str
    value: Decimal
    weighted: Decimal


class Column(BaseModel, frozen=True):
    stage: Stage
    count: int
    totals: tuple[Total, ...]
    """Largest first; without currencies in which no deal has a value."""
    cards: SkipValidation[tuple[Card, ...]]


class Board(BaseModel, frozen=True):
    pipeline: Pipeline
    columns: tuple[Column, ...]

    @property
    def count(self) -> int:
        return sum(column.count for column in self.columns)


@kept
def board(
    tx: Reading,
    pipeline_id: int,
    *,
    search: str = "",
    owner_id: int | None = None,
    filter: Filter | None = None,
    shown: Iterable[tuple[int, int]] = (),
) -> Board:
    """The board of the deals that match search, owner and filter. Counts and totals are over all of them; `shown` gives
    (stage id, number of cards to return) where it is not 50."""
    pipeline = pipeline_of(tx, pipeline_id)
    condition, params = _condition(tx, pipeline_id, search, owner_id, filter)
    limits = dict(shown)
    sums, cards = _read(tx, condition, params, max([SCREENFUL, *limits.values()]))
    return Board(
        pipeline=pipeline,
        columns=tuple(
            _column(stage, sums.get(stage.id, []), cards.get(stage.id, []), limits.get(stage.id, SCREENFUL))
            for stage in pipeline.stages
        ),
    )


def _column(stage: Stage, sums: list[Row], cards: list[Card], limit: int) -> Column:
    totals = [
        Total(currency=row["currency"], value=row["value"], weighted=_weighted(row, stage))
        for row in sums
        if row["value"] is not None
    ]
    return Column(
        stage=stage,
        count=sum(row["count"] for row in sums),
        totals=tuple(sorted(totals, key=lambda total: -total.value)),
        cards=tuple(cards[:limit]),
    )


def _weighted(row: Row, stage: Stage) -> Decimal:
    """By the probability of the stage, but for open deals that have their own."""
    value: Decimal = row["value"]
    if stage.kind is not Kind.OPEN or row["own_value"] is None:
        return value * stage.probability / 100
    weighted: Decimal = (value - row["own_value"]) * stage.probability + row["own_weighted"]
    return weighted / 100


def _condition(
    tx: Reading, pipeline_id: int, search: str, owner_id: int | None, filter: Filter | None
) -> tuple[str, dict[str, object]]:
    query = listing.condition(tx, lists.source(DEAL), ListQuery(filter=filter, search=search))
    params = {**query.params, "pipeline_id": pipeline_id}
    if owner_id is None:
        return f"deal.pipeline_id = $pipeline_id AND {query.sql}", params
    return f"deal.pipeline_id = $pipeline_id AND deal.owner_id = $owner_id AND {query.sql}", {
        **params,
        "owner_id": owner_id,
    }


def _read(
    tx: Reading, condition: str, params: dict[str, object], most: int
) -> tuple[dict[int, list[Row]], dict[int, list[Card]]]:
    """{stage id: one row per currency with count and value}, and {stage id: its first cards in order}: `most` of each,
    of which `_column` takes its own number."""
    # min_by keeps only the first cards while it scans; a window function would sort every deal.
    # base.companies: a visible deal makes its company visible, and the view would check that again for each row. So
    # would that of the deals, whose ids come from it.
    rows = tx.rows(
        f"""
        WITH
        matching AS MATERIALIZED (
            SELECT deal.id, deal.stage_id, deal.currency, deal.value, deal.rank, deal.own_probability
            FROM deals AS deal
            WHERE {condition}
        ),
        first AS MATERIALIZED (
            SELECT unnest(min_by(id, (rank, id), $most)) AS id
            FROM matching
            GROUP BY stage_id
        ),
        cards AS (
            SELECT
                deal.id,
                deal.stage_id,
                deal.title,
                {VALUE} AS value,
                deal.currency,
                deal.priority,
                deal.owner_id,
                coalesce(contact.name, contact.email, contact.phone) AS contact_name,
                CASE WHEN $companies AND company.deleted_at IS NULL THEN company.name END AS company_name,
                deal.expected_close,
                deal.closed_on,
                deal.version,
                deal.rank,
                labelled.labels,
                counted.counters
            FROM first
            JOIN base.deals AS deal ON deal.id = first.id
            LEFT JOIN contacts AS contact ON contact.id = deal.contact_id
            LEFT JOIN base.companies AS company ON company.id = deal.company_id
            LEFT JOIN ({labels.lists_sql("deal", "SELECT id FROM first")}) AS labelled ON labelled.record_id = deal.id
            LEFT JOIN ({counters_sql("SELECT id FROM first")}) AS counted ON counted.deal_id = deal.id
        )
        SELECT NULL::BIGINT AS many, cards.* FROM cards
        UNION ALL BY NAME
        SELECT
            count(*) AS many,
            stage_id,
            currency,
            sum(value) AS value,
            sum(value) FILTER (own_probability IS NOT NULL) AS own_value,
            sum(value * own_probability::DECIMAL(9, 2)) AS own_weighted
        FROM matching
        GROUP BY stage_id, currency
        """,
        **params,
        most=most,
        companies=tx.actor.has(Module.COMPANIES),
    )
    sums: dict[int, list[Row]] = {}
    cards: dict[int, list[Card]] = {}
    # Those who own deals are few, and the page above the board reads them as well: a join takes longer to plan.
    names = {person.id: person.name for person in users.everyone(tx)}
    rows.sort(key=lambda row: (row["rank"] or 0, row["id"] or 0))
    for row in rows:
        many = row.pop("many")
        if many is None:
            cards.setdefault(row["stage_id"], []).append(_card(row, names))
        else:
            sums.setdefault(row["stage_id"], []).append({**row, "count": many})
    return sums, cards


def _card(row: Row, names: Mapping[int, str]) -> Card:
    found = {
        **row,
        "owner_name": names.get(row["owner_id"]),
        "labels": tuple(Label(**label) for label in row["labels"] or ()),
        "counters": Counters(**row["counters"]) if row["counters"] else NONE,
    }
    return Card._make(map(found.__getitem__, Card._fields))
