"""Reads one record of any type by its id."""

from typing import Any

from crm.foundation.errors import NotFound
from crm.records import attributes, edits, labels, references
from crm.records.declaration import R, RecordType
from crm.records.fields import CountOf
from crm.store import Reading, Row, Writing
from crm.store.kept import kept


def get(tx: Reading, of: RecordType[R], record_id: int, *, version: int | None = None) -> R:
    """The record. Raises NotFound where the actor may not see it, Stale where `version` is not the current one."""
    found = find_one(tx, of, record_id)
    if found is None:
        raise NotFound(of.key)
    edits.refuse_stale(tx, of.key, found, found.shown_name, version)
    return found


@kept
def find_one(tx: Reading, of: RecordType[R], record_id: int) -> R | None:
    """The record, None where the actor may not see it."""
    return _found(tx, of, of.plural, record_id)


def after_change(tx: Writing, of: RecordType[R], record_id: int) -> R:
    """The record after the actor's own change, even if that change, such as a new owner, hides it from them."""
    found = _found(tx, of, f"everything.{of.plural}", record_id)
    if found is None:
        raise NotFound(of.key)
    return found


def created(tx: Writing, of: RecordType[R], record_id: int) -> R:
    """The record that was just inserted: nothing is counted or read of what no new record has."""
    found = _found(tx, of, f"everything.{of.plural}", record_id, new=True)
    if found is None:
        raise NotFound(of.key)
    return found


def _found(tx: Reading, of: RecordType[R], view: str, record_id: int, *, new: bool = False) -> R | None:
    rows = tx.rows(f"SELECT * FROM {view} WHERE id = $id", id=record_id)
    if not rows:
        return None
    # The view has columns that are no fields: keys and the search text.
    row = {name: value for name, value in rows[0].items() if name in of.record.model_fields}
    for name, key in of.names.items():
        # Each by its key: one join over all of them takes twice the time to plan (measured).
        row[name] = references.name(tx, of.references[key], row[key])
    complete(tx, of, [row], new=new)
    return of.record(**row)


def complete(tx: Reading, of: RecordType[Any], rows: list[Row], *, new: bool = False) -> None:
    """Complete rows of visible records from other tables: counts, labels and attributes, each read for all rows at
    once. New records have no labels, and nothing names them."""
    ids = [row["id"] for row in rows]
    for name, count_of in of.counts.items():
        counted = {} if new else _counts(tx, count_of, ids)
        for row in rows:
            row[name] = counted.get(row["id"], 0)
    if of.labels_field:
        labelled = {} if new else labels.on(tx, of.key, ids)
        for row in rows:
            row[of.labels_field] = [label.name for label in labelled.get(row["id"], ())]
    if of.attributes_field:
        values = attributes.values_of(tx, of.key, ids)
        for row in rows:
            row[of.attributes_field] = values[row["id"]]
    if of.complete and rows:
        of.complete(tx, rows)


def _counts(tx: Reading, of: CountOf, ids: list[int]) -> dict[int, int]:
    if len(ids) == 1:  # a list of one is planned as a join, which takes longer than the count
        return {ids[0]: int(tx.value(f"SELECT count(*) FROM {of.table} WHERE {of.by} = $id", id=ids[0]))}
    found = tx.rows(
        f"""
        SELECT {of.by} AS id, count(*) AS many
        FROM {of.table}
        WHERE {of.by} IN (SELECT unnest($ids::BIGINT[]))
        GROUP BY {of.by}
        """,
        ids=ids,
    )
    return {row["id"]: row["many"] for row in found}
