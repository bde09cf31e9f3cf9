"""The verbs that only companies have: finding one by name or domain, or by a contact's email address."""

from typing import Any

from crm.companies.declaration import COMPANY, Company
from crm.foundation.errors import Invalid
from crm.foundation.free_mail import FREE_MAIL
from crm.foundation.language import tr
from crm.records import validation
from crm.records.verbs import Verbs
from crm.store import Reading, Writing

_verbs = Verbs(COMPANY)
get, find_one, create, edit = _verbs.get, _verbs.find_one, _verbs.create, _verbs.edit
delete, restore = _verbs.delete, _verbs.restore
find, count, fields = _verbs.find, _verbs.count, _verbs.fields


def find_or_create(tx: Writing, *, name: str | None = None, domain: str | None = None) -> Company:
    """The company with this domain, else the oldest with this name (without regard to case), else a new one. Raises
    Duplicate where the actor may not see the company that has the domain."""
    tx.require(COMPANY.permission, COMPANY.module)
    given: dict[str, Any] = validation.checked(tx, COMPANY, {"domain": domain, **({"name": name} if name else {})})
    holder_id = _holder_of(tx, given)
    if holder_id is None:
        if not name and not given["domain"]:
            raise Invalid(tr("A company is found by a name or a domain."), "name")
        return create(tx, name=name or given["domain"], domain=domain)
    # The holder is hidden from the actor: refused without naming it, since keys are unique for everybody.
    if not tx.rows("SELECT id FROM companies WHERE id = $id", id=holder_id):
        validation.refuse_taken(tx, COMPANY, given)
    return get(tx, holder_id)


def suggested_for(tx: Reading, email: str | None) -> Company | None:
    """The company whose domain is the email's or a parent of it (mail.acme.com: acme.com); None for free mail
    domains."""
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


def _holder_of(tx: Reading, given: dict[str, Any]) -> int | None:
    """The company's id: by domain among all companies; else by name among the visible ones, unless both have a
    domain."""
    for _, holder_id in validation.holders(tx, COMPANY, given):
        return holder_id
    if not given.get("name"):
        return None
    # Two companies of one name with different domains are two: only one without a domain is found by name.
    found: int | None = tx.value(
        """
        SELECT id
        FROM companies
        WHERE lower(name) = lower($name) AND ($domain IS NULL OR domain IS NULL)
        ORDER BY id
        """,
        name=given["name"],
        domain=given["domain"],
    )
    return found
