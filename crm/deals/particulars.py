"""What may stand in the fields of a deal: each value that a person, a program or a file gives passes here."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from crm import identity, money
from crm.deals.model import PRIORITIES
from crm.errors import Duplicate, Invalid
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
    unknown = given.keys() - EDITABLE
    if unknown:
        raise Invalid(f"A deal has no field “{min(unknown)}” that can be set.", min(unknown))
    kept = {field: _CHECKS[field](value) if field in _CHECKS else value for field, value in given.items()}
    if kept.get("value") is not None:
        kept["value"] = money.amount(kept["value"], kept.get("currency", currency))
    _refuse_unknown_records(tx, kept)
    if kept.get("identifier"):
        refuse_taken_identifier(tx, kept["identifier"], deal_id)
    return kept


def _title(value: str | None) -> str:
    found = identity.text(value, "title", limit=300)
    if not found:
        raise Invalid("A deal needs a title.", "title")
    return found


def _priority(value: str | None) -> str | None:
    if value is not None and value not in PRIORITIES:
        raise Invalid(f"“{value}” is not a priority: low, medium or high.", "priority")
    return value


def _day(value: date | None) -> date | None:
    if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
        raise Invalid("The expected close is a day, such as 2026-12-31.", "expected_close")
    return value


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "title": _title,
    "identifier": lambda value: identity.text(value, "identifier"),
    "currency": money.currency,
    "priority": _priority,
    "source": lambda value: identity.text(value, "source", limit=120),
    "expected_close": _day,
}

_RECORDS = {
    "contact_id": ("contact", "EXISTS (FROM contacts WHERE id = $contact_id)"),
    "company_id": ("company", "EXISTS (FROM companies WHERE id = $company_id)"),
    "owner_id": ("active user", "EXISTS (FROM users WHERE id = $owner_id AND active)"),
    "team_id": ("team", "EXISTS (FROM teams WHERE id = $team_id)"),
}


def _refuse_unknown_records(tx: Reading, kept: Mapping[str, Any]) -> None:
    pointed = {field: kept[field] for field in _RECORDS if kept.get(field) is not None}
    if not pointed:
        return
    found = tx.row("SELECT " + ", ".join(f"{_RECORDS[field][1]} AS {field}" for field in pointed), **pointed)
    for field, there in found.items():
        if not there:
            raise Invalid(f"There is no such {_RECORDS[field][0]}, or you may not see it.", field)


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
