"""Records that a bulk change leaves as they are, with the reason: deals whose stage does not take them, companies
that are not the actor's to change."""

from typing import Any

import polars as pl

from crm.records.bulk.model import Left, Refusal, translated
from crm.records.bulk.operation import NONE_REFUSED, Aim, BulkOperation
from crm.records.declaration import RecordType
from crm.records.filters import Clause
from crm.store import Reading, Writing

EXAMPLES = 3


def create_table(tx: Reading, of: RecordType[Any], operation: BulkOperation, would_change: Clause, aim: Aim) -> None:
    """Create the table `refusing`: `id` and `because` of each record that would be changed and must not be. The caller
    drops it."""
    found = [NONE_REFUSED]
    if operation.refused:
        found.append(operation.refused(tx, would_change, aim))
    if of.changeable and operation.changes_records and not tx.actor.sees_everything:
        found.append(_foreign(tx, of, would_change))
    tx.bulk("refusing", pl.concat(found).unique("id", keep="first", maintain_order=True))


def _foreign(tx: Reading, of: RecordType[Any], would_change: Clause) -> pl.DataFrame:
    changeable = of.changeable
    if changeable is None:
        return NONE_REFUSED
    return tx.frame(
        f"""
        SELECT record.id, $because AS because
        {would_change.sql}
          AND record.id IN (SELECT id FROM base.{of.plural} WHERE {changeable.foreign})
        """,
        **would_change.params,
        because=changeable.because,
    )


def reasons(tx: Reading, of: RecordType[Any]) -> list[Refusal]:
    """The reasons in `refusing`, the most frequent first, each with how many and a few of them by name."""
    rows = tx.rows(
        f"""
        SELECT
            refusing.because,
            count(*) AS many,
            list({of.title_sql("record")} ORDER BY record.id)[:{EXAMPLES}] AS examples
        FROM refusing
        JOIN {of.plural} AS record ON record.id = refusing.id
        GROUP BY refusing.because
        ORDER BY many DESC, refusing.because
        """
    )
    return [translated(Refusal(**row)) for row in rows]


def store(tx: Writing, change_id: int, kind: str) -> None:
    tx.run(
        "INSERT INTO base.bulk_change_refusals SELECT $change_id, $kind, id, because FROM refusing ORDER BY id",
        change_id=change_id,
        kind=kind,
    )


def of_change(tx: Reading, of: RecordType[Any], change_id: int, limit: int, offset: int) -> list[Left]:
    """The refused records of a change, with the names of those that the actor sees now."""
    # `base.`: the caller has found that the actor may see the change.
    rows = tx.rows(
        f"""
        SELECT record.id, {of.title_sql("record")} AS name, refusal.because
        FROM base.bulk_change_refusals AS refusal
        LEFT JOIN {of.plural} AS record ON record.id = refusal.subject_id
        WHERE refusal.bulk_change_id = $id
        ORDER BY refusal.subject_id
        LIMIT $limit OFFSET $offset
        """,
        id=change_id,
        limit=limit,
        offset=offset,
    )
    return [translated(Left(**row)) for row in rows]
