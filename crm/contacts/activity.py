"""When somebody last did something with a contact: a fact derived from the log, notes, files and deals."""

from collections.abc import Sequence
from datetime import datetime

from crm.store import Reading, Row


def fill_last_activity(tx: Reading, rows: Sequence[Row]) -> None:
    """Put `last_activity_at` into rows of contacts that a list has found; None where nobody did anything yet."""
    if not rows:
        return
    wanted = ", ".join(str(int(row["id"])) for row in rows)  # written out, they narrow each part of the view
    found = tx.rows(f"SELECT contact_id, last_activity_at FROM contact_activity WHERE contact_id IN ({wanted})")
    active = {one["contact_id"]: one["last_activity_at"] for one in found}
    for row in rows:
        row["last_activity_at"] = active.get(row["id"])


def last_activity(tx: Reading, contact_id: int) -> datetime | None:
    found: datetime | None = tx.value(
        "SELECT last_activity_at FROM contact_activity WHERE contact_id = $id", id=contact_id
    )
    return found
