"""Deleting deals, and bringing them back within 30 days."""

from datetime import timedelta

from crm.access import Module, Permission
from crm.deals.model import Deal, get
from crm.deals.particulars import refuse_taken_identifier
from crm.errors import NotFound
from crm.store import Reading, Row, Writing

BIN_DAYS = 30


def delete(tx: Writing, deal_id: int, *, version: int | None = None) -> None:
    """Into the bin, from which `restore` brings it back for 30 days. Its identifier is free again at once."""
    tx.require(Permission.MANAGE_CRM, Module.CRM)
    deal = get(tx, deal_id, version=version)
    tx.run(
        """
        UPDATE base.deals SET deleted_at = $now, identifier_key = NULL, updated_at = $now, version = version + 1
        WHERE id = $id
        """,
        now=tx.now,
        id=deal_id,
    )
    tx.record("deal.deleted", "deal", deal_id, title=deal.title)


def restore(tx: Writing, deal_id: int) -> Deal:
    """Back from the bin, where it stood; Duplicate where another deal has taken its identifier since."""
    tx.require(Permission.MANAGE_CRM, Module.CRM)
    found = binned(tx, deal_id)
    if found is None:
        raise NotFound("deal in the bin")
    if found["identifier"]:
        refuse_taken_identifier(tx, found["identifier"], deal_id)
    tx.run(
        """
        UPDATE base.deals SET
            deleted_at = NULL,
            identifier_key = identifier,
            updated_at = $now,
            version = version + 1
        WHERE id = $id
        """,
        now=tx.now,
        id=deal_id,
    )
    tx.record("deal.restored", "deal", deal_id, title=found["title"])
    return get(tx, deal_id)


def binned(tx: Reading, deal_id: int) -> Row | None:
    """title, identifier and deleted_at of a deal that can still be brought back; None where there is none."""
    found = tx.rows(
        "SELECT title, identifier, deleted_at FROM deal_bin WHERE id = $id AND deleted_at > $since",
        id=deal_id,
        since=tx.now - timedelta(days=BIN_DAYS),
    )
    return found[0] if found else None
