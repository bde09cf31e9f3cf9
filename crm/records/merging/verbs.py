"""Merges two records into one. The undo is in unmerging.py."""

import json
from collections.abc import Mapping
from typing import Any

from crm.records import reading, validation
from crm.records.declaration import Record, RecordType, Trait
from crm.records.edits import differences
from crm.records.merging import children, images
from crm.records.merging.choosing import planned_merge, refuse_itself
from crm.records.merging.model import mergeable
from crm.store import Reading, Writing


def merge(
    tx: Writing,
    kind: str,
    survivor_id: int,
    absorbed_id: int,
    *,
    take: Mapping[str, int] | None = None,
    version: int | None = None,
    absorbed_version: int | None = None,
    run_id: int | None = None,
) -> Record:
    """Merge: the survivor gets the values of `preview` and all children of the absorbed record, which is hidden. Raises
    Stale where either record was changed after its version."""
    of = mergeable(kind)
    tx.require(of.permission, of.module)
    refuse_itself(of, survivor_id, absorbed_id)
    survivor = reading.get(tx, of, survivor_id, version=version)
    absorbed = reading.get(tx, of, absorbed_id, version=absorbed_version)
    tables = children.children(tx, kind)
    plan = planned_merge(tx, of, survivor, absorbed, take or {}, tables)
    names = {"survivor_name": survivor.shown_name, "absorbed_name": absorbed.shown_name}
    labels_before = labels_of(tx, of, absorbed_id)
    merge_id = _insert_merge(tx, kind, survivor_id, absorbed_id, names, run_id)
    # Before the survivor is written: it may take a unique key of the absorbed record.
    _hide(tx, of, absorbed_id)
    for child in tables:
        children.move(tx, child, kind, merge_id, from_id=absorbed_id, to_id=survivor_id)
    # After the children have moved: their moves are kept in merge_rows, the images hold the record's own columns only.
    before = images.take(tx, of, survivor_id)
    _write(tx, of, plan.result)
    taken_fields = [choice.field for choice in plan.choices if choice.differs and choice.taken_from == absorbed_id]
    _copy_attributes(tx, of, [f for f in taken_fields if f.startswith("attribute:")], survivor_id, absorbed_id)
    tx.run(
        "UPDATE base.merges SET changes = $changes, new_attributes = $new WHERE id = $id",
        changes=json.dumps(images.changed(before, images.take(tx, of, survivor_id)), ensure_ascii=False),
        new=not before.has_attributes,
        id=merge_id,
    )
    after: Record = reading.after_change(tx, of, survivor_id)
    ids = {"merge_id": merge_id, "survivor_id": survivor_id, "absorbed_id": absorbed_id}
    moved = labels_moved(labels_before, labels_of(tx, of, absorbed_id))
    tx.record(f"{kind}.absorbed", kind, absorbed_id, **ids, **names, changes=moved)
    tx.record(f"{kind}.merged", kind, survivor_id, **ids, **names, changes=differences(survivor, after))
    return after


def labels_of(tx: Reading, of: RecordType[Any], record_id: int) -> list[str]:
    """The labels of a record, visible or not."""
    if not of.has(Trait.LABELS):
        return []
    rows = tx.rows(
        f"""
        SELECT label.name
        FROM base.{of.key}_labels AS link
        JOIN base.labels AS label ON label.id = link.label_id
        WHERE link.{of.key}_id = $id
        ORDER BY label.name_key
        """,
        id=record_id,
    )
    return [row["name"] for row in rows]


def labels_moved(before: list[str], after: list[str]) -> dict[str, list[Any]]:
    """The change of an absorbed record: its labels go to the survivor and come back, its fields stay as they are."""
    return {"labels": [before, after]} if before != after else {}


def _insert_merge(
    tx: Writing, kind: str, survivor_id: int, absorbed_id: int, names: Mapping[str, str], run_id: int | None
) -> int:
    """Insert the merge, to which its moved rows and changes refer; its id."""
    return tx.insert(
        """
        INSERT INTO base.merges (
            subject_kind, survivor_id, absorbed_id, survivor_name, absorbed_name, changes, new_attributes, run_id,
            created_by, created_at
        )
        VALUES ($kind, $survivor, $absorbed, $survivor_name, $absorbed_name, '{}', false, $run_id, $actor, $now)
        RETURNING id
        """,
        kind=kind,
        survivor=survivor_id,
        absorbed=absorbed_id,
        **names,
        run_id=run_id,
        actor=tx.actor.id,
        now=tx.now,
    )


def _hide(tx: Writing, of: RecordType[Any], absorbed_id: int) -> None:
    """Hide the absorbed record and free its keys for the survivor."""
    keys = ", ".join(f"{key} = NULL" for key in of.key_columns)
    tx.run(
        f"""
        UPDATE base.{of.plural} SET {keys}, deleted_at = $now, updated_at = $now, version = version + 1
        WHERE id = $id
        """,
        now=tx.now,
        id=absorbed_id,
    )


def _write(tx: Writing, of: RecordType[Any], result: Record) -> None:
    fields = result.model_dump(include=set(of.merged))
    values = {**fields, **validation.keys(of, fields), "search": validation.search_text(of, fields)}
    tx.run(
        f"""
        UPDATE base.{of.plural} SET
            {", ".join(f"{column} = ${column}" for column in values)},
            updated_at = $now,
            version = version + 1
        WHERE id = $id
        """,
        **values,
        now=tx.now,
        id=result.id,
    )


def _copy_attributes(tx: Writing, of: RecordType[Any], fields: list[str], survivor_id: int, absorbed_id: int) -> None:
    """Copy attribute values from column to column; they were checked when they were written."""
    columns = [f"a_{field.removeprefix('attribute:')}" for field in fields]
    if not columns:
        return
    names = ", ".join(columns)
    # LEFT JOIN from a constant: an absorbed record without an attribute row gives NULL, as was chosen.
    tx.run(
        f"""
        INSERT INTO base.{of.key}_attributes (id, {names})
        SELECT $survivor, {", ".join(f"theirs.{column}" for column in columns)}
        FROM (SELECT $absorbed::BIGINT AS id) AS wanted
        LEFT JOIN base.{of.key}_attributes AS theirs ON theirs.id = wanted.id
        ON CONFLICT (id) DO UPDATE SET {", ".join(f"{column} = excluded.{column}" for column in columns)}
        """,
        survivor=survivor_id,
        absorbed=absorbed_id,
    )
