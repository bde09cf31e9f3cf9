"""The verbs that only contacts have: blocking, and finding one by identifier, email or phone."""

from crm.contacts.declaration import CONTACT, Contact
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.records import validation, writing
from crm.records.verbs import Verbs
from crm.store import Reading, Writing

_verbs = Verbs(CONTACT)
get, find_one, create, edit = _verbs.get, _verbs.find_one, _verbs.create, _verbs.edit
delete, restore, set_labels = _verbs.delete, _verbs.restore, _verbs.set_labels
find, count, fields = _verbs.find, _verbs.count, _verbs.fields


def block(tx: Writing, contact_id: int) -> Contact:
    """Mark a contact as blocked; nothing is recorded where it is already."""
    return _set_blocked(tx, contact_id, True)


def unblock(tx: Writing, contact_id: int) -> Contact:
    return _set_blocked(tx, contact_id, False)


def find_or_create(
    tx: Writing,
    *,
    name: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    identifier: str | None = None,
) -> int:
    """The id of the contact with this identifier, email or phone, checked in this order; else of a new one. Raises
    Duplicate where the actor may not see the contact."""
    tx.require(CONTACT.permission)
    fields = {"name": name, "email": email, "phone": phone, "identifier": identifier}
    given = validation.checked(tx, CONTACT, fields)
    if not any(given[key] for key in CONTACT.uniques):
        raise Invalid(tr("A contact is found by an email, a phone or an identifier."), "email")
    # Hidden contacts count too: a key they hold must not get a second contact.
    for key, holder in validation.holders(tx, CONTACT, given):
        if not _is_visible(tx, holder):
            raise validation.duplicate(tx, CONTACT, key, given, holder)
        return holder
    return writing.create(tx, CONTACT, fields, keys_free=True).id


def _is_visible(tx: Reading, contact_id: int) -> bool:
    # A record in the bin holds no key: who sees everything sees each holder of one.
    return tx.actor.sees_everything or bool(tx.rows("SELECT id FROM contacts WHERE id = $id", id=contact_id))


def _set_blocked(tx: Writing, contact_id: int, blocked: bool) -> Contact:
    tx.require(CONTACT.permission)
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
