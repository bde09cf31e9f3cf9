"""What may stand in the fields of a contact."""

from collections.abc import Mapping
from typing import Any

from crm.foundation import identity
from crm.foundation.errors import Invalid
from crm.records import validation
from crm.records.validation import Check, as_text, text, written
from crm.store import Reading

EDITABLE = {"name", "email", "phone", "identifier", "city", "country", "company_id", "owner_id", "team_id"}


def checked(tx: Reading, given: Mapping[str, Any]) -> dict[str, Any]:
    """The given fields in normal form; the records that they point to must be there for the actor to see."""
    return validation.checked(tx, "contact", EDITABLE, _CHECKS, given)


def refuse_nobody(fields: Mapping[str, Any]) -> None:
    """At least one of name, email and phone says who it is."""
    if not (fields["name"] or fields["email"] or fields["phone"]):
        raise Invalid("A contact needs a name, an email or a phone.", "name")


def _phone(value: Any, tx: Reading) -> str | None:
    return identity.phone(as_text(value, "phone"), tx.actor.region)


_CHECKS: dict[str, Check] = {
    "name": text("name", 300),
    "email": written("email", identity.email),
    "phone": _phone,
    "identifier": text("identifier", 200),
    "city": text("city", 120),
    "country": text("country", 120),
}
