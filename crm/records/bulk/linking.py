"""Bulk operations that link records to one record, or unlink them from it: contacts and deals to a custom record, or
custom records to a contact or a deal. The rules are those of single links (`crm.records.links.verbs`).

No record gets a new version. The change feed has a row for each record on either side, from the event that
`links.of_many` records.
"""

from dataclasses import replace
from typing import Any

from crm.foundation.access import Actor, Module
from crm.foundation.errors import Invalid, NotFound
from crm.foundation.language import later, listed, tr
from crm.records import subjects
from crm.records.bulk.model import Action, Change
from crm.records.bulk.operation import Aim, BulkOperation
from crm.records.declaration import RecordType
from crm.records.links import of_many
from crm.records.links.labels import label_called
from crm.records.links.model import checked_day
from crm.records.links.relations import linkable_by, linked_types
from crm.store import Reading, Writing

GONE, CHANGED = later("The link is gone."), later("The link was changed since.")
AGAIN, UNSEEN = later("It is linked again already."), later("It is not yours to see any more.")
CAUSE = "bulk_change"


def operations(of: RecordType[Any]) -> dict[Action, BulkOperation]:
    """Those of a type whose records can be linked."""
    near, far = _sides(of)
    both = BulkOperation(
        label="",
        icon="",
        done="",
        already="false",
        joins=f"""
        LEFT JOIN base.links AS link
            ON link.{near}_kind = '{of.key}'
            AND link.{near}_id = record.id
            AND link.{far}_kind = $linked_kind
            AND link.{far}_id = $becomes""",
        aim=_aim,
        before_undo=_require_undoable,
        changes_records=False,
        module=Module.OBJECTS,
        offered=_is_offered,
    )
    unseen = "" if of.custom else f"WHEN record.id NOT IN (SELECT id FROM {of.plural}) THEN '{UNSEEN}'"
    return {
        Action.LINK: replace(
            both,
            label=later("Link to a record"),
            icon="add_link",
            done=later("{many} linked to **{name}**."),
            done_unnamed=later("{many} linked to a record that is gone, or not yours to see."),
            already="(link.id IS NOT NULL)",
            aim=_aim_of_new,
            keeps={"link_id": "nextval('base.link_ids')"},
            after=_link,
            put_back=_unlink_again,
            lost=f"""
            {unseen}
            WHEN row.link_id NOT IN (SELECT id FROM base.links) THEN '{GONE}'
            WHEN NOT EXISTS (
                FROM base.links AS made
                WHERE made.id = row.link_id
                  AND made.{near}_kind = '{of.key}'
                  AND made.{near}_id = row.subject_id
                  AND made.{far}_id = change.becomes
                  AND made.version = 1
            ) THEN '{CHANGED}'""",
        ),
        Action.UNLINK: replace(
            both,
            label=later("Unlink from a record"),
            icon="link_off",
            done=later("{many} no longer linked to **{name}**."),
            done_unnamed=later("{many} no longer linked to a record that is gone, or not yours to see."),
            already="(link.id IS NULL)",
            keeps={"link_id": "link.id"},
            after=_unlink,
            put_back=_link_again,
            hides=_hides(of),
            lost=f"""
            {unseen}
            WHEN record.id IN (
                SELECT held.{near}_id
                FROM base.links AS held
                WHERE held.{near}_kind = '{of.key}'
                  AND held.{far}_kind = change.linked_kind
                  AND held.{far}_id = change.becomes
            ) THEN '{AGAIN}'""",
        ),
    }


def _sides(of: RecordType[Any]) -> tuple[str, str]:
    """Which side of a link the records of a type are, and which the other one is."""
    return ("object", "subject") if of.custom else ("subject", "object")


def _hides(of: RecordType[Any]) -> str:
    """SQL of whether the link is all that shows the record to somebody who does not see everything."""
    if not of.custom or of.changeable is None:
        return "false"
    return f"""({of.changeable.foreign} AND record.id NOT IN (
        SELECT other.object_id FROM links AS other WHERE other.object_kind = '{of.key}' AND other.id <> link.id
    ))"""


def _is_offered(of: RecordType[Any], actor: Actor) -> bool:
    return bool(linkable_by(actor, of))


def _aim(tx: Reading, of: RecordType[Any], change: Change) -> Aim:
    """The other record: it exists, and the actor sees it and may link it."""
    named = change.linked_kind or ""
    types = linked_types(of)
    to = next((one for one in types if named and named in (one.key, one.plural, one.slug)), None)
    if to is None:
        kinds = listed([one.slug or one.key for one in types])
        raise Invalid(tr("Say which kind of record to link to: {kinds}.", kinds=kinds), "linked_kind")
    _require(tx, of, to)
    if change.linked_id is None:
        raise Invalid(tr("Choose a record."), "linked_id")
    subjects.require_visible(tx, to.key, change.linked_id)
    return Aim(change.linked_id, {"linked_kind": to.key})


def _aim_of_new(tx: Reading, of: RecordType[Any], change: Change) -> Aim:
    """As `_aim`, with what the new links say."""
    linked_on = None if change.linked_on is None else checked_day(change.linked_on)
    found = _aim(tx, of, change)
    kind = of.key if of.custom else found.values["linked_kind"]
    label_id = label_called(tx, kind, change.link_label, field="link_label").id if change.link_label else None
    return replace(found, values={**found.values, "link_label_id": label_id, "linked_on": linked_on})


def _require(tx: Reading, of: RecordType[Any], to: RecordType[Any]) -> None:
    subject = to if of.custom else of
    tx.require(subject.permission, subject.module)
    tx.require(subject.permission, Module.OBJECTS)


def _require_undoable(tx: Reading, of: RecordType[Any], change_id: int) -> None:
    """The actor may still link the other record, and it is there."""
    row = tx.row("SELECT linked_kind AS kind, becomes AS id FROM base.bulk_changes WHERE id = $id", id=change_id)
    to = next((one for one in linked_types(of) if one.key == row["kind"]), None)
    if to is None:
        raise NotFound(tr("type of record"))
    _require(tx, of, to)
    if of.custom:
        subjects.require_visible(tx, to.key, row["id"])
    # The base table: under owner-based privacy the links may have been all that showed them the record.
    elif not tx.rows(f"SELECT id FROM base.{to.plural} WHERE id = $id AND deleted_at IS NULL", id=row["id"]):
        raise NotFound(to.one)


def _link(tx: Writing, of: RecordType[Any], aim: Aim, change_id: int) -> None:
    near, far = _sides(of)
    tx.run(
        f"""
        INSERT INTO base.links (
            id, {near}_kind, {near}_id, {far}_kind, {far}_id, link_label_id, linked_on, created_by, created_at,
            updated_at
        )
        SELECT link_id, $kind, id, $linked_kind, $becomes, $link_label_id, $linked_on, $me, $now, $now
        FROM changing
        ORDER BY id
        """,
        kind=of.key,
        **aim.params,
        me=tx.actor.id,
        now=tx.now,
    )
    of_many.record(tx, of_many.ADDED, CAUSE, change_id, "id IN (SELECT link_id FROM changing)")


def _unlink(tx: Writing, of: RecordType[Any], aim: Aim, change_id: int) -> None:
    _remove(tx, change_id, "SELECT link_id FROM changing")


def _unlink_again(tx: Writing, of: RecordType[Any], change_id: int) -> None:
    _remove(tx, change_id, _UNDONE)


_UNDONE = "SELECT link_id FROM undoing WHERE left_because IS NULL"


def _remove(tx: Writing, change_id: int, ids: str) -> None:
    of_many.record(tx, of_many.REMOVED, CAUSE, change_id, f"id IN ({ids})")
    tx.run(f"DELETE FROM base.links WHERE id IN ({ids})")


def _link_again(tx: Writing, of: RecordType[Any], change_id: int) -> None:
    of_many.put_back(tx, CAUSE, change_id, _UNDONE)
    of_many.record(tx, of_many.ADDED, CAUSE, change_id, f"id IN ({_UNDONE})")
