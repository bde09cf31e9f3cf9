"""Making, finding, editing, labelling and blocking contacts. Deleting and restoring are in bin.py."""

from collections.abc import Iterable, Mapping
from types import EllipsisType
from typing import Any

from crm.contacts.matching import duplicate, holder_of, keys, refuse_taken
from crm.contacts.record import Contact, as_left, find_one, get
from crm.contacts.validation import EDITABLE, checked, refuse_nobody
from crm.foundation import identity
from crm.foundation.access import Permission, Role
from crm.foundation.errors import Invalid
from crm.records import attributes as custom
from crm.records import labels
from crm.records.changes import differences
from crm.store import Writing


def create(
    tx: Writing,
    *,
    name: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    identifier: str | None = None,
    city: str | None = None,
    country: str | None = None,
    company_id: int | None = None,
    owner_id: int | EllipsisType | None = ...,
    team_id: int | None = None,
    attributes: Mapping[str, Any] | None = None,
) -> Contact:
    """A new contact; Duplicate where another holds its email, phone or identifier. Left out, the owner is the actor
    where the actor is a rep, and nobody otherwise."""
    tx.require(Permission.MANAGE_CONTACTS)
    given = {
        "name": name,
        "email": email,
        "phone": phone,
        "identifier": identifier,
        "city": city,
        "country": country,
        "company_id": company_id,
        "owner_id": (tx.actor.id if tx.actor.role is Role.REP else None) if owner_id is ... else owner_id,
        "team_id": team_id,
    }
    fields = checked(tx, given)
    refuse_nobody(fields)
    refuse_taken(tx, fields)
    contact_id = tx.insert(
        """
        INSERT INTO base.contacts (
            name, email, email_key, phone, phone_key, identifier, identifier_key, city, country, company_id, owner_id,
            team_id, search, created_at, updated_at
        )
        VALUES (
            $name, $email, $email_key, $phone, $phone_key, $identifier, $identifier_key, $city, $country, $company_id,
            $owner_id, $team_id, $search, $now, $now
        )
        RETURNING id
        """,
        **fields,
        **keys(fields),
        search=search_of(fields),
        now=tx.now,
    )
    custom.write(tx, "contact", contact_id, attributes or {})
    contact = as_left(tx, contact_id)
    tx.record("contact.created", "contact", contact_id, **contact.model_dump(include=EDITABLE, exclude_none=True))
    return contact


def edit(
    tx: Writing,
    contact_id: int,
    *,
    version: int | None = None,
    attributes: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Contact:
    """Set some fields and attributes. Stale where somebody changed the contact after `version`; nothing is written
    where nothing differs. A contact handed to somebody whose contacts the actor may not see comes back as it was left.
    """
    tx.require(Permission.MANAGE_CONTACTS)
    before = get(tx, contact_id, version=version)
    kept = checked(tx, {name: value for name, value in changes.items() if getattr(before, name, ...) != value})
    wanted = before.model_copy(update=kept)
    fields = wanted.model_dump(include=EDITABLE)
    refuse_nobody(fields)
    refuse_taken(tx, fields, own_id=contact_id)
    custom_changes = custom.write(tx, "contact", contact_id, attributes or {})
    if wanted == before and not custom_changes:
        return before
    tx.run(
        """
        UPDATE base.contacts SET
            name = $name,
            email = $email,
            email_key = $email_key,
            phone = $phone,
            phone_key = $phone_key,
            identifier = $identifier,
            identifier_key = $identifier_key,
            city = $city,
            country = $country,
            company_id = $company_id,
            owner_id = $owner_id,
            team_id = $team_id,
            search = $search,
            updated_at = $now,
            version = version + 1
        WHERE id = $id
        """,
        **fields,
        **keys(fields),
        search=search_of(fields),
        now=tx.now,
        id=contact_id,
    )
    after = as_left(tx, contact_id)
    tx.record("contact.changed", "contact", contact_id, changes=differences(before, after))
    return after


def block(tx: Writing, contact_id: int) -> Contact:
    return _set_blocked(tx, contact_id, True)


def unblock(tx: Writing, contact_id: int) -> Contact:
    return _set_blocked(tx, contact_id, False)


def set_labels(tx: Writing, contact_id: int, names: Iterable[str], *, version: int | None = None) -> Contact:
    """Put exactly these labels on the contact; those that do not exist yet are made."""
    tx.require(Permission.MANAGE_CONTACTS)
    before = get(tx, contact_id, version=version)
    wanted = labels.made(tx, names)
    if {label.name for label in wanted} == set(before.labels):
        return before
    labels.put(tx, "contact", contact_id, wanted)
    tx.run(
        "UPDATE base.contacts SET updated_at = $now, version = version + 1 WHERE id = $id", now=tx.now, id=contact_id
    )
    after = get(tx, contact_id)
    tx.record("contact.labelled", "contact", contact_id, changes=differences(before, after))
    return after


def find_or_create(
    tx: Writing,
    *,
    name: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    identifier: str | None = None,
) -> Contact:
    """The contact that holds the identifier, the email or the phone, in this order; a new one where nobody does.
    Duplicate where the holder is one that the actor may not see."""
    tx.require(Permission.MANAGE_CONTACTS)
    fields = checked(tx, {"name": name, "email": email, "phone": phone, "identifier": identifier})
    if not (fields["email"] or fields["phone"] or fields["identifier"]):
        raise Invalid("A contact is found by an email, a phone or an identifier.", "email")
    holder = holder_of(tx, fields)
    if holder is None:
        return create(tx, name=name, email=email, phone=phone, identifier=identifier)
    contact = find_one(tx, holder.id)
    if contact is None:
        raise duplicate(tx, holder)
    return contact


def _set_blocked(tx: Writing, contact_id: int, blocked: bool) -> Contact:
    tx.require(Permission.MANAGE_CONTACTS)
    before = get(tx, contact_id)
    if before.blocked == blocked:
        return before
    tx.run(
        "UPDATE base.contacts SET blocked = $blocked, updated_at = $now, version = version + 1 WHERE id = $id",
        blocked=blocked,
        now=tx.now,
        id=contact_id,
    )
    tx.record(f"contact.{'blocked' if blocked else 'unblocked'}", "contact", contact_id)
    return get(tx, contact_id)


def search_of(fields: Mapping[str, Any]) -> str:
    """What the search box looks in. Set-based imports write the same, in this order."""
    return identity.search_text(fields["name"], fields["email"], fields["phone"], fields["identifier"])
