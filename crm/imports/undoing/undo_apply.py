"""Undoing what an import did, as `undo_plan` has planned it: whole tables at a time."""

from typing import Any

import polars as pl

from crm.imports.hooks import hooks_of
from crm.imports.planning import labelled, written
from crm.imports.reading.normal_forms import search_texts
from crm.imports.undoing.undo_plan import has_updated, keys_of, keys_restored, own_tables
from crm.records import edits
from crm.records.declaration import RecordType
from crm.records.links import of_many as links
from crm.records.merging.children import children
from crm.store import Writing


def delete_created(tx: Writing, of: RecordType[Any]) -> int:
    """Delete the records that the import created, with the rows of other tables that it gave them; how many."""
    those = "(SELECT id FROM undo_rows WHERE change = 'created' AND reason IS NULL)"
    for child in children(tx, of.key):
        if child.table in own_tables(of):
            tx.run(f"DELETE FROM base.{child.table} WHERE {child.column} IN {those}")
    if of.attributes_field:
        tx.run(f"DELETE FROM {written.attributes_table(of)} WHERE id IN {those}")
    return tx.run(f"DELETE FROM base.{of.plural} WHERE id IN {those}")


def delete_notes(tx: Writing, of: RecordType[Any]) -> None:
    """Delete the notes that the import added to records which are deleted or put back."""
    removed = tx.run(
        """
        DELETE FROM base.notes
        WHERE id IN (SELECT id FROM imported_notes)
          AND subject_id IN (SELECT id FROM undo_rows WHERE reason IS NULL)
        """
    )
    noted = hooks_of(of).noted
    if removed and noted:
        noted(tx, "SELECT subject_id FROM imported_notes")


def delete_links(tx: Writing, import_id: int) -> None:
    """Delete the links that the import made, but those of records that stay as they are."""
    going = """
        SELECT id FROM imported_links WHERE record_id NOT IN (SELECT id FROM undo_rows WHERE reason IS NOT NULL)
    """
    if links.record(tx, links.REMOVED, "import", import_id, f"id IN ({going})"):
        tx.run(f"DELETE FROM base.links WHERE id IN ({going})")


def delete_unused(tx: Writing, table: str) -> int:
    """Delete the companies, contacts or labels that the import created on the way and nothing names now; how many."""
    return tx.run(f"DELETE FROM base.{table} WHERE id IN (SELECT id FROM unused_{table})")


def restore_updated(tx: Writing, of: RecordType[Any]) -> int:
    """Put the records that the import changed back as they were; how many."""
    if not has_updated(tx):
        return 0
    rows = tx.frame("SELECT restored.* FROM restored JOIN undo_rows USING (id) WHERE reason IS NULL ORDER BY id")
    rows = rows.with_columns(search=search_texts(rows, written.searched(of)))
    plain = [name for name in written.columns(of, hooks_of(of)) if name in rows.columns]
    restored = tx.insert_frame(
        rows.select("id", "search", *plain),
        f"""
        UPDATE base.{of.plural} AS target SET
            {", ".join(f"{name} = frame.{name}" for name in [*plain, "search"])},
            updated_at = $now,
            version = target.version + 1
        FROM frame
        WHERE frame.id = target.id
        """,
        now=tx.now,
    )
    # Unique columns apart, for the records that get one back alone: each is checked in its index, row by row.
    for column, key in keys_restored(tx, of).items():
        tx.insert_frame(
            keys_of(tx, of, column).join(rows.select("id"), on="id"),
            f"UPDATE base.{of.plural} AS target SET {key} = frame.key FROM frame WHERE frame.id = target.id",
        )
    _restore_attributes(tx, of, rows)
    if labelled.COLUMN in rows.columns:
        relabelled = tx.frame("SELECT id, labels FROM restored WHERE json_exists(before, '$.labels') ORDER BY id")
        labelled.replace(tx, of.key, relabelled.join(rows.select("id"), on="id"))
    hooks = hooks_of(of)
    if hooks.undone:
        hooks.undone(tx, frozenset(plain))
    if of.hooks.after_set:
        of.hooks.after_set(tx, "SELECT id FROM restored")
    # A change of many records from before the import finds the versions that it left, and can be undone next.
    edits.relink_earlier_changes(tx, of.key, rows.select("id", "version", "from_version"))
    return restored


def _restore_attributes(tx: Writing, of: RecordType[Any], rows: pl.DataFrame) -> None:
    custom = [name for name in rows.columns if name.startswith("a_")]
    if custom:
        sets = ", ".join(f"{name} = frame.{name}" for name in custom)
        tx.insert_frame(
            rows.select("id", *custom),
            f"""
            UPDATE {written.attributes_table(of)} AS target SET {sets}
            FROM frame
            WHERE frame.id = target.id
            """,
        )
