"""The data of a board as the component takes it, with every text made here, in the locale's way."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from babel.dates import format_date

from crm import deals
from crm.deals import Board, Card, Column, Counters, Total, health
from crm.deals.health import Glance
from crm.foundation import money
from crm.pipelines import Kind
from crm.records.bulk import Action
from crm.store import Reading
from crm.store.kept import kept
from crm.ui import words
from crm.ui.components import dragging
from crm.ui.deals.health_card import STATUS_STYLES

WORDS = {
    "menu": "Actions for",
    "open": "Open",
    "move": "Move to",
    "more": "Show 50 more",
    "close": "Close as {stage} …",
    "zone": "Drop here: {stage} …",
    "all": "All {count} here",
    # Of their own, since an action may be called as a word of the board is.
    "actions": {
        Action.MOVE.value: "Move all to …",
        Action.SET_OWNER.value: "Give all to …",
        Action.WIN.value: "Close all as won …",
        Action.LOSE.value: "Close all as lost …",
    },
    "cards": "{stage}, {count} deals",
    "empty": "No deals",
    "card": "deal",
    "picked": "Picked up {title}. Arrow keys move it, Space drops it, Escape puts it back.",
    "over": "{stage}, place {place}",
    "dropped": "Dropped in {stage}, place {place}.",
    "cancelled": "Put back.",
    "asks": "{stage} asks for a day and a reason.",
}

COLUMN_ACTIONS = (Action.MOVE, Action.SET_OWNER)
CLOSING_ACTIONS = (Action.WIN, Action.LOSE)
"""What a stage offers for all that it holds under the present search and filter; an open one also closes them."""


@dataclass(frozen=True)
class Drawn:
    """A board, and its payload as JSON."""

    board: Board
    payload: bytes


def drawn(tx: Reading, /, pipeline_id: int, *, readonly: bool, locale: str, **query: Any) -> Drawn:
    """The board of a pipeline; `query` is what `deals.board` takes."""
    found = deals.board(tx, pipeline_id, **query)
    glances = health.at_a_glance(tx, tuple(card.id for column in found.columns for card in column.cards))
    return Drawn(found, _encoded(tx, pipeline_id, tuple(glances.items()), readonly=readonly, locale=locale, **query))


# Health is of the moment, and mostly the same as a moment ago: as an argument it lets the rest be kept.
@kept
def _encoded(
    tx: Reading,
    /,
    pipeline_id: int,
    glances: tuple[tuple[int, Glance], ...],
    *,
    readonly: bool,
    locale: str,
    **query: Any,
) -> bytes:
    found = deals.board(tx, pipeline_id, **query)
    return dragging.encoded(payload(found, dict(glances), readonly=readonly, today=tx.today, locale=locale))


def payload(found: Board, glances: Mapping[int, Glance], *, readonly: bool, today: date, locale: str) -> dict[str, Any]:
    """`glances` is the health of the cards that have one."""
    return {
        "readonly": readonly,
        "words": WORDS,
        "columns": [
            {**_column(column, glances, today, locale), "actions": [] if readonly else _column_actions(column)}
            for column in found.columns
        ],
    }


def _column(column: Column, glances: Mapping[int, Glance], today: date, locale: str) -> dict[str, Any]:
    stage = column.stage
    return {
        "id": stage.id,
        "name": stage.name,
        "colour": stage.colour,
        "kind": stage.kind.value,
        "count": f"{column.count:,}",
        "more": f"{len(column.cards):,} of {column.count:,}" if len(column.cards) < column.count else None,
        "sums": [_sum(total, stage.kind, locale) for total in column.totals],
        "cards": [_card(card, glances.get(card.id), stage.name, today, locale) for card in column.cards],
    }


def _sum(total: Total, kind: Kind, locale: str) -> dict[str, Any]:
    """The sums of a column in one currency: total, weighted (open stages only), and both in full."""
    exact = f"{money.shown(total.value, total.currency, locale)} in all"
    if kind is not Kind.OPEN:
        return {"total": money.compact(total.value, total.currency, locale), "weighted": None, "exact": exact}
    weighted = money.shown(money.rounded(total.weighted, total.currency), total.currency, locale)
    return {
        "total": money.compact(total.value, total.currency, locale),
        "weighted": f"{money.compact(total.weighted, total.currency, locale)} weighted",
        "exact": f"{exact}, {weighted} weighted",
    }


def _column_actions(column: Column) -> list[str]:
    if not column.count:
        return []
    return [action.value for action in (*COLUMN_ACTIONS, *(CLOSING_ACTIONS if column.stage.kind is Kind.OPEN else ()))]


def _card(card: Card, glance: Glance | None, stage: str, today: date, locale: str) -> dict[str, Any]:
    day = card.closed_on or card.expected_close
    overdue = card.closed_on is None and day is not None and day < today
    value = money.shown(card.value, card.currency, locale)
    who = " · ".join(name for name in (card.company_name, card.contact_name) if name)
    prefix = "Closed" if card.closed_on else "Overdue since" if overdue else "Expected"
    day_name = f"{prefix} {_shown(day, 'long', locale)}" if day else ""
    names = [label.name for label in card.labels]
    priority = f"{card.priority.title()} priority" if card.priority else ""
    health_name = _health_name(glance) if glance else ""
    counts = _counts(card.counters)
    return {
        "id": card.id,
        "version": card.version,
        "title": card.title,
        "who": who,
        "value": value,
        "owner": card.owner_name or "Nobody",
        "ownerId": card.owner_id or 0,
        "initials": initials(card.owner_name),
        "priority": card.priority,
        "priorityName": priority,
        "day": _short(day, today, locale) if day else "",
        "dayName": day_name,
        "overdue": overdue,
        "health": {"status": glance.status, "icon": STATUS_STYLES[glance.status][1], "name": health_name}
        if glance
        else None,
        "labels": [{"name": label.name, "colour": label.colour} for label in card.labels],
        "counts": counts,
        # What a screen reader says of the card: it sees neither icons nor colours.
        "spoken": ", ".join(
            part
            for part in (
                *(card.title, stage, who, value, card.owner_name, day_name, priority, health_name, *names),
                *(count["name"] for count in counts),
            )
            if part
        ),
    }


def _health_name(glance: Glance) -> str:
    """Stalled, 55 of 100: idle over the limit, no next step."""
    why = ", ".join(health.NAMES[reason].lower() for reason in glance.reasons)
    return f"{health.STATUSES[glance.status]}, {glance.score} of 100" + (f": {why}" if why else "")


def _counts(found: Counters) -> list[dict[str, str]]:
    """Icon, text and spoken name of the notes, files and items of a card; none for what there is none of."""
    kinds = [
        ("sticky_note_2", found.notes, str(found.notes), words.counted(found.notes, "note")),
        ("attach_file", found.files, str(found.files), words.counted(found.files, "file")),
        ("checklist", found.items, f"{found.done}/{found.items}", f"{found.done} of {found.items} items done"),
    ]
    return [{"icon": icon, "text": text, "name": name} for icon, many, text, name in kinds if many]


def initials(name: str | None) -> str:
    """First letters of the first and the last word."""
    parts = (name or "").split()
    return "".join(part[0].upper() for part in (parts[:1] + parts[-1:] if len(parts) > 1 else parts))


def _short(day: date, today: date, locale: str) -> str:
    pattern = "d MMM" if day.year == today.year else "MMM y"
    return _shown(day, pattern, locale)


# A board has many cards and few days, and Babel reads the pattern anew at each call.
@lru_cache(maxsize=1 << 12)
def _shown(day: date, pattern: str, locale: str) -> str:
    return str(format_date(day, pattern, locale=locale))
