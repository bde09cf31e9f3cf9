"""The data of a board by a list field as the component takes it, with every text made here, in the locale's way."""

from dataclasses import dataclass
from typing import Any

from crm.foundation import money
from crm.foundation.language import later, tr
from crm.records import board
from crm.records.board import Board, Card, Column, Fact
from crm.records.declaration import RecordType
from crm.records.fields import Choice, FieldKind
from crm.records.labels import COLOURS
from crm.records.listing import ListQuery
from crm.store import Reading
from crm.store.kept import kept
from crm.ui import words
from crm.ui.board import payload as shared

NO_VALUE = later("No value")
WITHOUT = ""
"""The id of the column of records without a value: no value is empty."""
_COLOURS = [colour for colour in COLOURS if colour != "gray"]


@dataclass(frozen=True)
class Drawn:
    """A board, and its payload as JSON."""

    board: Board
    payload: bytes


@kept
def drawn(
    tx: Reading,
    of: RecordType[Any],
    by: str,
    query: ListQuery,
    *,
    shown: tuple[tuple[str, int], ...],
    readonly: bool,
    locale: str,
) -> Drawn:
    """As `board.board`; `shown` has the ids of columns for their values."""
    found = board.board(tx, of, by, query, shown=tuple((value_of(column), many) for column, many in shown))
    return Drawn(found, payload(found, of, by, readonly=readonly, locale=locale))


def payload(found: Board, of: RecordType[Any], by: str, *, readonly: bool, locale: str) -> bytes:
    field = board.list_fields(of)[by]
    return shared.board(
        [_column(column, place, of, field, locale) for place, column in enumerate(found.columns)],
        readonly=readonly,
        ordered=False,
        words={
            "cards": tr("{stage}, {count} {kinds}", stage="{stage}", count="{count}", kinds=of.many),
            "empty": tr("No {kinds}", kinds=of.many),
            "card": of.one,
            "over": "{stage}",
            "dropped": tr("Dropped in {stage}."),
        },
    )


def value_of(column_id: str) -> str | None:
    """The value of the column's records."""
    return column_id or None


def name_of(value: str | None, field: Choice) -> str:
    """What people call the column."""
    return tr(NO_VALUE) if value is None else tr(field.values[value])


def _column(column: Column, place: int, of: RecordType[Any], field: Choice, locale: str) -> str:
    name = name_of(column.value, field)
    colour = "gray" if column.value is None else _COLOURS[place % len(_COLOURS)]
    return shared.column(
        column.value or WITHOUT,
        name,
        f"var(--st-{colour}-color)",
        count=column.count,
        sums=[shared.total(total.value, total.currency, locale) for total in column.totals],
        cards=[_card(card, name, of, locale) for card in column.cards],
    )


def _card(card: Card, column: str, of: RecordType[Any], locale: str) -> str:
    facts = [{"name": tr(of.fields[fact.key].label), "text": _shown(fact, card, of, locale)} for fact in card.facts]
    return shared.card(
        card.id,
        card.version,
        card.title,
        owner_id=card.owner_id,
        owner_name=card.owner_name,
        labels=card.labels,
        spoken=(
            *(column, *(f"{fact['name']}: {fact['text']}" for fact in facts)),
            *(card.owner_name, *(label.name for label in card.labels)),
        ),
        facts=facts,
    )


def _shown(fact: Fact, card: Card, of: RecordType[Any], locale: str) -> str:
    match of.fields[fact.key].kind:
        case FieldKind.MONEY:
            return money.shown(fact.value, card.currency, locale)
        case FieldKind.DATE:
            return words.day(fact.value, locale)
        case FieldKind.NUMBER:
            return tr("{value:,.10g}", value=fact.value)
        case FieldKind.PERCENT:
            return tr("{value:g} %", value=fact.value)
    return str(fact.value)
