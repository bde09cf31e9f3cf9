"""Undoing a bulk change: every record that nothing else has changed since is put back, the others are left as they are
and listed."""

from typing import Any

import polars as pl

from crm.foundation.errors import Invalid
from crm.foundation.language import later, tr
from crm.records import edits, registry, validation
from crm.records.bulk.model import BulkChange, Left, Outlook, Undone, translated
from crm.records.bulk.of_type import operations
from crm.records.bulk.operation import BulkOperation
from crm.records.bulk.verbs import get
from crm.records.declaration import RecordType
from crm.records.fields import Field
from crm.store import Reading, Writing

TOUCHED = later("It was changed since.")
ERASED = later("It was erased.")
IN_BIN, OUT_OF_BIN = later("It is in the bin now."), later("It is out of the bin already.")
"""Why a record is left as it is: stored in English, and translated where it is read."""


def outlook(tx: Reading, change_id: int) -> Outlook:
    """What an undo would do now. Writes nothing."""
    change, of = _found(tx, change_id)
    _create_verdicts(tx, change, of)
    found = tx.rows("SELECT left_because, count(*) AS many FROM undoing GROUP BY left_because ORDER BY many DESC")
    tx.drop("undoing")
    by_reason = {because and tr(because): many for because, many in (row.values() for row in found)}
    return Outlook(put_back=by_reason.pop(None, 0), left=by_reason)


def undo(tx: Writing, change_id: int) -> Undone:
    """Undo the change. Raises Invalid where that was done before."""
    change, of = _found(tx, change_id)
    _create_verdicts(tx, change, of)
    put_back = int(tx.value("SELECT count(*) FROM undoing WHERE left_because IS NULL"))
    _put_back(tx, change, of)
    _mark(tx, change, of)
    tx.drop("undoing")
    tx.record(
        "bulk_change.undone",
        "bulk_change",
        change_id,
        kind=change.kind,
        put_back=put_back,
        left=change.changed - put_back,
        touched=[of.key],
    )
    return Undone(put_back=put_back, left=change.changed - put_back)


def left(tx: Reading, change_id: int, limit: int = 100, offset: int = 0) -> list[Left]:
    """The records that the undo has left as they are, and why."""
    change = get(tx, change_id)
    of = registry.by_plural(change.kind)
    rows = tx.rows(
        f"""
        SELECT record.id, {of.title_sql("record")} AS name, row.left_because AS because
        FROM base.bulk_change_rows AS row  -- of a visible change
        LEFT JOIN {of.plural} AS record ON record.id = row.subject_id
        WHERE row.bulk_change_id = $id AND row.left_because IS NOT NULL
        ORDER BY row.subject_id
        LIMIT $limit OFFSET $offset
        """,
        id=change_id,
        limit=limit,
        offset=offset,
    )
    return [translated(Left(**row)) for row in rows]


def _found(tx: Reading, change_id: int) -> tuple[BulkChange, RecordType[Any]]:
    change = get(tx, change_id)
    of = registry.by_plural(change.kind)
    tx.require(of.permission, of.module)
    if change.undone_at:
        raise Invalid(tr("This change was undone already."))
    before_undo = operations(of)[change.action].before_undo
    if before_undo:
        before_undo(tx, of, change_id)
    return change, of


def _create_verdicts(tx: Reading, change: BulkChange, of: RecordType[Any]) -> None:
    """Create the table `undoing`: a row for each changed record, with the reason why it is left as it is (NULL: it is
    put back), and the keys that it is to have again."""
    # Reads `base.`: the records were found through the visible view when they were changed, and the change may have
    # taken them out of its maker's sight.
    operation = operations(of)[change.action]
    columns = [f"row.{column}" for column in operation.keeps]
    if operation.deletes:
        columns += [f"record.{column}" for column in _read_by_keys(of)]
    rows = tx.frame(
        f"""
        SELECT
            {", ".join(["row.subject_id AS id", "row.from_version", "row.version", "row.was", *columns])},
            {_verdict(operation)} AS left_because
        FROM base.bulk_change_rows AS row
        JOIN base.bulk_changes AS change ON change.id = row.bulk_change_id
        LEFT JOIN base.{of.plural} AS record ON record.id = row.subject_id
        WHERE row.bulk_change_id = $id
        ORDER BY row.subject_id
        """,
        id=change.id,
    )
    tx.bulk("undoing", _with_keys_free(tx, of, rows) if operation.deletes else rows)


def _verdict(operation: BulkOperation) -> str:
    away, elsewhere = ("NOT NULL", IN_BIN)
    if operation.deletes:
        away, elsewhere = ("NULL", OUT_OF_BIN)
    touched = "record.version <> row.version OR record.updated_at <> row.left_at"
    touched = f"WHEN {touched} THEN '{TOUCHED}'" if operation.changes_records else ""
    return f"""
        CASE
            WHEN record.id IS NULL THEN '{ERASED}'
            WHEN record.deleted_at IS {away} THEN '{elsewhere}'
            {touched}
            {operation.lost}
        END"""


def _read_by_keys(of: RecordType[Any]) -> list[str]:
    """The columns from which a record's unique keys are made."""
    read = (key for own, one in of.uniques.items() if one.unique for key in (one.unique.reads or (own,)))
    return list(dict.fromkeys(of.fields[key].column for key in read))


def _with_keys_free(tx: Reading, of: RecordType[Any], rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the keys that they are to have again; those of which another record has taken one are left."""
    for key, field in of.uniques.items():
        rows = rows.with_columns(_keys(of, key, field, rows))
    for field, column in zip(of.uniques.values(), of.key_columns, strict=True):
        tx.bulk("own_keys", rows.select(column).drop_nulls())
        taken = tx.frame(f"SELECT {column} FROM base.{of.plural} WHERE {column} IN (SELECT {column} FROM own_keys)")
        tx.drop("own_keys")
        because = pl.lit(_taken(of, field))
        clash = pl.col("left_because").is_null() & pl.col(column).is_in(taken[column].implode())
        rows = rows.with_columns(left_because=pl.when(clash).then(because).otherwise("left_because"))
    return rows


def _taken(of: RecordType[Any], field: Field) -> str:
    if of.called.given:
        return later("One of its unique values belongs to another record now.")
    return f"Its {field.label.lower()} belongs to another {of.key} now."


def _keys(of: RecordType[Any], key: str, field: Field, rows: pl.DataFrame) -> pl.Series:
    """The normal form of a unique field of each row."""
    reads = field.unique.reads if field.unique else ()
    columns = {read: of.fields[read].column for read in reads or (key,)}
    values_of_rows = zip(*(rows[column] for column in columns.values()), strict=True)
    keys = [validation.key_of(field, key, dict(zip(columns, values, strict=True))) for values in values_of_rows]
    return pl.Series(field.unique.column if field.unique else key, keys, pl.String)


def _put_back(tx: Writing, change: BulkChange, of: RecordType[Any]) -> None:
    operation = operations(of)[change.action]
    if operation.put_back:
        operation.put_back(tx, of, change.id)
    if not operation.changes_records:
        return
    tx.run(
        f"""
        UPDATE base.{of.plural} AS target SET
            {f"{operation.back}," if operation.back else ""}
            updated_at = $now,
            version = target.version + 1
        FROM (FROM undoing WHERE left_because IS NULL ORDER BY id) AS row
        WHERE row.id = target.id
        """,
        now=tx.now,
    )
    if (operation.sets_fields or operation.deletes) and of.hooks.after_set:
        of.hooks.after_set(tx, "SELECT id FROM undoing WHERE left_because IS NULL")


def _mark(tx: Writing, change: BulkChange, of: RecordType[Any]) -> None:
    tx.run(
        """
        UPDATE base.bulk_change_rows AS row SET left_because = undoing.left_because
        FROM undoing
        WHERE row.bulk_change_id = $id AND row.subject_id = undoing.id AND undoing.left_because IS NOT NULL
        """,
        id=change.id,
    )
    if operations(of)[change.action].changes_records:
        gone_back = tx.frame("SELECT id, version, from_version FROM undoing WHERE left_because IS NULL ORDER BY id")
        # What was put back is again as an earlier change left it, which can then be undone in its turn.
        edits.relink_earlier_changes(tx, of.key, gone_back)
    tx.run(
        "UPDATE base.bulk_changes SET undone_by = $me, undone_at = $now WHERE id = $id",
        me=tx.actor.id,
        now=tx.now,
        id=change.id,
    )
