"""What every board gives the component: words, cards, sums and columns, each with what its own board says of them."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from crm.foundation import money
from crm.foundation.language import later, plural, tr, tr_as
from crm.records.board import SCREENFUL
from crm.records.labels import Label
from crm.ui.components import dragging

WORDS = {
    "board": later("Board"),
    "menu": later("Actions for"),
    "move": later("Move to"),
    "all": later("All {count} here"),
    "picked": later("Picked up {title}. Arrow keys move it, Space drops it, Escape puts it back."),
    "over": later("{stage}, place {place}"),
    "dropped": later("Dropped in {stage}, place {place}."),
    "cancelled": later("Put back."),
}
"""In these and in a board's own, `{stage}` is the name of a column."""


def board(
    columns: Sequence[str],
    *,
    readonly: bool,
    ordered: bool,
    words: dict[str, str],
    actions: dict[str, str] | None = None,
    ahead: str | None = None,
) -> bytes:
    """The payload, encoded. `ordered`: cards have a place in their column, and not only a column. `words` are the
    board's own beside the common ones, `actions` the words of what columns offer for all that they hold. `ahead` is
    what a card opens, in the words of `crm.ui.warming.reads.READS`, where it is read ahead."""
    spoken = {
        **{name: tr(text) for name, text in WORDS.items()},
        **words,
        "open": tr_as("verb", "Open"),
        "actions": actions or {},
    }
    head = {"readonly": readonly, "ordered": ordered, "words": spoken, "ahead": ahead}
    return dragging.with_list(head, "columns", columns).encode()


def column(
    column_id: int | str,
    name: str,
    colour: str,
    *,
    count: int,
    sums: list[dict[str, Any]],
    cards: Sequence[str],
    asks: bool = False,
    actions: Sequence[str] = (),
) -> str:
    """A column as JSON. `count` is of all, and `cards` are the first of them. `asks`: what is dropped here waits for
    an answer."""
    head = {
        "id": column_id,
        "name": name,
        "colour": colour,
        "asks": asks,
        "count": tr("{count:,}", count=count),
        "more": _more(len(cards), count) if len(cards) < count else None,
        "sums": sums,
        "actions": list(actions),
    }
    return dragging.with_list(head, "cards", cards)


def _more(shown: int, count: int) -> dict[str, str]:
    """What the foot of a column says of the cards that it does not show, and what pressing it gives."""
    coming = min(SCREENFUL, count - shown)
    return {
        "shown": tr("{shown:,} of {count:,}", shown=shown, count=count),
        "press": plural("Show {count:,} more", "Show {count:,} more", coming),
    }


def total(value: Decimal, currency: str, locale: str) -> dict[str, Any]:
    """The sum of a column in one currency, short and in full."""
    return {
        "total": money.compact(value, currency, locale),
        "weighted": None,
        "exact": tr("{amount} in all", amount=money.shown(value, currency, locale)),
    }


def card(
    record_id: int,
    version: int,
    title: str,
    *,
    owner_id: int | None,
    owner_name: str | None,
    labels: Iterable[Label],
    spoken: Iterable[str | None],
    **own: Any,
) -> str:
    """A card as JSON. `spoken` is what a screen reader says of it beside its title: it sees neither icons nor colours.
    `own` takes the place of the parts below that a card may have and this one does not."""
    return dragging.encoded(
        {
            "id": record_id,
            "version": version,
            "title": title,
            "who": None,
            "facts": [],
            "value": "",
            "owner": owner_name or tr("Nobody"),
            "ownerId": owner_id or 0,
            "initials": initials(owner_name),
            "priority": None,
            "priorityName": "",
            "day": "",
            "dayName": "",
            "overdue": False,
            "health": None,
            "labels": [{"name": label.name, "colour": label.colour} for label in labels],
            "counts": [],
            "spoken": ", ".join(part for part in (title, *spoken) if part),
            **own,
        }
    )


def initials(name: str | None) -> str:
    """First letters of the first and the last word."""
    parts = (name or "").split()
    return "".join(part[0].upper() for part in (parts[:1] + parts[-1:] if len(parts) > 1 else parts))
