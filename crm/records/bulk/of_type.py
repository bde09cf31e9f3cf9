"""What can be done to many records of a type: what its traits and fields say, and what the type adds."""

from dataclasses import replace
from functools import cache
from typing import Any

from crm.foundation.access import Actor
from crm.foundation.errors import Invalid
from crm.records import labels as all_labels
from crm.records import references, validation
from crm.records.bulk.model import Action, Change
from crm.records.bulk.operation import Aim, BulkOperation
from crm.records.declaration import RecordType, Trait
from crm.records.fields import Target
from crm.store import Reading, Writing

NOT_MADE_YET = -1
"""In the place of a label's id."""


def offered(of: RecordType[Any], actor: Actor) -> list[Action]:
    """What the actor can do to many records of a type, in the order of `Action`."""
    return [
        action
        for action, operation in operations(of).items()
        if actor.may(of.permission) and (operation.module is None or actor.has(operation.module))
    ]


@cache
def operations(of: RecordType[Any]) -> dict[Action, BulkOperation]:
    """By action, in the order of `Action`."""
    found: dict[Action, BulkOperation] = {}
    if of.has(Trait.LABELS):
        found |= labels(of.key)
    if "owner_id" in of.references:
        found[Action.SET_OWNER] = replace(reference(of, "owner_id"), moves_owner=True)
    if of.has(Trait.BIN):
        found[Action.DELETE] = _deletion(of)
    if of.bulk_operations:
        found |= of.bulk_operations(of)
    return {action: found[action] for action in Action if action in found}


def reference(of: RecordType[Any], key: str) -> BulkOperation:
    """The records point to another one, or to none: what the change names under the field's key."""
    field = of.references[key]
    to = references.target(field)
    lost = ""
    if not isinstance(field.to, Target):
        gone = f"NOT EXISTS (FROM base.{to.view} AS other WHERE other.id = row.was AND other.deleted_at IS NULL)"
        lost = f"WHEN row.was IS NOT NULL AND {gone} THEN 'Its {field.label.lower()} is in the bin now.'"

    def aim(tx: Reading, of: RecordType[Any], change: Change) -> Aim:
        """There, and the actor's to see."""
        return Aim(validation.checked(tx, of, {key: getattr(change, key)})[key])

    return BulkOperation(
        already=f"record.{field.column} IS NOT DISTINCT FROM $becomes",
        aim=aim,
        was=f"record.{field.column}",
        sets=f"{field.column} = $becomes",
        back=f"{field.column} = row.was",
        lost=lost,
        sets_fields=True,
        module=field.module,
        becomes_name=f"(SELECT {to.name} FROM {to.view} WHERE id = change.becomes)",
    )


def flag(column: str, *, up: bool) -> BulkOperation:
    """A checkbox is ticked, or cleared."""
    return BulkOperation(
        already=f"record.{column} = {up}",
        sets=f"{column} = {up}",
        back=f"{column} = {not up}",
        sets_fields=True,
    )


def labels(kind: str) -> dict[Action, BulkOperation]:
    labelled = f"record.id IN (SELECT {kind}_id FROM base.{kind}_labels WHERE label_id = $becomes)"
    were, name = _label_names(kind), "(SELECT name FROM labels WHERE id = change.becomes)"
    added = "(SELECT name FROM base.labels WHERE id = $becomes)"
    return {
        Action.ADD_LABEL: BulkOperation(
            already=labelled,
            aim=_label,
            aim_made=_made_label,
            keeps={"was_labels": were, "became_labels": f"list_append({were}, {added})"},
            after=lambda tx, of, aim: _put_on(tx, of, "SELECT id, $label_id FROM changing", label_id=aim.becomes),
            put_back=lambda tx, of, change_id: _take_off(tx, of, "undoing", _LABEL_OF_CHANGE, id=change_id),
            becomes_name=name,
        ),
        Action.REMOVE_LABEL: BulkOperation(
            already=f"NOT {labelled}",
            aim=_label,
            keeps={"was_labels": were, "became_labels": _label_names(kind, "AND link.label_id <> $becomes")},
            after=lambda tx, of, aim: _take_off(tx, of, "changing", "$label_id", label_id=aim.becomes),
            put_back=_put_on_again,
            lost="WHEN change.becomes NOT IN (SELECT id FROM base.labels) THEN 'The label is gone.'",
            becomes_name=name,
        ),
    }


def _label_names(kind: str, which: str = "") -> str:
    return f"""coalesce(
        (
            SELECT list(label.name ORDER BY label.name_key)
            FROM base.{kind}_labels AS link
            JOIN base.labels AS label ON label.id = link.label_id
            WHERE link.{kind}_id = record.id {which}
        ),
        []
    )"""


def _deletion(of: RecordType[Any]) -> BulkOperation:
    return BulkOperation(
        already="false",
        sets=", ".join(["deleted_at = $now", *(f"{column} = NULL" for column in of.key_columns)]),
        back=", ".join(["deleted_at = NULL", *(f"{column} = row.{column}" for column in of.key_columns)]),
        deletes=True,
    )


def _label(tx: Reading, of: RecordType[Any], change: Change) -> Aim:
    name = (change.label or "").strip()
    if not name:
        raise Invalid("Say which label.", "label")
    held = (one.id for one in all_labels.all_of(tx) if one.name.casefold() == name.casefold())
    return Aim(next(held, NOT_MADE_YET))


def _made_label(tx: Writing, change: Change, aim: Aim) -> Aim:
    return replace(aim, becomes=all_labels.get_or_create(tx, [change.label or ""])[0].id)


_LABEL_OF_CHANGE = "(SELECT becomes FROM base.bulk_changes WHERE id = $id)"


def _put_on(tx: Writing, of: RecordType[Any], rows: str, **params: object) -> None:
    tx.run(f"INSERT INTO base.{of.key}_labels {rows}", **params)


def _put_on_again(tx: Writing, of: RecordType[Any], change_id: int) -> None:
    rows = f"SELECT id, {_LABEL_OF_CHANGE} FROM undoing WHERE left_because IS NULL"
    _put_on(tx, of, rows, id=change_id)


def _take_off(tx: Writing, of: RecordType[Any], table: str, label: str, **params: object) -> None:
    """Of the records in `changing`, or of those in `undoing` that go back."""
    which = " WHERE left_because IS NULL" if table == "undoing" else ""
    tx.run(
        f"DELETE FROM base.{of.key}_labels WHERE label_id = {label} AND {of.key}_id IN (SELECT id FROM {table}{which})",
        **params,
    )
