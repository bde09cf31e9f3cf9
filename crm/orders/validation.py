"""What may stand in the fields of an order: each value that a person, a program or a file gives passes here."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from crm.foundation import bounds, identity, money
from crm.foundation.errors import Duplicate, Invalid
from crm.orders.model import SOURCES, STATUSES
from crm.orders.warnings import WORDS
from crm.records import validation
from crm.records.validation import Check, text, written
from crm.store import Reading

EDITABLE = frozenset(
    {
        "title",
        "contact_id",
        "deal_id",
        "value",
        "currency",
        "status",
        "source",
        "external_id",
        "ordered_on",
        "paid_on",
        "note",
    }
)
REQUIRED = {
    "title": "An order needs a title.",
    "contact_id": "An order needs a contact: who bought?",
    "value": "An order needs a value; 0 where nothing is to be paid.",
    "currency": "An order needs a currency.",
    "status": "An order needs a status.",
    "source": "An order needs a source.",
    "ordered_on": "An order needs the day it was placed.",
}
"""Fields that are never empty, and what is said where they would be."""


def checked(tx: Reading, given: Mapping[str, Any], *, currency: str) -> dict[str, Any]:
    """The given fields in the form they are kept in. `currency` is the one that holds where none is given; contact and
    deal must be visible to the actor."""
    for field, said in REQUIRED.items():
        if field in given and given[field] in (None, ""):
            raise Invalid(said, field)
    kept = validation.checked(tx, "order", EDITABLE, _CHECKS, given)
    if "value" in kept:
        kept["value"] = money.amount(kept["value"], kept.get("currency", currency))
    return kept


def external_key(source: str, external_id: str | None) -> str | None:
    """What makes an order of another system the same one; None for one that came without an id."""
    return f"{source}:{external_id}" if external_id else None


def refuse_taken(tx: Reading, source: str, external_id: str | None, *, own_id: int | None = None) -> None:
    """Unique over every order, seen or not: hence `base.`; the holder is named only to those who see it."""
    holder = holder_of(tx, source, external_id)
    if holder is not None and holder != own_id:
        raise duplicate(tx, source, external_id, holder)


def holder_of(tx: Reading, source: str, external_id: str | None) -> int | None:
    """The order that has this external id, visible to the actor or not."""
    key = external_key(source, external_id)
    if key is None:
        return None
    found: int | None = tx.value("SELECT id FROM base.orders WHERE external_key = $key", key=key)
    return found


def duplicate(tx: Reading, source: str, external_id: str | None, holder: int) -> Duplicate:
    return Duplicate(
        f"Another order of the source “{source}” has the external id “{external_id}”.",
        field="external_id",
        holder_kind="order",
        holder_id=tx.value("SELECT id FROM orders WHERE id = $id", id=holder),
    )


def _title(value: str | None) -> str:
    found = identity.text(value, "title", limit=300)
    if not found:
        raise Invalid(REQUIRED["title"], "title")
    return found


def _status(value: Any, _: Reading) -> Any:
    if value not in STATUSES:
        raise Invalid(f"“{value}” is not a status of an order: {', '.join(WORDS[one] for one in STATUSES)}.", "status")
    return value


def _source(value: Any, _: Reading) -> Any:
    if value not in SOURCES:
        raise Invalid(f"“{value}” is not a source of orders: {', '.join(SOURCES)}.", "source")
    return value


def _day(field: str, name: str) -> Check:
    def check(value: Any, _: Reading) -> date | None:
        return None if value is None else bounds.checked_day(value, field, f"{name} date")

    return check


_CHECKS: dict[str, Check] = {
    "title": written("title", _title),
    "currency": lambda value, _: money.currency(value),
    "status": _status,
    "source": _source,
    "external_id": text("external_id", 500),
    "ordered_on": _day("ordered_on", "order"),
    "paid_on": _day("paid_on", "paid"),
    "note": text("note", 2000),
}
