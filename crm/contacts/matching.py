"""What tells contacts apart: email, phone and identifier, each unique in its normal form among all contacts.

The look-ups read `base.`: a key is taken also where the actor may not see who holds it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm.foundation import identity
from crm.foundation.errors import Duplicate
from crm.store import Reading


@dataclass(frozen=True)
class Holder:
    """A contact, visible to the actor or not, that holds a key."""

    field: str
    value: str
    id: int


def keys(fields: Mapping[str, Any]) -> dict[str, str | None]:
    """The key columns of a contact with these fields in normal form."""
    return {
        "email_key": identity.email_key(fields["email"]),
        "phone_key": fields["phone"],
        "identifier_key": fields["identifier"],
    }


def refuse_taken(tx: Reading, fields: Mapping[str, Any], *, own_id: int | None = None) -> None:
    """Duplicate where another contact holds one of the keys."""
    for holder in _holders(tx, fields):
        if holder.id != own_id:
            raise duplicate(tx, holder)


def holder_of(tx: Reading, fields: Mapping[str, Any]) -> Holder | None:
    """Who holds one of the keys: by identifier, then email, then phone."""
    return next(iter(_holders(tx, fields)), None)


def duplicate(tx: Reading, holder: Holder) -> Duplicate:
    """The refusal, which names the holder only to those who may see it."""
    visible = tx.rows("SELECT coalesce(name, email, phone) AS shown FROM contacts WHERE id = $id", id=holder.id)
    who = f"“{visible[0]['shown']}”" if visible else "a contact that you may not see"
    return Duplicate(
        f"The {holder.field} {holder.value} already belongs to {who}.",
        field=holder.field,
        holder_kind="contact",
        holder_id=holder.id if visible else None,
    )


def _holders(tx: Reading, fields: Mapping[str, Any]) -> list[Holder]:
    """Three look-ups by key, each an index's; one OR over the three would scan the table."""
    found = tx.rows(
        """
        SELECT 1 AS place, 'identifier' AS field, id FROM base.contacts WHERE identifier_key = $identifier_key
        UNION ALL
        SELECT 2, 'email', id FROM base.contacts WHERE email_key = $email_key
        UNION ALL
        SELECT 3, 'phone', id FROM base.contacts WHERE phone_key = $phone_key
        ORDER BY place
        """,
        **keys(fields),
    )
    return [Holder(row["field"], fields[row["field"]], row["id"]) for row in found]
