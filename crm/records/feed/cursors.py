"""How far each reader has read the feed: a named cursor, moved in the transaction that keeps what the reader did.

A reader that is cut off before its commit reads the same rows again, and one that has committed never does: nothing is
lost or done twice.
"""

from crm.records.feed.model import START, Position
from crm.store import Reading, Writing


def position(tx: Reading, reader: str) -> Position:
    """Where the reader stands; at the start where it has never read."""
    rows = tx.rows("SELECT seq, kind, id FROM base.feed_cursors WHERE reader = $reader", reader=reader)
    return Position(**rows[0]) if rows else START


def advance(tx: Writing, reader: str, to: Position) -> None:
    """Move the reader on. ValueError where it stands beyond `to`: two processes of one reader would do things twice."""
    if to < position(tx, reader):
        raise ValueError(f"The reader {reader} stands beyond {to}: a feed is read forwards.")
    tx.run(
        """
        INSERT INTO base.feed_cursors VALUES ($reader, $seq, $kind, $id, $now)
        ON CONFLICT (reader) DO UPDATE SET
            seq = excluded.seq, kind = excluded.kind, id = excluded.id, moved_at = excluded.moved_at
        """,
        reader=reader,
        **to._asdict(),
        now=tx.now,
    )


def end(tx: Reading) -> Position:
    """After the last row that there is."""
    return Position(int(tx.value("SELECT coalesce(max(seq), 0) FROM base.events")) + 1)
