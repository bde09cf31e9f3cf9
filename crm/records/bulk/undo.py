"""Taking a change of many records back: every record that nothing else has touched since is put back, the others are
left as they are and listed."""

import polars as pl

from crm.deals import versions
from crm.foundation import identity
from crm.foundation.errors import Invalid
from crm.records import changes
from crm.records.bulk import deal_operations
from crm.records.bulk.model import Action, BulkChange, Left, Outlook, Undone
from crm.records.bulk.operation import Table
from crm.records.bulk.tables import TABLES
from crm.records.bulk.verbs import get
from crm.store import Reading, Writing

TOUCHED = "It was changed since."


def outlook(tx: Reading, change_id: int) -> Outlook:
    """What taking the change back would do now. Writes nothing."""
    change, table = _found(tx, change_id)
    _lay_verdicts(tx, change, table)
    found = tx.rows("SELECT left_because, count(*) AS many FROM undoing GROUP BY left_because ORDER BY many DESC")
    tx.drop("undoing")
    by_reason = {row["left_because"]: row["many"] for row in found}
    return Outlook(put_back=by_reason.pop(None, 0), left=by_reason)


def undo(tx: Writing, change_id: int) -> Undone:
    """Take the change back. Invalid where that was done before."""
    change, table = _found(tx, change_id)
    _lay_verdicts(tx, change, table)
    put_back = int(tx.value("SELECT count(*) FROM undoing WHERE left_because IS NULL"))
    _put_back(tx, change, table)
    _mark(tx, change, table)
    tx.drop("undoing")
    tx.record(
        "bulk_change.undone",
        "bulk_change",
        change_id,
        kind=change.kind,
        put_back=put_back,
        left=change.changed - put_back,
        touched=[table.noun],
    )
    return Undone(put_back=put_back, left=change.changed - put_back)


def left(tx: Reading, change_id: int, limit: int = 100, offset: int = 0) -> list[Left]:
    """The records that taking the change back has left as they are, and why."""
    change = get(tx, change_id)
    table = TABLES[change.kind]
    rows = tx.rows(
        f"""
        SELECT record.id, {table.shown} AS name, row.left_because AS because
        FROM base.bulk_change_rows AS row  -- of a visible change
        LEFT JOIN {table.name} AS record ON record.id = row.subject_id
        WHERE row.bulk_change_id = $id AND row.left_because IS NOT NULL
        ORDER BY row.subject_id
        LIMIT $limit OFFSET $offset
        """,
        id=change_id,
        limit=limit,
        offset=offset,
    )
    return [Left(**row) for row in rows]


def _found(tx: Reading, change_id: int) -> tuple[BulkChange, Table]:
    change = get(tx, change_id)
    table = TABLES[change.kind]
    tx.require(table.permission, table.module)
    if change.undone_at:
        raise Invalid("This change was taken back already.")
    return change, table


def _lay_verdicts(tx: Reading, change: BulkChange, table: Table) -> None:
    """`undoing`: a row for each record that was changed, with why it is left as it is (NULL: it is put back), and the
    keys that it is to have again. Reads `base.`: the records were found through the visible view when they were
    changed, and the change may have taken them out of its maker's sight."""
    columns = [f"record.{column}" for column in dict.fromkeys(table.keys.values())]
    columns += [f"row.{column}" for column in table.operations[change.action].keeps]
    rows = tx.frame(
        f"""
        SELECT
            row.subject_id AS id,
            row.from_version,
            row.version,
            row.was,
            {", ".join(columns)},
            {_verdict(change, table)} AS left_because
        FROM base.bulk_change_rows AS row
        JOIN base.bulk_changes AS change ON change.id = row.bulk_change_id
        LEFT JOIN base.{table.name} AS record ON record.id = row.subject_id
        WHERE row.bulk_change_id = $id
        ORDER BY row.subject_id
        """,
        id=change.id,
    )
    if change.action is Action.DELETE:
        rows = _with_keys_free(tx, table, rows)
    tx.bulk("undoing", rows)


def _verdict(change: BulkChange, table: Table) -> str:
    lost = ""
    if change.action is Action.SET_COMPANY:
        lost = """
            WHEN row.was IS NOT NULL AND NOT EXISTS (
                FROM base.companies AS company WHERE company.id = row.was AND company.deleted_at IS NULL
            ) THEN 'Its company is in the bin now.'"""
    if table.operations[change.action].is_arrival:
        lost = """
            WHEN row.was NOT IN (SELECT id FROM base.stages WHERE deleted_at IS NULL) THEN 'Its stage is gone.'
            WHEN record.stage_id <> row.became THEN 'It was moved since.'"""
    if change.action is Action.REMOVE_LABEL:
        lost = """
            WHEN change.becomes NOT IN (SELECT id FROM base.labels) THEN 'The label is gone.'"""
    away, gone = ("NULL", "NOT NULL") if change.action is Action.DELETE else ("NOT NULL", "NULL")
    elsewhere = "It is out of the bin already." if gone == "NOT NULL" else "It is in the bin now."
    return f"""
        CASE
            WHEN record.id IS NULL THEN 'It was erased.'
            WHEN record.deleted_at IS {away} THEN '{elsewhere}'
            WHEN record.version <> row.version OR record.updated_at <> row.left_at THEN '{TOUCHED}'{lost}
        END"""


def _with_keys_free(tx: Reading, table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the keys that they are to have again; those of which another record has taken one are left."""
    folds = {"email_key": identity.email_key}
    for key, column in table.keys.items():
        values = rows[column]
        made = pl.Series(key, [folds[key](value) for value in values], pl.String) if key in folds else values.alias(key)
        rows = rows.with_columns(made)
    for key, column in table.keys.items():
        tx.bulk("own_keys", rows.select(key).drop_nulls())
        taken = tx.frame(f"SELECT {key} FROM base.{table.name} WHERE {key} IN (SELECT {key} FROM own_keys)")
        tx.drop("own_keys")
        because = pl.lit(f"Its {column} belongs to another {table.noun} now.")
        clash = pl.col("left_because").is_null() & pl.col(key).is_in(taken[key].implode())
        rows = rows.with_columns(left_because=pl.when(clash).then(because).otherwise("left_because"))
    return rows


def _put_back(tx: Writing, change: BulkChange, table: Table) -> None:
    operation = table.operations[change.action]
    if operation.is_arrival:
        deal_operations.forget_arrivals(tx, change.id)
    if change.action is Action.ADD_LABEL:
        tx.run(
            f"""
            DELETE FROM base.{table.noun}_labels
            WHERE label_id = (SELECT becomes FROM base.bulk_changes WHERE id = $id)
              AND {table.noun}_id IN (SELECT id FROM undoing WHERE left_because IS NULL)
            """,
            id=change.id,
        )
    if change.action is Action.REMOVE_LABEL:
        tx.run(
            f"""
            INSERT INTO base.{table.noun}_labels
            SELECT undoing.id, change.becomes
            FROM undoing, base.bulk_changes AS change
            WHERE undoing.left_because IS NULL AND change.id = $id
            """,
            id=change.id,
        )
    tx.run(
        f"""
        UPDATE base.{table.name} AS target SET
            {f"{operation.back}," if operation.back else ""}
            updated_at = $now,
            version = target.version + 1
        FROM (FROM undoing WHERE left_because IS NULL ORDER BY id) AS row
        WHERE row.id = target.id
        """,
        now=tx.now,
    )
    if table.noun == "deal" and change.action is Action.SET_OWNER:
        versions.note_each(tx, "SELECT id FROM undoing WHERE left_because IS NULL")


def _mark(tx: Writing, change: BulkChange, table: Table) -> None:
    """What was put back is again as an earlier change left it, which can then be taken back in its turn."""
    tx.run(
        """
        UPDATE base.bulk_change_rows AS row SET left_because = undoing.left_because
        FROM undoing
        WHERE row.bulk_change_id = $id AND row.subject_id = undoing.id AND undoing.left_because IS NOT NULL
        """,
        id=change.id,
    )
    gone_back = tx.frame("SELECT id, version, from_version FROM undoing WHERE left_because IS NULL ORDER BY id")
    changes.be_as_earlier_left(tx, table.noun, gone_back)
    tx.run(
        "UPDATE base.bulk_changes SET undone_by = $me, undone_at = $now WHERE id = $id",
        me=tx.actor.id,
        now=tx.now,
        id=change.id,
    )
