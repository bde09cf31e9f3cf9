"""Reads one record of any type by its id."""

from typing import Any

from crm.foundation.errors import NotFound
from crm.records import attributes, edits, labels, references, subjects
from crm.records.declaration import R, RecordType
from crm.records.fields import CountOf
from crm.store import Reading, Row, Writing
from crm.store.kept import kept


def get(tx: Reading, of: RecordType[R], record_id: int, *, version: int | None = None) -> R:
    """The record. Raises NotFound where the actor may not see it, Stale where `version` is not the current one."""
    found = find_one(tx, of, record_id)
    if found is None:
        raise NotFound(of.one)
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
        raise NotFound(of.one)
    return found


def created(tx: Writing, of: RecordType[R], record_id: int) -> R:
    """The record that was just inserted: nothing is counted or read of what no new record has."""
    found = _found(tx, of, f"everything.{of.plural}", record_id, new=True)
    if found is None:
        raise NotFound(of.one)
    return found


def _found(tx: Reading, of: RecordType[R], view: str, record_id: int, *, new: bool = False) -> R | None:
    stored = subjects.visible_row(tx, view, record_id)
    return None if stored is None else of_row(tx, of, stored, new=new)


def of_row(tx: Reading, of: RecordType[R], stored: Row, *, new: bool = False) -> R:
    """The record of a visible row of the type's view, or of a query with its columns; `new`: as in `created`."""
    # The view has columns that are no fields: keys and the search text.
    row = {name: value for name, value in stored.items() if name in of.record.model_fields}
    names = references.lookup(tx, of, row)
    row |= names.known | _completed(tx, of, row["id"], names, new=new)
    if new:
        complete(tx, of, [row], new=True)
        return of.record(**row)
    if of.complete:
        of.complete(tx, [row])
    return of.record(**row)


def _completed(tx: Reading, of: RecordType[Any], record_id: int, names: references.Lookup, *, new: bool) -> Row:
    """The names that one visible record refers to, and what `complete` gives it; of a new one the names alone."""
    own = [] if new else _parts(of)
    found: Row = {of.labels_field: []} if of.labels_field and not new else {}
    if parts := [*names.queries, *own]:
        # One statement of both: each is planned for longer than it reads.
        params = names.params | ({"id": record_id} if own else {})
        for row in tx.rows(" UNION ALL BY NAME ".join(parts), **params):
            if field := row.pop("field", None):
                found[field] = row["name"]
            else:
                row.pop("name", None)
                found |= {name: value for name, value in row.items() if value is not None}
    if new:
        return found
    if of.attributes_field:
        found[of.attributes_field] = attributes.from_row(found.get(of.attributes_field))
    return found


def _parts(of: RecordType[Any]) -> list[str]:
    """SQL of what `complete` gives the record `$id`, each part with columns of its own."""
    parts = [f"SELECT count(*) AS {name} FROM {each.table} WHERE {each.by} = $id" for name, each in of.counts.items()]
    if of.labels_field:
        link = labels.link(of.key)
        parts.append(f"SELECT {labels.NAMES} AS {of.labels_field} FROM {link} WHERE link.{of.key}_id = $id")
    if of.attributes_field:
        table = attributes.table_of(of.key)
        parts.append(f"SELECT attribute AS {of.attributes_field} FROM {table} AS attribute WHERE id = $id")
    return parts


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
