"""What may stand in the fields of a record: each value that a person, a program or a file gives passes its noun's
checks, and what it points to must be there for the actor to see."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from crm.foundation import identity
from crm.foundation.errors import Invalid
from crm.store import Reading

Check = Callable[[Any, Reading], Any]
"""From a value as it was given to the form in which it is kept."""

_RECORDS = {
    "contact_id": ("contact", "EXISTS (FROM contacts WHERE id = $contact_id)"),
    "company_id": ("company", "EXISTS (FROM companies WHERE id = $company_id)"),
    "deal_id": ("deal", "EXISTS (FROM deals WHERE id = $deal_id)"),
    "owner_id": ("active user", "EXISTS (FROM users WHERE id = $owner_id AND active)"),
    "team_id": ("team", "EXISTS (FROM teams WHERE id = $team_id)"),
}


def checked(
    tx: Reading, noun: str, editable: Collection[str], checks: Mapping[str, Check], given: Mapping[str, Any]
) -> dict[str, Any]:
    """The given fields in the form in which they are kept."""
    unknown = given.keys() - set(editable)
    if unknown:
        raise Invalid(f"A {noun} has no field “{min(unknown)}” that can be set.", min(unknown))
    kept = {field: checks[field](value, tx) if field in checks else value for field, value in given.items()}
    _refuse_unknown_records(tx, kept)
    return kept


def written(field: str, normal_form: Callable[[str | None], str | None]) -> Check:
    """The check of a field that takes a text in a normal form."""

    def check(value: Any, _: Reading) -> str | None:
        return normal_form(as_text(value, field))

    return check


def text(field: str, limit: int) -> Check:
    return written(field, lambda value: identity.text(value, field, limit=limit))


def as_text(value: Any, field: str) -> str | None:
    if value is not None and not isinstance(value, str):
        raise Invalid(f"The {field} takes a text.", field)
    return value


def _refuse_unknown_records(tx: Reading, kept: Mapping[str, Any]) -> None:
    pointed = {field: kept[field] for field in _RECORDS if kept.get(field) is not None}
    if not pointed:
        return
    found = tx.row("SELECT " + ", ".join(f"{_RECORDS[field][1]} AS {field}" for field in pointed), **pointed)
    for field, there in found.items():
        if not there:
            raise Invalid(f"There is no such {_RECORDS[field][0]}, or you may not see it.", field)
