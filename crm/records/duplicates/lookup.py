"""Finds possible duplicates of one record as it is now, between two scans."""

from crm.records import reading
from crm.records.duplicates import pairing
from crm.records.duplicates.inbox import pairs_of, require
from crm.records.duplicates.model import Pair
from crm.records.merging import mergeable
from crm.store import Reading


def look_up(tx: Reading, kind: str, record_id: int) -> list[Pair]:
    """The pairs of one record, most likely first, without those marked as distinct."""
    require(tx, kind)
    of = mergeable(kind)
    record = reading.get(tx, of, record_id)
    ids = [record_id, *pairing.rules(kind).candidates(tx, record)]
    source = f"{of.plural} WHERE id IN (SELECT unnest($ids::BIGINT[]))"
    # Prepared and compared by the SQL of a scan, so that both give a pair the same score.
    tx.create_temp_table("prepared", pairing.prepared(kind, source), ids=ids)
    try:
        rows = tx.rows(
            f"""
            SELECT pair.*
            FROM ({pairing.pairs(kind)}) AS pair
            ANTI JOIN (SELECT left_id, right_id FROM base.distinct_pairs WHERE subject_kind = $kind) AS decided
                USING (left_id, right_id)
            WHERE pair.left_id = $id OR pair.right_id = $id
            ORDER BY score DESC, left_id, right_id
            LIMIT 20
            """,
            kind=kind,
            id=record_id,
        )
    finally:  # cursors are reused, and would keep the table
        tx.drop("prepared")
    return pairs_of(tx, kind, rows)
