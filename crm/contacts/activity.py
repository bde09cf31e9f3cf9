"""When somebody last did something with a contact: a fact derived from the log, notes, files and deals."""

from collections.abc import Sequence
from datetime import datetime

from crm.store import Reading


def last_activities(tx: Reading, contact_ids: Sequence[int]) -> dict[int, datetime]:
    """By contact; those with whom nobody has done anything yet are left out."""
    found = tx.rows(
        """
        SELECT contact_id, last_activity_at
        FROM contact_activity
        WHERE contact_id IN (SELECT unnest($ids::BIGINT[]))
        """,
        ids=list(contact_ids),
    )
    return {row["contact_id"]: row["last_activity_at"] for row in found}


def last_activity(tx: Reading, contact_id: int) -> datetime | None:
    found: datetime | None = tx.value(
        "SELECT last_activity_at FROM contact_activity WHERE contact_id = $id", id=contact_id
    )
    return found
