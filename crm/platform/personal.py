"""What every page asks of a person beside who they are, read in one statement: their preferences and new notices."""

from dataclasses import dataclass

from crm.store import Reading
from crm.store.kept import kept


@dataclass(frozen=True)
class Personal:
    preferences: dict[str, str]
    """{name: value as JSON} of all that they chose."""
    unread: int
    """The number of notices that they have not read."""


@kept
def read(tx: Reading) -> Personal:
    rows = tx.rows(
        """
        SELECT name, value, NULL::BIGINT AS unread FROM preferences
        UNION ALL
        SELECT NULL, NULL, count(*) FROM notices WHERE read_at IS NULL
        """
    )
    chosen = {row["name"]: row["value"] for row in rows if row["unread"] is None}
    return Personal(chosen, next(row["unread"] for row in rows if row["unread"] is not None))
