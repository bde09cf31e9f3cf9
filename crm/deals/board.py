"""The board of a pipeline: counts and totals of each stage over all its deals, and its first cards.

It is read by two plain statements: the narrow columns of all its deals, and the cards of the first of them with what
belongs to these. As one statement they took two and a half times as long, most of it to plan. Cards are kept one by
one: after a change only those are read that it has changed.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import chain
from operator import itemgetter
from types import MappingProxyType
from typing import Any, NamedTuple

import polars as pl
from pydantic import BaseModel, SkipValidation

from crm.deals import past
from crm.deals.arrivals import VALUE
from crm.deals.counters import NONE, Counters
from crm.deals.declaration import DEAL
from crm.deals.health.deal_facts import ACTIVITY, DealFacts
from crm.deals.of_pipeline import deals_of_pipeline
from crm.foundation import clock
from crm.foundation.access import Module
from crm.pipelines import Kind, Pipeline, Stage
from crm.pipelines import get as pipeline_of
from crm.pipelines import past as pipelines_past
from crm.platform import rates
from crm.platform.people import users
from crm.records import listing, lists
from crm.records.filters import Filter
from crm.records.labels import Label
from crm.records.listing import ListQuery, Source
from crm.store import Reading, Row
from crm.store.kept import kept
from crm.store.kept_rows import kept_by_row

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
    """Sums in one currency."""

    currency: str
    value: Decimal
    weighted: Decimal


class Column(BaseModel, frozen=True):
    stage: Stage
    count: int
    totals: tuple[Total, ...]
    """By currency, largest first; without currencies in which no deal has a value."""
    in_all: Total
    """In the workspace's currency, each value converted at the rate of the day."""
    unrated: dict[str, int]
    """The deals with a value that `in_all` leaves out for want of a rate, by currency."""
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
    outline = _outline(tx, pipeline_id, search=search, owner_id=owner_id, filter=filter, shown=tuple(shown))
    found = _cards(tx, chain.from_iterable(outline.first.values()))
    columns = tuple(
        column.model_copy(update={"cards": tuple(found[each][0] for each in outline.first.get(column.stage.id, ()))})
        for column in outline.columns
    )
    still_open = {stage.id for stage in pipeline.open_stages}
    facts = tuple(each for _, each in found.values() if each.stage_id in still_open)
    return Board(pipeline=pipeline, columns=columns, facts=facts)


@dataclass(frozen=True)
class _Outline:
    """A board without its cards."""

    first: Mapping[int, tuple[int, ...]]
    """{stage id: the ids of its first cards in order}."""
    columns: tuple[Column, ...]


# Kept apart from the cards: most changes, such as a note, are of these alone.
@kept
def _outline(
    tx: Reading,
    pipeline_id: int,
    *,
    search: str,
    owner_id: int | None,
    filter: Filter | None,
    shown: tuple[tuple[int, int], ...],
) -> _Outline:
    """The outline of a board; arguments as of `board`."""
    pipeline = pipeline_of(tx, pipeline_id)
    matching = _matching(tx, pipeline_id, search, owner_id, filter)
    first = _first(matching, ["rank", "id"], {stage.id: SCREENFUL for stage in pipeline.stages} | dict(shown))
    ids = {stage_id: tuple(each) for stage_id, each in first.items()}
    return _Outline(MappingProxyType(ids), _columns(tx, pipeline, matching, {}))


def _matching(tx: Reading, pipeline_id: int, search: str, owner_id: int | None, filter: Filter | None) -> pl.DataFrame:
    """The narrow columns of all deals that match."""
    if not search and filter is None:  # by far the most frequent; the figures above the board read the same
        every = deals_of_pipeline(tx, pipeline_id)
        return every if owner_id is None else every.filter(pl.col("owner_id") == owner_id)
    condition, params = _condition(tx, lists.source(DEAL), pipeline_id, search, owner_id, filter)
    return tx.frame(
        f"""
        SELECT deal.id, deal.stage_id, deal.currency, deal.value, deal.rank, deal.own_probability
        FROM deals AS deal
        WHERE {condition}
        """,
        **params,
    )


@kept
def board_as_of(
    tx: Reading,
    pipeline_id: int,
    day: date,
    *,
    search: str = "",
    owner_id: int | None = None,
    filter: Filter | None = None,
    shown: Iterable[tuple[int, int]] = (),
) -> Board:
    """The board as it was at the end of a past day, with the stages of then (none where the pipeline was made later),
    by what was known then: `past.PAST`. Cards come by value, since places in a stage have no history. Owner and filter
    ask for what was so on that day, but for fields without history."""
    past.require(tx)
    source = past.source(tx, day)
    condition, params = _condition(tx, source, pipeline_id, search, owner_id, filter)
    matching = tx.frame(
        f"""
        SELECT deal.id, deal.stage_id, deal.currency, deal.value, deal.own_probability
        FROM {source.table} AS deal
        WHERE {condition}
        """,
        **source.params,
        **params,
    )
    at = clock.end_of(day, tx.actor.time_zone)
    pipeline = pipelines_past.as_of(tx, pipeline_id, at, holding=set(matching["stage_id"]))
    by_value = matching.with_columns(least=-pl.col("value").fill_null(-1))
    first = _first(by_value, ["least", "id"], {stage.id: SCREENFUL for stage in pipeline.stages} | dict(shown))
    cards = _past_cards(tx, source, list(chain.from_iterable(first.values())))
    shown_cards = {id_: [cards[each] for each in ids] for id_, ids in first.items()}
    return Board(pipeline=pipeline, columns=_columns(tx, pipeline, matching, shown_cards, day), facts=())


def _columns(
    tx: Reading, pipeline: Pipeline, matching: pl.DataFrame, cards: Mapping[int, list[Card]], day: date | None = None
) -> tuple[Column, ...]:
    """`day`: whose rates convert; None for today's."""
    currency = tx.actor.currency
    sums = _sums(rates.amounts_on(tx, matching, currency, day or tx.today))
    return tuple(_column(stage, sums.get(stage.id, []), cards.get(stage.id, []), currency) for stage in pipeline.stages)


def _column(stage: Stage, sums: list[Row], cards: list[Card], currency: str) -> Column:
    totals = [
        Total(currency=row["currency"], value=row["value"], weighted=_weighted(row, stage))
        for row in sums
        if row["valued"]
    ]
    return Column(
        stage=stage,
        count=sum(row["count"] for row in sums),
        totals=tuple(sorted(totals, key=lambda total: -total.value)),
        in_all=Total(
            currency=currency,
            value=sum((row["amount"] for row in sums), Decimal(0)),
            weighted=sum((_weighted(row, stage, "amount") for row in sums), Decimal(0)),
        ),
        unrated={row["currency"]: row["unrated"] for row in sums if row["unrated"]},
        cards=tuple(cards),
    )


def _weighted(row: Row, stage: Stage, of: str = "value") -> Decimal:
    """By the probability of the stage, but for open deals that have their own; `of` is value or amount."""
    value: Decimal = row[of]
    if stage.kind is not Kind.OPEN:
        return value * stage.probability / 100
    weighted: Decimal = (value - row[f"own_{of}"]) * stage.probability + row[f"own_weighted_{of}"]
    return weighted / 100


def _condition(
    tx: Reading, source: Source, pipeline_id: int, search: str, owner_id: int | None, filter: Filter | None
) -> tuple[str, dict[str, object]]:
    query = listing.condition(tx, source, ListQuery(filter=filter, search=search))
    params = {**query.params, "pipeline_id": pipeline_id}
    if owner_id is None:
        return f"deal.pipeline_id = $pipeline_id AND {query.sql}", params
    return f"deal.pipeline_id = $pipeline_id AND deal.owner_id = $owner_id AND {query.sql}", {
        **params,
        "owner_id": owner_id,
    }


def _sums(matching: pl.DataFrame) -> dict[int, list[Row]]:
    """{stage id: one row per currency}: count, number of deals with a value, how many of them have no rate; sum of
    values and of amounts, and both of those with a probability of their own, plain and weighted."""
    # Wider than a value: a sum may have more digits.
    value, amount = pl.col("value").cast(rates.AMOUNT), pl.col("amount")
    kinds = matching.group_by("stage_id", "currency", "own_probability").agg(
        count=pl.len(), valued=value.count(), rated=amount.count(), value=value.sum(), amount=amount.sum()
    )
    found: dict[int, dict[str, Row]] = {}
    for stage_id, currency, own, count, valued, rated, *sums in kinds.iter_rows():
        row = found.setdefault(stage_id, {}).setdefault(currency, {"currency": currency, **_NOTHING})
        row["count"] += count
        row["valued"] += valued
        row["unrated"] += valued - rated
        for name, total in zip(("value", "amount"), sums, strict=True):
            row[name] += total
            if own is not None:
                row[f"own_{name}"] += total
                row[f"own_weighted_{name}"] += total * own
    return {stage_id: list(of_stage.values()) for stage_id, of_stage in found.items()}


_NOTHING = {"count": 0, "valued": 0, "unrated": 0} | {
    f"{part}{name}": Decimal(0) for name in ("value", "amount") for part in ("", "own_", "own_weighted_")
}


def _first(matching: pl.DataFrame, order: list[str], limits: Mapping[int, int]) -> dict[int, list[int]]:
    """{stage id: the ids of its first cards in order, as many as its limit}."""
    most = pl.col("id").sort_by(*order).head(max(limits.values(), default=0))
    rows = matching.group_by("stage_id").agg(most).iter_rows()
    return {stage_id: ids[: limits[stage_id]] for stage_id, ids in rows if stage_id in limits}


@kept_by_row
def _cards(tx: Reading, ids: Sequence[int]) -> dict[int, tuple[Card, DealFacts]]:
    """{id: card and facts} of visible deals."""
    # base.deals: the ids come from the visible ones. base.companies: a visible deal makes its company visible, and the
    # view would check that again for each row.
    rows = tx.rows_of(
        ids,
        f"""
        SELECT
            'deal' AS what,
            deal.id AS deal_id,
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
        WHERE deal.id {{keys}}
        UNION ALL BY NAME
        {_BELONGINGS}
        """,
        companies=tx.actor.has(Module.COMPANIES),
    )
    belongings = _by_deal(row for row in rows if row["what"] != "deal")
    # Those who own deals are few, and every page reads them as well: a join takes longer to plan.
    names = users.names(tx)
    return {
        row["deal_id"]: _with_facts(row, belongings.get(row["deal_id"], []), names)
        for row in rows
        if row["what"] == "deal"
    }


def _with_facts(row: Row, belongings: list[Row], names: Mapping[int, str]) -> tuple[Card, DealFacts]:
    deal = {**row, "id": row["deal_id"]}
    items = [each for each in belongings if each["what"] == "item"]
    return _card(deal, belongings, names), DealFacts.made(deal, items)


def _past_cards(tx: Reading, source: Source, ids: list[int]) -> dict[int, Card]:
    """{id: card} of deals of a past day. Of what belongs to them only labels are shown: those of now."""
    if not ids:
        return {}
    rows = tx.rows(
        f"""
        SELECT
            deal.id,
            deal.stage_id,
            deal.title,
            deal.value,
            deal.currency,
            deal.priority,
            deal.owner_id,
            coalesce(contact.name, contact.email, contact.phone) AS contact_name,
            CASE WHEN $companies AND company.deleted_at IS NULL THEN company.name END AS company_name,
            deal.expected_close,
            deal.closed_on,
            deal.version
        FROM {source.table} AS deal
        LEFT JOIN contacts AS contact ON contact.id = deal.contact_id
        LEFT JOIN base.companies AS company ON company.id = deal.company_id
        WHERE deal.id IN (SELECT unnest($ids::BIGINT[]))
        """,
        **source.params,
        ids=ids,
        companies=tx.actor.has(Module.COMPANIES),
    )
    belongings, names = _by_deal(tx.rows_of(ids, _BELONGINGS)), users.names(tx)
    labels = {id_: [each for each in rows if each["what"] == "label"] for id_, rows in belongings.items()}
    return {row["id"]: _card(row, labels.get(row["id"], []), names) for row in rows}


_BELONGINGS = """
    SELECT 'item' AS what, deal_id, 1 AS many, due_on, epoch_us(done_at) AS done
    FROM base.checklist_items
    WHERE deal_id {keys}
    UNION ALL BY NAME
    SELECT 'note' AS what, subject_id AS deal_id, count(*) AS many
    FROM base.notes
    WHERE subject_kind = 'deal' AND subject_id {keys}
    GROUP BY subject_id
    UNION ALL BY NAME
    SELECT 'file' AS what, subject_id AS deal_id, count(*) AS many
    FROM base.attachments
    WHERE subject_kind = 'deal' AND subject_id {keys}
    GROUP BY subject_id
    UNION ALL BY NAME
    SELECT 'label' AS what, link.deal_id, label.id AS label_id, label.name AS label_name, label.colour, label.name_key
    FROM base.deal_labels AS link
    JOIN base.labels AS label ON label.id = link.label_id
    WHERE link.deal_id {keys}
"""
"""SQL: a row for each label and checklist item of deals, and one for all notes, and for all files, of each. Of base
tables: a scan of narrow columns, where the views would check privacy again for each."""


def _by_deal(belongings: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in belongings:
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
    return tuple(Label(id=row["label_id"], name=row["label_name"], colour=row["colour"]) for row in rows)


def _counters(belongings: list[Row]) -> Counters:
    many: Counter[str] = Counter()
    for each in belongings:
        many[each["what"]] += each["many"] or 0
    done = sum(each["done"] is not None for each in belongings)
    return Counters(many["note"], many["file"], many["item"], done)
