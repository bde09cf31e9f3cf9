"""A contact in short: how to reach a person, for the pages of records that belong to them."""

from collections.abc import Sequence

from pydantic import BaseModel

from crm.contacts.declaration import CONTACT
from crm.store import Reading, Row
from crm.store.kept import kept


class Card(BaseModel, frozen=True):
    id: int
    shown_name: str
    email: str | None
    phone: str | None
    city: str | None
    country: str | None
    blocked: bool
    company_id: int | None


@kept
def card(tx: Reading, contact_id: int) -> Card | None:
    """The contact in short, None where the actor may not see it."""
    found = tx.rows(f"SELECT {_COLUMNS} FROM contacts WHERE id = $id", id=contact_id)
    return Card(**found[0]) if found else None


@kept
def of_company(tx: Reading, company_id: int, limit: int) -> tuple[Sequence[Card], int]:
    """The first contacts of a company by name, at most `limit`, and how many the actor sees of all."""
    rows: list[Row] = tx.rows(
        f"""
        SELECT {_COLUMNS}, count(*) OVER () AS total
        FROM contacts
        WHERE company_id = $id
        ORDER BY search, id
        LIMIT $limit
        """,
        id=company_id,
        limit=limit,
    )
    return tuple(Card(**row) for row in rows), rows[0]["total"] if rows else 0


_COLUMNS = f"id, {CONTACT.title_sql()} AS shown_name, email, phone, city, country, blocked, company_id"
