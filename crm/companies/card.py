"""A company in short, for the pages of records that belong to it."""

from pydantic import BaseModel

from crm.companies.declaration import COMPANY
from crm.store import Reading
from crm.store.kept import kept


class Card(BaseModel, frozen=True):
    id: int
    name: str
    contact_count: int
    """The number of its contacts that the actor may see."""


@kept
def card(tx: Reading, company_id: int) -> Card | None:
    """The company in short, None where the actor may not see it."""
    contacts = COMPANY.counts["contact_count"]
    found = tx.rows(
        f"""
        SELECT id, name, (SELECT count(*) FROM {contacts.table} WHERE {contacts.by} = $id) AS contact_count
        FROM companies
        WHERE id = $id
        """,
        id=company_id,
    )
    return Card(**found[0]) if found else None
