"""Undoes a merge: what it changed is restored, what was changed after it stays."""

from collections.abc import Iterator
from typing import Any

from crm.foundation.errors import NotFound
from crm.foundation.language import plural, tr
from crm.records import attributes as custom
from crm.records import reading, registry, validation, writing
from crm.records.declaration import RecordType
from crm.records.edits import differences
from crm.records.merging import children, images
from crm.records.merging.model import Merge, Unmerged, mergeable
from crm.records.merging.verbs import labels_moved, labels_of
from crm.store import Reading, Writing
from crm.store.kept import kept

_MERGES = """
    SELECT
        merge.* EXCLUDE (survivor_name, absorbed_name, undone_by, undone_at),
        {survivor} AS survivor_name,
        {absorbed} AS absorbed_name,
        coalesce(person.name, 'Mallard') AS actor_name
    FROM merges AS merge
    JOIN base.{table} AS survivor ON survivor.id = merge.survivor_id
    JOIN base.{table} AS absorbed ON absorbed.id = merge.absorbed_id
    LEFT JOIN users AS person ON person.id = merge.created_by
    WHERE merge.undone_at IS NULL AND merge.subject_kind = '{kind}'
"""


def merges(tx: Reading, kind: str, limit: int = 50, offset: int = 0) -> list[Merge]:
    """The merges that can be undone, last first. Where the survivor was merged itself, that later merge comes first."""
    found = tx.rows(
        f"{_merges_of(kind)} ORDER BY merge.created_at DESC, merge.id DESC LIMIT $limit OFFSET $offset",
        limit=limit,
        offset=offset,
    )
    return [Merge(**row) for row in found]


def count(tx: Reading, kind: str) -> int:
    return int(tx.value(f"SELECT count(*) FROM ({_merges_of(kind)})"))


@kept
def merges_into(tx: Reading, kind: str, survivor_id: int) -> list[Merge]:
    """The merges into a record, last first."""
    found = tx.rows(
        f"{_merges_of(kind)} AND merge.survivor_id = $id ORDER BY merge.created_at DESC, merge.id DESC", id=survivor_id
    )
    return [Merge(**row) for row in found]


def get(tx: Reading, kind: str, merge_id: int) -> Merge:
    """A merge. Raises NotFound where it was undone, or its survivor is not visible."""
    found = tx.rows(f"{_merges_of(kind)} AND merge.id = $id", id=merge_id)
    if not found:
        raise NotFound(tr("merge that could be taken back"))
    return Merge(**found[0])


@kept
def absorbed_any(tx: Reading, kind: str, survivor_id: int) -> bool:
    """Whether a record has absorbed another one by a merge that was not undone."""
    found = tx.value(
        """
        SELECT count(*)
        FROM base.merges
        WHERE subject_kind = $kind AND survivor_id = $id AND undone_at IS NULL
        """,
        kind=kind,
        id=survivor_id,
    )
    return bool(found)


def survivor_of(tx: Reading, kind: str, record_id: int) -> int | None:
    """The record that an absorbed record is part of now, if visible: the last survivor of the chain."""
    last: int | None = None
    while True:
        survivor = tx.value(
            """
            SELECT survivor_id
            FROM base.merges
            WHERE subject_kind = $kind AND absorbed_id = $id AND undone_at IS NULL
            """,
            kind=kind,
            id=last or record_id,
        )
        if survivor is None:
            break
        last = int(survivor)
    visible = last and tx.value(f"SELECT id FROM {registry.get(kind).plural} WHERE id = $id", id=last)
    return int(visible) if visible else None


def would_stay(tx: Reading, kind: str, merge_id: int) -> list[str]:
    """The changes after the merge that an undo would leave as they are, a sentence each."""
    of = mergeable(kind)
    tx.require(of.permission, of.module)
    merge = get(tx, kind, merge_id)
    _, edited = images.restorable(tx, of, merge.survivor_id, merge.changes)
    missing = {
        child.table: _moved_count(tx, merge_id, child.table)
        - children.still_there(tx, child, kind, merge_id, owner_id=merge.survivor_id, other_id=merge.absorbed_id)
        for child in children.children(tx, kind)
    }
    return list(_sentences(tx, of, edited, missing))


def unmerge(tx: Writing, kind: str, merge_id: int, *, survivor_id: int | None = None) -> Unmerged:
    """Undo a merge. Raises Duplicate where a key of one of the records belongs to another record by now; NotFound where
    `survivor_id` is given and the merge is not its own."""
    of = mergeable(kind)
    tx.require(of.permission, of.module)
    merge = get(tx, kind, merge_id)
    if survivor_id not in (None, merge.survivor_id):
        raise NotFound(tr("merge of this record"))
    merged = reading.get(tx, of, merge.survivor_id)
    writing.refuse_foreign(tx, of, merged)
    labels_before = labels_of(tx, of, merge.absorbed_id)
    # Before anything is written: it compares the survivor as people left it with what the merge made of it.
    restored, edited = images.restorable(tx, of, merge.survivor_id, merge.changes)
    tx.run(
        "UPDATE base.merges SET undone_at = $now, undone_by = $me WHERE id = $id",
        now=tx.now,
        me=tx.actor.id,
        id=merge_id,
    )
    # The survivor first: it gives the keys back that the absorbed record takes again.
    images.restore(tx, of, merge.survivor_id, restored)
    if merge.new_attributes:
        images.drop_empty_attributes(tx, of, merge.survivor_id)
    _refresh(tx, of, merge.survivor_id)
    _refresh(tx, of, merge.absorbed_id)
    missing = {
        child.table: children.move_back(tx, child, kind, merge_id, from_id=merge.survivor_id, to_id=merge.absorbed_id)
        for child in children.children(tx, kind)
    }
    stayed = tuple(_sentences(tx, of, edited, missing))
    survivor, absorbed = (
        reading.after_change(tx, of, merge.survivor_id),
        reading.after_change(tx, of, merge.absorbed_id),
    )
    names = {"survivor_name": merge.survivor_name, "absorbed_name": merge.absorbed_name}
    ids = {"merge_id": merge_id, "survivor_id": survivor.id, "absorbed_id": absorbed.id}
    moved = labels_moved(labels_before, labels_of(tx, of, absorbed.id))
    tx.record(f"{kind}.woken", kind, absorbed.id, **ids, **names, changes=moved)
    changes = differences(merged, survivor)
    tx.record(f"{kind}.unmerged", kind, survivor.id, **ids, **names, stayed=stayed, changes=changes)
    return Unmerged(survivor=survivor, absorbed=absorbed, stayed=stayed)


def _refresh(tx: Writing, of: RecordType[Any], record_id: int) -> None:
    """Make the record visible again, with keys and search text of its current fields. Raises Duplicate for a taken
    key."""
    fields = tx.row(f"SELECT * FROM base.{of.plural} WHERE id = $id", id=record_id)
    validation.refuse_taken(tx, of, fields, own_id=record_id)
    values = {**validation.keys(of, fields), "search": validation.search_text(of, fields)}
    tx.run(
        f"""
        UPDATE base.{of.plural} SET
            {", ".join(f"{column} = ${column}" for column in values)},
            deleted_at = NULL,
            updated_at = $now,
            version = version + 1
        WHERE id = $id
        """,
        **values,
        now=tx.now,
        id=record_id,
    )


def _sentences(tx: Reading, of: RecordType[Any], edited: list[str], missing: dict[str, int]) -> Iterator[str]:
    names = {one.column: one.name for one in custom.definitions(tx, of.key)}
    for column in edited:
        yield tr("{field} was changed since and stays as it is.", field=names.get(column) or _label(of, column))
    for table, rows in missing.items():
        if rows:
            what = registry.many_of(table)
            yield plural(
                "{count:,} of the {what} that moved is elsewhere by now, or gone.",
                "{count:,} of the {what} that moved are elsewhere by now, or gone.",
                rows,
                what=what,
            )


def _label(of: RecordType[Any], column: str) -> str:
    return tr(of.merged[column].label) if column in of.merged else column


def _moved_count(tx: Reading, merge_id: int, table: str) -> int:
    sql = "SELECT count(*) FROM base.merge_rows WHERE merge_id = $id AND table_name = $table"
    return int(tx.value(sql, id=merge_id, table=table))


def _merges_of(kind: str) -> str:
    of = mergeable(kind)
    return _MERGES.format(
        survivor=of.title_sql("survivor"), absorbed=of.title_sql("absorbed"), table=of.plural, kind=of.key
    )
