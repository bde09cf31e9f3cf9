"""What may stand in the fields of a contact: each value that a person, a program or a file gives passes here."""

from collections.abc import Callable, Mapping
from typing import Any

from crm import identity
from crm.errors import Invalid
from crm.store import Reading

EDITABLE = {"name", "email", "phone", "identifier", "city", "country", "company_id", "owner_id", "team_id"}

_CHECKS: dict[str, Callable[[str | None, str], str | None]] = {
    "name": lambda value, _: identity.text(value, "name", limit=300),
    "email": lambda value, _: identity.email(value),
    "phone": identity.phone,
    "identifier": lambda value, _: identity.text(value, "identifier", limit=200),
    "city": lambda value, _: identity.text(value, "city", limit=120),
    "country": lambda value, _: identity.text(value, "country", limit=120),
}

_RECORDS = {
    "company_id": ("company", "SELECT 1 FROM companies WHERE id = $id"),
    "owner_id": ("active user", "SELECT 1 FROM users WHERE id = $id AND active"),
    "team_id": ("team", "SELECT 1 FROM teams WHERE id = $id"),
}


def checked(tx: Reading, given: Mapping[str, Any]) -> dict[str, Any]:
    """The given fields in normal form; the records that they point to must be there for the actor to see."""
    unknown = given.keys() - EDITABLE
    if unknown:
        raise Invalid(f"A contact has no field “{min(unknown)}” that can be set.", min(unknown))
    kept = {field: _kept(field, value, tx.actor.region) for field, value in given.items()}
    for field, (what, sql) in _RECORDS.items():
        if kept.get(field) is not None and tx.value(sql, id=kept[field]) is None:
            raise Invalid(f"There is no such {what}, or you may not see it.", field)
    return kept


def refuse_nobody(fields: Mapping[str, Any]) -> None:
    """At least one of name, email and phone says who it is."""
    if not (fields["name"] or fields["email"] or fields["phone"]):
        raise Invalid("A contact needs a name, an email or a phone.", "name")


def _kept(field: str, value: Any, region: str) -> Any:
    if field not in _CHECKS:
        return value
    if value is not None and not isinstance(value, str):
        raise Invalid(f"The {field} takes a text.", field)
    return _CHECKS[field](value, region)
