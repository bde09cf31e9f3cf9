"""The records of a type as a board by one of its list fields: counts and sums of each value over all of them, and its
first cards."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import islice
from typing import Any

from pydantic import BaseModel

from crm.foundation.errors import NotFound
from crm.foundation.language import tr
from crm.records import labels, listing, lists, references
from crm.records.declaration import RecordType, Trait
from crm.records.fields import Choice, Day, Link, LongText, Money, Number, Percent, Person, Text
from crm.records.labels import Label
from crm.records.listing import ListQuery
from crm.store import Reading, Row
from crm.store.kept import kept

SCREENFUL = 50
"""Cards of a column that are shown at first."""
MOST_FACTS = 3
_FACTS = (Text, Choice, Number, Percent, Money, Day, Person)
_LONG = (LongText, Link)


class Fact(BaseModel, frozen=True):
    """The value of a field; of a person the name."""

    key: str
    value: Any


class Card(BaseModel, frozen=True):
    id: int
    title: str
    owner_id: int | None
    owner_name: str | None
    currency: str
    """Of its amounts."""
    facts: tuple[Fact, ...]
    labels: tuple[Label, ...]
    version: int


class Total(BaseModel, frozen=True):
    """The sum of one currency. Currencies are never added up."""

    currency: str
    value: Decimal


class Column(BaseModel, frozen=True):
    """`value` is None for the records that have none."""

    value: str | None
    count: int
    totals: tuple[Total, ...]
    """Largest first; empty where the type has no amount, or no record has one."""
    cards: tuple[Card, ...]


class Board(BaseModel, frozen=True):
    columns: tuple[Column, ...]

    @property
    def count(self) -> int:
        return sum(column.count for column in self.columns)


def list_fields(of: RecordType[Any]) -> dict[str, Choice]:
    """{key: field} of the fields that a board of this type can stand by."""
    return {key: field for key, field in of.edited.items() if isinstance(field, Choice)}


@kept
def board(
    tx: Reading,
    of: RecordType[Any],
    by: str,
    query: ListQuery,
    *,
    shown: Iterable[tuple[str | None, int]] = (),
) -> Board:
    """The board of the records that match the query, in its order, by the list field `by`: a column for each value, and
    last one for those without, where there are any. Counts and sums are over all of them; `shown` gives (value, number
    of cards to return) where it is not 50; the query's own page is ignored. Raises NotFound where there is no such
    field."""
    field = list_fields(of).get(by)
    if field is None:
        raise NotFound(tr("field"))
    limits = dict(shown)
    heads, cards = _read(tx, of, by, query, max([SCREENFUL, *limits.values()]))
    values = [*field.values, *([None] if None in heads else [])]
    return Board(
        columns=tuple(
            _column(value, heads.get(value, []), cards.get(value, []), limits.get(value, SCREENFUL)) for value in values
        )
    )


def _fact_fields(of: RecordType[Any], by: str) -> list[str]:
    """What a card shows beside title, owner, labels and its column: the type's first short texts, numbers, amounts,
    days and people."""
    unshown = ("owner_id", by, *of.title, *of.described_by)
    facts = (
        key
        for key, field in of.edited.items()
        if isinstance(field, _FACTS) and not isinstance(field, _LONG) and key not in unshown
    )
    return list(islice(facts, MOST_FACTS))


def _column(value: str | None, heads: list[Row], cards: list[Card], limit: int) -> Column:
    totals = [Total(currency=row["currency"], value=row["amount"]) for row in heads if row["amount"] is not None]
    return Column(
        value=value,
        count=sum(row["many"] for row in heads),
        totals=tuple(sorted(totals, key=lambda total: -total.value)),
        cards=tuple(cards[:limit]),
    )


def _read(
    tx: Reading, of: RecordType[Any], by: str, query: ListQuery, most: int
) -> tuple[dict[str | None, list[Row]], dict[str | None, list[Card]]]:
    """{value: one row per currency with count and sum}, and {value: its first cards}: `most` of each."""
    source = lists.source(of)
    where = listing.condition(tx, source, query)
    facts = _fact_fields(of, by)
    amount = next(iter(of.amounts), None)
    labelled = of.has(Trait.LABELS)
    label_lists = labels.lists_sql(of.key, "SELECT id FROM first") if labelled else ""
    label_join = f"LEFT JOIN ({label_lists}) AS labelled ON labelled.record_id = first.id" if labelled else ""
    # An amount without a currency is in the workspace's.
    currency = f"coalesce({of.sql(of.amounts[amount].currency)}, $own_currency)" if amount else "$own_currency"
    # Only the columns that order and divide the records are read of all of them.
    rows = tx.rows(
        f"""
        WITH
        matching AS MATERIALIZED (
            SELECT
                {of.row}.id,
                {of.sql(by)} AS value,
                {of.sql(amount) if amount else "NULL::DECIMAL(18, 4)"} AS amount,
                {currency} AS currency,
                row_number() OVER (
                    PARTITION BY {of.sql(by)} ORDER BY {listing.order(tx, source, query.sort)}
                ) AS place
            FROM {source.table} AS {of.row}
            WHERE {where.sql}
        ),
        first AS MATERIALIZED (
            SELECT id, value, currency, place
            FROM matching
            WHERE place <= $most
        ),
        cards AS (
            SELECT
                first.id,
                first.value,
                first.currency,
                first.place,
                {of.title_sql(of.row)} AS title,
                {f"{of.row}.owner_id" if "owner_id" in of.fields else "NULL::BIGINT"} AS owner_id,
                {of.row}.version,
                {"".join(f"{of.sql(key)} AS fact_{place}," for place, key in enumerate(facts))}
                {"labelled.labels" if labelled else "NULL"} AS labels
            FROM first
            JOIN {source.table} AS {of.row} ON {of.row}.id = first.id
            {label_join}
        )
        SELECT NULL::BIGINT AS many, cards.* FROM cards
        UNION ALL BY NAME
        SELECT count(*) AS many, value, currency, sum(amount) AS amount
        FROM matching
        GROUP BY value, currency
        ORDER BY value, place
        """,
        **where.params,
        most=most,
        own_currency=tx.actor.currency,
    )
    heads: dict[str | None, list[Row]] = {}
    cards: dict[str | None, list[Card]] = {}
    for row in rows:
        if row["many"] is None:
            cards.setdefault(row["value"], []).append(_card(tx, of, facts, row))
        else:
            heads.setdefault(row["value"], []).append(row)
    return heads, cards


def _card(tx: Reading, of: RecordType[Any], facts: list[str], row: Row) -> Card:
    found = ((key, row[f"fact_{place}"]) for place, key in enumerate(facts))
    return Card(
        id=row["id"],
        title=str(row["title"]) if row["title"] else of.untitled(row["id"]),
        owner_id=row["owner_id"],
        owner_name=row["owner_id"] and references.name(tx, of.references["owner_id"], row["owner_id"]),
        currency=row["currency"],
        facts=tuple(
            Fact(key=key, value=references.name(tx, of.references[key], value) if key in of.references else value)
            for key, value in found
            if value is not None
        ),
        labels=row["labels"] or (),
        version=row["version"],
    )
