"""The last activity of a contact, derived from the log, notes, files and deals."""

from collections.abc import Sequence
from datetime import datetime

from crm.store import Reading, Row
from crm.store.kept import kept


def fill_last_activity(tx: Reading, rows: Sequence[Row]) -> None:
    """Set `last_activity_at` in rows of contacts; None where there was no activity yet."""
    if not rows:
        return
    ids = ", ".join(str(int(row["id"])) for row in rows)  # as literals they are pushed into each part of the view
    found = tx.rows(f"SELECT contact_id, last_activity_at FROM contact_activity WHERE contact_id IN ({ids})")
    active = {each["contact_id"]: each["last_activity_at"] for each in found}
    for row in rows:
        row["last_activity_at"] = active.get(row["id"])


@kept
def last_activity(tx: Reading, contact_id: int) -> datetime | None:
    found: datetime | None = tx.value(
        "SELECT last_activity_at FROM contact_activity WHERE contact_id = $id", id=contact_id
    )
    return found
