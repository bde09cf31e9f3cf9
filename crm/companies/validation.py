"""What may stand in the fields of a company, and the domain that only one of them may have."""

from collections.abc import Mapping
from typing import Any

from crm.foundation import identity
from crm.foundation.errors import Duplicate, Invalid
from crm.records import validation
from crm.records.validation import Check, text, written
from crm.store import Reading

EDITABLE = {"name", "domain", "description", "owner_id", "team_id"}


def checked(tx: Reading, given: Mapping[str, Any]) -> dict[str, Any]:
    """The given fields in normal form; the owner and the team must be there."""
    return validation.checked(tx, "company", EDITABLE, _CHECKS, given)


def refuse_taken(tx: Reading, domain: str | None, *, own_id: int | None = None) -> None:
    """Duplicate where another company has the domain. Reads `base.`: it is taken also where the actor may not see by
    whom, and then the holder is not named."""
    holder_id = holder_of(tx, domain)
    if holder_id is None or holder_id == own_id:
        return
    visible = tx.rows("SELECT name FROM companies WHERE id = $id", id=holder_id)
    holder = f"“{visible[0]['name']}”" if visible else "a company that you may not see"
    raise Duplicate(
        f"The domain {domain} already belongs to {holder}.",
        field="domain",
        holder_kind="company",
        holder_id=holder_id if visible else None,
    )


def holder_of(tx: Reading, domain: str | None) -> int | None:
    found: int | None = tx.value("SELECT id FROM base.companies WHERE domain_key = $domain", domain=domain)
    return found


def search_of(fields: Mapping[str, Any]) -> str:
    """What the search box looks in. Set-based imports write the same, in this order."""
    return identity.search_text(fields["name"], fields["domain"])


def _name(value: str | None) -> str:
    found = identity.text(value, "name", limit=300)
    if not found:
        raise Invalid("A company needs a name.", "name")
    return found


_CHECKS: dict[str, Check] = {
    "name": written("name", _name),
    "domain": written("domain", identity.domain),
    "description": text("description", 5_000),
}
