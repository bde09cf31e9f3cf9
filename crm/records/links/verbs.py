"""Links a custom record to a contact or a deal, changes what the link says, and removes it.

What is linked is told by both timelines. Neither record gets a new version: a link must not make anybody's open form
stale.
"""

from datetime import date
from typing import Any

from crm.foundation.access import Module
from crm.foundation.errors import Invalid, NotFound
from crm.foundation.language import tr
from crm.records import registry, subjects
from crm.records.links.labels import label_called
from crm.records.links.model import SUBJECTS, AsItIs, Link, checked_day
from crm.records.links.reading import find, get
from crm.store import Writing
from crm.store.events import changed


def link(
    tx: Writing,
    object_kind: str,
    object_id: int,
    subject_kind: str,
    subject_id: int,
    *,
    label: str | AsItIs | None = ...,
    linked_on: date | AsItIs | None = ...,
) -> Link:
    """Link a custom record to a contact or a deal, by default without label and day. Where they are linked already, the
    label and the day become those that are given. Raises NotFound where the actor does not see both, Forbidden where
    they may not change the contact or deal."""
    _require(tx, object_kind, subject_kind, subject_id)
    subjects.require_visible(tx, object_kind, object_id)
    existing = find(tx, object_kind, object_id, subject_kind, subject_id)
    if existing is not None:
        return change(tx, existing, label=label, linked_on=linked_on)
    return _insert(
        tx,
        object_kind=object_kind,
        object_id=object_id,
        subject_kind=subject_kind,
        subject_id=subject_id,
        link_label_id=_label_id(tx, object_kind, None if label is ... else label),
        linked_on=None if linked_on is ... or linked_on is None else checked_day(linked_on),
        created_by=tx.actor.id,
        created_at=tx.now,
    )


def change(
    tx: Writing,
    link_id: int,
    *,
    label: str | AsItIs | None = ...,
    linked_on: date | AsItIs | None = ...,
    version: int | None = None,
) -> Link:
    """Change the label or the day of a link; None removes it. Raises Stale where the link was changed after
    `version`."""
    before = get(tx, link_id, version=version)
    _require(tx, before.object_kind, before.subject_kind, before.subject_id)
    given: dict[str, Any] = {}
    if label is not ...:
        given["link_label_id"] = _label_id(tx, before.object_kind, label)
    if linked_on is not ...:
        given["linked_on"] = None if linked_on is None else checked_day(linked_on)
    if before.model_copy(update=given) == before:
        return before
    tx.run(
        f"""
        UPDATE base.links SET {", ".join(f"{key} = ${key}" for key in given)}, updated_at = $now, version = version + 1
        WHERE id = $id
        """,
        id=link_id,
        now=tx.now,
        **given,
    )
    after = get(tx, link_id)
    said = {"label", "linked_on"}
    _record(tx, "link.changed", after, changes=changed(before.model_dump(include=said), after.model_dump(include=said)))
    return after


def unlink(tx: Writing, link_id: int, *, version: int | None = None) -> Link:
    """Remove a link. Returns it as it was, for `put_back`."""
    before = get(tx, link_id, version=version)
    _require(tx, before.object_kind, before.subject_kind, before.subject_id)
    tx.run("DELETE FROM base.links WHERE id = $id", id=link_id)
    _record(tx, "link.removed", before, label=before.label, linked_on=before.linked_on)
    return before


def put_back(tx: Writing, removed: Link) -> Link:
    """Make a removed link again, with its label where there still is one. Raises NotFound where one of the two is gone,
    Forbidden where the actor may not change the contact or deal."""
    _require(tx, removed.object_kind, removed.subject_kind, removed.subject_id)
    table = registry.get(removed.object_kind).plural
    # The base table: under owner-based privacy the link may have been all that showed them the record.
    if not tx.rows(f"SELECT id FROM base.{table} WHERE id = $id AND deleted_at IS NULL", id=removed.object_id):
        raise NotFound(registry.get(removed.object_kind).one)
    sides = removed.model_dump(include={"object_kind", "object_id", "subject_kind", "subject_id"})
    existing = find(tx, **sides)
    if existing is not None:
        return get(tx, existing)
    label_id: int | None = tx.value("SELECT id FROM link_labels WHERE id = $id", id=removed.link_label_id)
    said = removed.model_dump(include={"linked_on", "created_by", "created_at"})
    return _insert(tx, **sides, **said, link_label_id=label_id)


def _require(tx: Writing, object_kind: str, subject_kind: str, subject_id: int) -> None:
    if object_kind not in registry.custom():
        raise NotFound(tr("type of record"))
    if subject_kind not in SUBJECTS:
        raise Invalid(tr("Only contacts and deals can be linked to other records."), "subject_kind")
    tx.require(subjects.permission(subject_kind), Module.OBJECTS)
    subjects.require_change(tx, subject_kind, subject_id)


def _label_id(tx: Writing, kind: str, name: str | None) -> int | None:
    return label_called(tx, kind, name).id if name else None


def _insert(tx: Writing, **columns: Any) -> Link:
    names = [*columns, "updated_at"]
    link_id = tx.insert(
        f"""
        INSERT INTO base.links ({", ".join(names)}) VALUES ({", ".join(f"${name}" for name in names)}) RETURNING id
        """,
        **columns,
        updated_at=tx.now,
    )
    made = get(tx, link_id)
    _record(tx, "link.added", made, label=made.label, linked_on=made.linked_on)
    return made


def _record(tx: Writing, event: str, one: Link, **payload: object) -> None:
    """Record an event on both sides; each names the other."""
    record = {"linked_kind": one.object_kind, "linked_id": one.object_id, "linked_name": one.object_name}
    subject = {"linked_kind": one.subject_kind, "linked_id": one.subject_id, "linked_name": one.subject_name}
    tx.record(event, one.object_kind, one.object_id, link_id=one.id, **subject, **payload)
    tx.record(event, one.subject_kind, one.subject_id, link_id=one.id, **record, **payload)
