"""A company as everybody sees it, found by its id or by its domain."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from crm.foundation.errors import NotFound
from crm.foundation.free_mail import FREE_MAIL
from crm.records import attributes as custom
from crm.records import changes
from crm.store import Reading, Writing


class Company(BaseModel, frozen=True):
    id: int
    name: str
    domain: str | None
    """The host alone, in lower case and ASCII: acme.com."""
    description: str | None
    owner_id: int | None
    owner_name: str | None
    team_id: int | None
    team_name: str | None
    contact_count: int
    """Of the contacts that the actor may see."""
    created_at: datetime
    updated_at: datetime
    version: int
    attributes: dict[str, Any]

    @property
    def shown_name(self) -> str:
        return self.name


def get(tx: Reading, company_id: int, *, version: int | None = None) -> Company:
    """The company; NotFound where the actor may not see it, Stale where `version` is not its current one."""
    found = find_one(tx, company_id)
    if found is None:
        raise NotFound("company")
    changes.refuse_stale(tx, "company", found, found.name, version)
    return found


def find_one(tx: Reading, company_id: int) -> Company | None:
    found = _found(tx, "companies", company_id)
    return found[0] if found else None


def as_left(tx: Writing, company_id: int) -> Company:
    """The company as the actor's own change has left it, also where that change, a new owner, hides it from them."""
    return _found(tx, "base.companies", company_id)[0]


def suggested_for(tx: Reading, email: str | None) -> Company | None:
    """The company whose domain is that of the email or lies above it (mail.acme.com: acme.com); never for free mail."""
    domain = (email or "").rpartition("@")[2].casefold()
    labels = domain.split(".")
    above = [".".join(labels[start:]) for start in range(len(labels) - 1)]
    if not above or domain in FREE_MAIL:
        return None
    company_id = tx.value(
        """
        SELECT id FROM companies
        WHERE list_contains($domains::VARCHAR[], domain)
        ORDER BY length(domain) DESC
        LIMIT 1
        """,
        domains=above,
    )
    return find_one(tx, company_id) if company_id else None


def _found(tx: Reading, table: str, company_id: int) -> list[Company]:
    """One statement, its names looked up by key. Attributes are those of a company found in `table`."""
    rows = tx.rows(
        f"""
        SELECT
            company.*,
            owner.name AS owner_name,
            team.name AS team_name,
            (SELECT count(*) FROM contacts WHERE company_id = $id) AS contact_count,
            attributes
        FROM (SELECT * FROM {table} WHERE id = $id) AS company
        LEFT JOIN users AS owner ON owner.id = company.owner_id
        LEFT JOIN teams AS team ON team.id = company.team_id
        LEFT JOIN base.company_attributes AS attributes ON attributes.id = company.id
        """,
        id=company_id,
    )
    return [Company(**{**row, "attributes": custom.from_row(row["attributes"])}) for row in rows]
