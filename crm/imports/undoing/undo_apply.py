"""Undoing what an import did, as `undo_plan` has planned it: whole tables at a time."""

import polars as pl

from crm.deals import versions
from crm.imports.applying.placing import take_back_changes_of_stage
from crm.imports.planning import labelled, orders
from crm.imports.planning.table import Table
from crm.imports.reading.normal_forms import search_texts
from crm.imports.undoing.undo_plan import ITS_OWN, has_updated, keys_of, keys_restored
from crm.pipelines.arrivals import correct_reasons
from crm.records import edits
from crm.records.merging.children import children
from crm.store import Writing


def delete_created(tx: Writing, table: Table) -> int:
    """The records that the import created, with what it gave them; how many."""
    those = "(SELECT id FROM undo_rows WHERE change = 'created' AND reason IS NULL)"
    for child in children(tx, table.noun):
        if child.table in ITS_OWN:
            tx.run(f"DELETE FROM base.{child.table} WHERE {child.column} IN {those}")
    if table.has_attributes:
        tx.run(f"DELETE FROM base.{table.attributes} WHERE id IN {those}")
    return tx.run(f"DELETE FROM base.{table.name} WHERE id IN {those}")


def delete_unused(tx: Writing, table: str) -> int:
    """Of companies or contacts."""
    return tx.run(f"DELETE FROM base.{table} WHERE id IN (SELECT id FROM unused_{table})")


def restore_updated(tx: Writing, table: Table) -> int:
    """The records that the import changed, as they were; how many."""
    if not has_updated(tx):
        return 0
    rows = tx.frame("SELECT restored.* FROM restored JOIN undo_rows USING (id) WHERE reason IS NULL ORDER BY id")
    rows = rows.with_columns(search=search_texts(rows, table.search))
    plain = [name for name in table.columns if name in rows.columns]
    restored = tx.insert_frame(
        rows.select("id", "search", *plain),
        f"""
        UPDATE base.{table.name} AS target SET
            {", ".join(f"{name} = frame.{name}" for name in [*plain, "search"])},
            updated_at = $now,
            version = target.version + 1
        FROM frame
        WHERE frame.id = target.id
        """,
        now=tx.now,
    )
    for column, key in keys_restored(tx, table).items():
        tx.insert_frame(
            keys_of(tx, column).join(rows.select("id"), on="id"),
            f"UPDATE base.{table.name} AS target SET {key} = frame.key FROM frame WHERE frame.id = target.id",
        )
    _restore_attributes(tx, table, rows)
    if labelled.COLUMN in rows.columns:
        relabelled = tx.frame("SELECT id, labels FROM restored WHERE json_exists(before, '$.labels') ORDER BY id")
        labelled.replace(tx, table.noun, relabelled.join(rows.select("id"), on="id"))
    if "stage_id" in plain:
        take_back_changes_of_stage(tx)
    if table.noun == "order" and "status" in plain:
        orders.take_back_changes_of_status(tx)
    if table.noun == "deal":
        correct_reasons(tx, "SELECT id FROM restored")
        versions.note_each(tx, "SELECT id FROM restored")
    edits.be_as_earlier_left(tx, table.noun, rows.select("id", "version", "from_version"))
    return restored


def _restore_attributes(tx: Writing, table: Table, rows: pl.DataFrame) -> None:
    custom = [name for name in rows.columns if name.startswith("a_")]
    if custom:
        tx.insert_frame(
            rows.select("id", *custom),
            f"""
            UPDATE base.{table.attributes} AS target SET {", ".join(f"{name} = frame.{name}" for name in custom)}
            FROM frame
            WHERE frame.id = target.id
            """,
        )
