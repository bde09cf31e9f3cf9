"""Counts of what hangs on a record: the notes and files that its page has tabs for."""

from pydantic import BaseModel

from crm.store import Reading
from crm.store.kept import kept


class Attached(BaseModel, frozen=True):
    notes: int = 0
    pinned: int = 0
    """Of the notes."""
    files: int = 0


@kept
def of(tx: Reading, kind: str, record_id: int) -> Attached:
    """Reads `base.`: the caller has found the record through a visible view."""
    [row] = tx.rows(
        """
        SELECT count(*) FILTER (what = 'note') AS notes, count(*) FILTER (pinned) AS pinned,
            count(*) FILTER (what = 'file') AS files
        FROM (
            SELECT 'note' AS what, pinned FROM base.notes WHERE subject_kind = $kind AND subject_id = $id
            UNION ALL
            SELECT 'file', false FROM base.attachments WHERE subject_kind = $kind AND subject_id = $id
        )
        """,
        kind=kind,
        id=record_id,
    )
    return Attached(**row)
