"""A contact as everybody sees it, found by its id."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from crm.foundation.errors import NotFound
from crm.records import attributes as custom
from crm.records import changes
from crm.store import Reading, Writing


class Contact(BaseModel, frozen=True):
    id: int
    name: str | None
    email: str | None
    phone: str | None
    """E.164."""
    identifier: str | None
    """The customer's key in another system."""
    city: str | None
    country: str | None
    company_id: int | None
    company_name: str | None
    """None too where the actor may not see the company."""
    blocked: bool
    owner_id: int | None
    owner_name: str | None
    team_id: int | None
    team_name: str | None
    labels: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    version: int
    attributes: dict[str, Any]

    @property
    def shown_name(self) -> str:
        return self.name or self.email or self.phone or f"Contact {self.id}"


def get(tx: Reading, contact_id: int, *, version: int | None = None) -> Contact:
    """The contact; NotFound where the actor may not see it, Stale where `version` is not its current one."""
    found = find_one(tx, contact_id)
    if found is None:
        raise NotFound("contact")
    changes.refuse_stale(tx, "contact", found, found.shown_name, version)
    return found


def find_one(tx: Reading, contact_id: int) -> Contact | None:
    found = _found(tx, "contacts", contact_id)
    return found[0] if found else None


def as_left(tx: Writing, contact_id: int) -> Contact:
    """The contact as the actor's own change has left it, also where that change, a new owner, hides it from them."""
    return _found(tx, "base.contacts", contact_id)[0]


def _found(tx: Reading, table: str, contact_id: int) -> list[Contact]:
    """One statement, its names looked up by key. Labels and attributes are those of a contact found in `table`."""
    rows = tx.rows(
        f"""
        SELECT
            contact.*,
            company.name AS company_name,
            owner.name AS owner_name,
            team.name AS team_name,
            coalesce(
                (
                    SELECT list(label.name ORDER BY label.name_key)
                    FROM base.contact_labels AS link
                    JOIN base.labels AS label ON label.id = link.label_id
                    WHERE link.contact_id = $id
                ),
                []
            ) AS labels,
            attributes
        FROM (SELECT * FROM {table} WHERE id = $id) AS contact
        LEFT JOIN companies AS company ON company.id = contact.company_id
        LEFT JOIN users AS owner ON owner.id = contact.owner_id
        LEFT JOIN teams AS team ON team.id = contact.team_id
        LEFT JOIN base.contact_attributes AS attributes ON attributes.id = contact.id
        """,
        id=contact_id,
    )
    return [Contact(**{**row, "attributes": custom.from_row(row["attributes"])}) for row in rows]
