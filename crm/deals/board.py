"""The board of a pipeline: counts and totals of each stage over all its deals, and its first cards.

It is read by three plain statements: the narrow columns of all its deals, the cards of the first of them, and what
belongs to these cards. As one statement they took two and a half times as long, most of it to plan.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple

import polars as pl
from pydantic import BaseModel, SkipValidation

from crm.deals.arrivals import VALUE
from crm.deals.counters import NONE, Counters
from crm.deals.declaration import DEAL
from crm.deals.health.deal_facts import ACTIVITY, DealFacts
from crm.foundation.access import Module
from crm.pipelines import Kind, Pipeline, Stage
from crm.pipelines import get as pipeline_of
from crm.platform.people import users
from crm.records import listing, lists
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
    facts: SkipValidation[tuple[DealFacts, ...]]
    """What the health of the open deals among the cards is scored by."""

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
    matching = tx.frame(
        f"""
        SELECT deal.id, deal.stage_id, deal.currency, deal.value, deal.rank, deal.own_probability
        FROM deals AS deal
        WHERE {condition}
        """,
        **params,
    )
    sums = _sums(matching)
    first = _first(matching, {stage.id: SCREENFUL for stage in pipeline.stages} | dict(shown))
    cards, facts = _cards(tx, pipeline, list(chain.from_iterable(first.values())))
    return Board(
        pipeline=pipeline,
        columns=tuple(
            _column(stage, sums.get(stage.id, []), [cards[each] for each in first.get(stage.id, ())])
            for stage in pipeline.stages
        ),
        facts=facts,
    )


def _column(stage: Stage, sums: list[Row], cards: list[Card]) -> Column:
    totals = [
        Total(currency=row["currency"], value=row["value"], weighted=_weighted(row, stage))
        for row in sums
        if row["valued"]
    ]
    return Column(
        stage=stage,
        count=sum(row["count"] for row in sums),
        totals=tuple(sorted(totals, key=lambda total: -total.value)),
        cards=tuple(cards),
    )


def _weighted(row: Row, stage: Stage) -> Decimal:
    """By the probability of the stage, but for open deals that have their own."""
    value: Decimal = row["value"]
    if stage.kind is not Kind.OPEN:
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


def _sums(matching: pl.DataFrame) -> dict[int, list[Row]]:
    """{stage id: one row per currency with count, number of deals with a value, their sum, and value and weighted value
    of those with a probability of their own}."""
    # Wider than a value: a sum may have more digits.
    value = pl.col("value").cast(pl.Decimal(38, 4))
    kinds = matching.group_by("stage_id", "currency", "own_probability").agg(
        count=pl.len(), valued=value.count(), value=value.sum()
    )
    found: dict[int, dict[str, Row]] = {}
    for stage_id, currency, own, count, valued, total in kinds.iter_rows():
        nothing = {"currency": currency, "count": 0, "valued": 0, "value": 0, "own_value": 0, "own_weighted": 0}
        row = found.setdefault(stage_id, {}).setdefault(currency, nothing)
        row["count"] += count
        row["valued"] += valued
        row["value"] += total
        if own is not None:
            row["own_value"] += total
            row["own_weighted"] += total * own
    return {stage_id: list(of_stage.values()) for stage_id, of_stage in found.items()}


def _first(matching: pl.DataFrame, limits: Mapping[int, int]) -> dict[int, list[int]]:
    """{stage id: the ids of its first cards in order, as many as its limit}."""
    most = pl.col("id").sort_by("rank", "id").head(max(limits.values(), default=0))
    rows = matching.group_by("stage_id").agg(most).iter_rows()
    return {stage_id: ids[: limits[stage_id]] for stage_id, ids in rows if stage_id in limits}


def _cards(tx: Reading, pipeline: Pipeline, ids: list[int]) -> tuple[dict[int, Card], tuple[DealFacts, ...]]:
    """{id: card} of visible deals of the pipeline, and the facts of the open ones."""
    if not ids:
        return {}, ()
    # base.deals: the ids come from the visible ones. base.companies: a visible deal makes its company visible, and the
    # view would check that again for each row.
    rows = tx.rows(
        f"""
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
            deal.contact_id,
            {ACTIVITY}
        FROM base.deals AS deal
        LEFT JOIN contacts AS contact ON contact.id = deal.contact_id
        LEFT JOIN base.companies AS company ON company.id = deal.company_id
        LEFT JOIN base.deal_activity AS activity ON activity.deal_id = deal.id
        WHERE deal.id IN (SELECT unnest($ids::BIGINT[]))
        """,
        ids=ids,
        companies=tx.actor.has(Module.COMPANIES),
    )
    belongings = _belongings(tx, ids)
    # Those who own deals are few, and every page reads them as well: a join takes longer to plan.
    names = users.names(tx)
    still_open = {stage.id for stage in pipeline.open_stages}
    cards = {row["id"]: _card(row, belongings.get(row["id"], []), names) for row in rows}
    facts = (
        DealFacts.made(row, [each for each in belongings.get(row["id"], ()) if each["what"] == "item"])
        for row in rows
        if row["stage_id"] in still_open
    )
    return cards, tuple(facts)


def _belongings(tx: Reading, ids: list[int]) -> dict[int, list[Row]]:
    """{deal id: a row for each of its labels and checklist items, and one for all its notes, and for all its files}."""
    # base tables: a scan of narrow columns, where the views would check privacy again for each.
    rows = tx.rows(
        """
        SELECT *
        FROM (
            SELECT 'item' AS what, deal_id, 1 AS many, due_on, epoch_us(done_at) AS done FROM base.checklist_items
            UNION ALL BY NAME
            SELECT 'note' AS what, subject_id AS deal_id, count(*) AS many
            FROM base.notes
            WHERE subject_kind = 'deal'
            GROUP BY subject_id
            UNION ALL BY NAME
            SELECT 'file' AS what, subject_id AS deal_id, count(*) AS many
            FROM base.attachments
            WHERE subject_kind = 'deal'
            GROUP BY subject_id
            UNION ALL BY NAME
            SELECT 'label' AS what, link.deal_id, label.id, label.name, label.colour, label.name_key
            FROM base.deal_labels AS link
            JOIN base.labels AS label ON label.id = link.label_id
        )
        WHERE deal_id IN (SELECT unnest($ids::BIGINT[]))
        """,
        ids=ids,
    )
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row["deal_id"], []).append(row)
    return found


def _card(row: Row, belongings: list[Row], names: Mapping[int, str]) -> Card:
    found: dict[str, Any] = {
        **row,
        "owner_name": names.get(row["owner_id"]),
        "labels": _labels([each for each in belongings if each["what"] == "label"]) if belongings else (),
        "counters": _counters(belongings) if belongings else NONE,
    }
    return Card._make(map(found.__getitem__, Card._fields))


def _labels(rows: list[Row]) -> tuple[Label, ...]:
    rows.sort(key=itemgetter("name_key"))
    return tuple(Label(id=row["id"], name=row["name"], colour=row["colour"]) for row in rows)


def _counters(belongings: list[Row]) -> Counters:
    many: Counter[str] = Counter()
    for each in belongings:
        many[each["what"]] += each["many"] or 0
    done = sum(each["done"] is not None for each in belongings)
    return Counters(many["note"], many["file"], many["item"], done)
