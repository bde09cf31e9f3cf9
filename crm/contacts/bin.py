"""Deleting contacts, and bringing them back within 30 days."""

from datetime import timedelta

from crm.access import Permission
from crm.contacts.matching import keys, refuse_taken
from crm.contacts.record import Contact, get
from crm.errors import NotFound
from crm.store import Reading, Row, Writing

BIN_DAYS = 30


def delete(tx: Writing, contact_id: int, *, version: int | None = None) -> None:
    """Into the bin, from which `restore` brings it back for 30 days. Its keys are free again at once."""
    tx.require(Permission.MANAGE_CONTACTS)
    contact = get(tx, contact_id, version=version)
    tx.run(
        """
        UPDATE base.contacts SET
            deleted_at = $now,
            email_key = NULL,
            phone_key = NULL,
            identifier_key = NULL,
            updated_at = $now,
            version = version + 1
        WHERE id = $id
        """,
        now=tx.now,
        id=contact_id,
    )
    tx.record("contact.deleted", "contact", contact_id, name=contact.shown_name)


def restore(tx: Writing, contact_id: int) -> Contact:
    """Back from the bin; Duplicate where another contact has taken one of its keys since."""
    tx.require(Permission.MANAGE_CONTACTS)
    found = tx.rows(
        "SELECT * FROM contact_bin WHERE id = $id AND deleted_at > $since",
        id=contact_id,
        since=tx.now - timedelta(days=BIN_DAYS),
    )
    if not found:
        raise NotFound("contact in the bin")
    refuse_taken(tx, found[0])
    tx.run(
        """
        UPDATE base.contacts SET
            deleted_at = NULL,
            email_key = $email_key,
            phone_key = $phone_key,
            identifier_key = $identifier_key,
            updated_at = $now,
            version = version + 1
        WHERE id = $id
        """,
        **keys(found[0]),
        now=tx.now,
        id=contact_id,
    )
    contact = get(tx, contact_id)
    tx.record("contact.restored", "contact", contact_id, name=contact.shown_name)
    return contact


def binned(tx: Reading, limit: int = 100) -> list[Row]:
    """The contacts in the bin that can still be restored, the last deleted first: id, shown_name, deleted_at."""
    return tx.rows(
        """
        SELECT id, coalesce(name, email, phone) AS shown_name, deleted_at
        FROM contact_bin
        WHERE deleted_at > $since
        ORDER BY deleted_at DESC, id DESC
        LIMIT $limit
        """,
        since=tx.now - timedelta(days=BIN_DAYS),
        limit=limit,
    )
