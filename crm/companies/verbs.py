"""Making, finding and editing companies. Deleting and restoring are in bin.py."""

from collections.abc import Mapping
from types import EllipsisType
from typing import Any

from crm.companies.owning import refuse_foreign
from crm.companies.record import Company, as_left, get
from crm.companies.validation import EDITABLE, checked, holder_of, refuse_taken, search_of
from crm.foundation.access import Module, Permission, Role
from crm.foundation.errors import Invalid
from crm.records import attributes as custom
from crm.records.changes import differences
from crm.store import Writing


def create(
    tx: Writing,
    *,
    name: str,
    domain: str | None = None,
    description: str | None = None,
    owner_id: int | EllipsisType | None = ...,
    team_id: int | None = None,
    attributes: Mapping[str, Any] | None = None,
) -> Company:
    """A new company; Duplicate where another has its domain. Left out, the owner is the actor where the actor is a
    rep, and nobody otherwise."""
    tx.require(Permission.MANAGE_CONTACTS, Module.COMPANIES)
    given = {
        "name": name,
        "domain": domain,
        "description": description,
        "owner_id": (tx.actor.id if tx.actor.role is Role.REP else None) if owner_id is ... else owner_id,
        "team_id": team_id,
    }
    fields = checked(tx, given)
    refuse_taken(tx, fields["domain"])
    company_id = tx.insert(
        """
        INSERT INTO base.companies (
            name, domain, domain_key, description, owner_id, team_id, search, created_at, updated_at
        )
        VALUES ($name, $domain, $domain, $description, $owner_id, $team_id, $search, $now, $now)
        RETURNING id
        """,
        **fields,
        search=search_of(fields),
        now=tx.now,
    )
    custom.write(tx, "company", company_id, attributes or {})
    company = as_left(tx, company_id)
    tx.record("company.created", "company", company_id, **company.model_dump(include=EDITABLE, exclude_none=True))
    return company


def edit(
    tx: Writing,
    company_id: int,
    *,
    version: int | None = None,
    attributes: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Company:
    """Set some fields and attributes. Stale where somebody changed the company after `version`; Forbidden where the
    actor sees it for a contact's or a deal's sake alone; nothing is written where nothing differs."""
    tx.require(Permission.MANAGE_CONTACTS, Module.COMPANIES)
    before = get(tx, company_id, version=version)
    refuse_foreign(tx.actor, before)
    kept = checked(tx, {name: value for name, value in changes.items() if getattr(before, name, ...) != value})
    wanted = before.model_copy(update=kept)
    fields = wanted.model_dump(include=EDITABLE)
    refuse_taken(tx, wanted.domain, own_id=company_id)
    custom_changes = custom.write(tx, "company", company_id, attributes or {})
    if wanted == before and not custom_changes:
        return before
    tx.run(
        """
        UPDATE base.companies SET
            name = $name,
            domain = $domain,
            domain_key = $domain,
            description = $description,
            owner_id = $owner_id,
            team_id = $team_id,
            search = $search,
            updated_at = $now,
            version = version + 1
        WHERE id = $id
        """,
        **fields,
        search=search_of(fields),
        now=tx.now,
        id=company_id,
    )
    after = as_left(tx, company_id)
    tx.record("company.changed", "company", company_id, changes=differences(before, after))
    return after


def find_or_create(tx: Writing, *, name: str | None = None, domain: str | None = None) -> Company:
    """The company that has the domain, or else the oldest of that name without regard to case; a new one where there
    is none. Duplicate where the domain's holder is one that the actor may not see."""
    tx.require(Permission.MANAGE_CONTACTS, Module.COMPANIES)
    fields = checked(tx, {"domain": domain, **({"name": name} if name else {})})
    holder_id = holder_of(tx, fields["domain"])
    if holder_id is None and fields.get("name"):
        holder_id = tx.value(
            """
            SELECT id
            FROM companies
            WHERE lower(name) = lower($name) AND ($domain IS NULL OR domain IS NULL)
            ORDER BY id
            """,
            name=fields["name"],
            domain=fields["domain"],
        )
    if holder_id is None:
        if not name and not fields["domain"]:
            raise Invalid("A company is found by a name or a domain.", "name")
        return create(tx, name=name or fields["domain"], domain=domain)
    if not tx.rows("SELECT id FROM companies WHERE id = $id", id=holder_id):
        refuse_taken(tx, fields["domain"])
    return get(tx, holder_id)
