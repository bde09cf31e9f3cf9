"""What may stand in the fields of a deal: each value that a person, a program or a file gives passes here."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from crm.deals.model import PRIORITIES
from crm.foundation import bounds, identity, money
from crm.foundation.errors import Duplicate, Invalid
from crm.records import validation
from crm.records.validation import Check, text, written
from crm.store import Reading

EDITABLE = frozenset(
    {
        "title",
        "identifier",
        "value",
        "currency",
        "priority",
        "owner_id",
        "team_id",
        "contact_id",
        "company_id",
        "source",
        "expected_close",
    }
)


def checked(tx: Reading, given: Mapping[str, Any], *, currency: str, deal_id: int | None = None) -> dict[str, Any]:
    """The given fields in the form they are kept in. `currency` is the one that holds where none is given; records
    that the deal points to must be visible to the actor, and its owner active."""
    kept = validation.checked(tx, "deal", EDITABLE, _CHECKS, given)
    if kept.get("value") is not None:
        kept["value"] = money.amount(kept["value"], kept.get("currency", currency))
    if kept.get("identifier"):
        refuse_taken_identifier(tx, kept["identifier"], deal_id)
    return kept


def _title(value: str | None) -> str:
    found = identity.text(value, "title", limit=300)
    if not found:
        raise Invalid("A deal needs a title.", "title")
    return found


def _priority(value: Any, _: Reading) -> Any:
    if value is not None and value not in PRIORITIES:
        raise Invalid(f"“{value}” is not a priority: low, medium or high.", "priority")
    return value


def _day(value: Any, _: Reading) -> date | None:
    return None if value is None else bounds.checked_day(value, "expected_close", "expected close")


_CHECKS: dict[str, Check] = {
    "title": written("title", _title),
    "identifier": text("identifier", 500),
    "currency": lambda value, _: money.currency(value),
    "priority": _priority,
    "source": text("source", 120),
    "expected_close": _day,
}


def refuse_taken_identifier(tx: Reading, identifier: str, deal_id: int | None) -> None:
    """Unique over every deal, seen or not: hence `base.`; the holder is named only to those who see it."""
    holder = tx.value(
        "SELECT id FROM base.deals WHERE identifier_key = $key AND id IS DISTINCT FROM $own",
        key=identifier,
        own=deal_id,
    )
    if holder is not None:
        seen = tx.value("SELECT id FROM deals WHERE id = $id", id=holder)
        raise Duplicate(
            f"Another deal has the identifier “{identifier}”.",
            field="identifier",
            holder_kind="deal",
            holder_id=seen,
        )
