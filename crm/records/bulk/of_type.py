"""What can be done to many records of a type: what its traits and fields say, and what the type adds."""

from dataclasses import replace
from functools import cache
from typing import Any

from crm.foundation.access import Actor
from crm.foundation.errors import Invalid
from crm.foundation.language import later, tr
from crm.records import labels as all_labels
from crm.records import references, validation
from crm.records.bulk import linking
from crm.records.bulk.model import Action, Change
from crm.records.bulk.operation import Aim, BulkOperation, FeedRow, FieldChange
from crm.records.declaration import RecordType, Trait
from crm.records.fields import Reference, Target
from crm.records.links import SUBJECTS
from crm.store import Reading, Writing

NOT_MADE_YET = -1
"""In the place of a label's id."""


def offered(of: RecordType[Any], actor: Actor) -> list[Action]:
    """The operations that the actor may use on a type, in the order of `Action`."""
    return [
        action
        for action, operation in operations(of).items()
        if actor.may(of.permission)
        and (operation.module is None or actor.has(operation.module))
        and (operation.offered is None or operation.offered(of, actor))
    ]


@cache
def operations(of: RecordType[Any]) -> dict[Action, BulkOperation]:
    """{action: operation} of a type, in the order of `Action`."""
    found: dict[Action, BulkOperation] = {}
    if of.has(Trait.LABELS):
        found |= labels(of.key)
    if "owner_id" in of.references:
        found[Action.SET_OWNER] = replace(
            reference(of, "owner_id", icon="person"), done=later("{many} given to **{name}**."), moves_owner=True
        )
    if of.has(Trait.BIN):
        found[Action.DELETE] = _deletion(of)
    if of.bulk_operations:
        found |= of.bulk_operations(of)
    if of.custom or of.key in SUBJECTS:
        found |= linking.operations(of)
    return {action: found[action] for action in Action if action in found}


def reference(of: RecordType[Any], key: str, *, icon: str) -> BulkOperation:
    """The operation that sets a reference, to what the change names under the field's key, or to none."""
    field = of.references[key]
    to = references.target(field)
    lost = ""
    if not isinstance(field.to, Target):
        gone = f"NOT EXISTS (FROM base.{to.view} AS other WHERE other.id = row.was AND other.deleted_at IS NULL)"
        lost = f"WHEN row.was IS NOT NULL AND {gone} THEN 'Its {field.label.lower()} is in the bin now.'"

    def aim(tx: Reading, of: RecordType[Any], change: Change) -> Aim:
        """The other record exists, and the actor sees it."""
        return Aim(validation.checked(tx, of, {key: getattr(change, key)})[key])

    word = field.label.lower()
    return BulkOperation(
        label=f"Set {word}",
        icon=icon,
        done=later("{many} linked to **{name}**."),
        done_unnamed=f"{{many}} without {'an' if word[0] in 'aeiou' else 'a'} {word} now.",
        feed=_reference_change(of, key, field),
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


def _reference_change(of: RecordType[Any], key: str, field: Reference) -> FeedRow:
    to, alias = references.target(field), references.alias(key)
    old, new = f"old_{alias}", f"new_{alias}"
    names = (references.name_sql(field, old), references.name_sql(field, new))
    beside = {of.name_fields[key]: names} if key in of.name_fields else {}
    became = "coalesce(row.became, change.becomes)"
    return FeedRow(
        fields={key: FieldChange("row.was", became, beside)},
        joins={old: (to.view, "row.was"), new: (to.view, became)},
    )


def flag(column: str, *, up: bool, label: str, icon: str, event: str, undone: str) -> BulkOperation:
    """The operation that ticks a checkbox, or clears it. `event` and `undone` are its events and those of its undo."""
    return BulkOperation(
        label=label,
        icon=icon,
        done=f"{{many}} {event}.",
        feed=FeedRow(event=f"'{event}'", undone=f"'{undone}'"),
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
            label=later("Add label"),
            icon="new_label",
            done=later("Label **{name}** put on {many}."),
            feed=_label_change("row.was_labels", f"coalesce(row.became_labels, {_LABEL_ALONE})"),
            already=labelled,
            aim=_label,
            aim_made=_made_label,
            keeps={"was_labels": were, "became_labels": f"list_append({were}, {added})"},
            after=lambda tx, of, aim, _: _put_on(tx, of, "SELECT id, $label_id FROM changing", label_id=aim.becomes),
            put_back=lambda tx, of, change_id: _take_off(tx, of, "undoing", _LABEL_OF_CHANGE, id=change_id),
            becomes_name=name,
        ),
        Action.REMOVE_LABEL: BulkOperation(
            label=later("Remove label"),
            icon="label_off",
            done=later("Label **{name}** taken off {many}."),
            feed=_label_change(f"coalesce(row.was_labels, {_LABEL_ALONE})", "row.became_labels"),
            already=f"NOT {labelled}",
            aim=_label,
            keeps={"was_labels": were, "became_labels": _label_names(kind, "AND link.label_id <> $becomes")},
            after=lambda tx, of, aim, _: _take_off(tx, of, "changing", "$label_id", label_id=aim.becomes),
            put_back=_put_on_again,
            lost=f"WHEN change.becomes NOT IN (SELECT id FROM base.labels) THEN '{_LABEL_GONE}'",
            becomes_name=name,
        ),
    }


_LABEL_GONE = later("The label is gone.")

_LABEL_ALONE = "if(row.was_labels IS NULL AND label.name IS NOT NULL, [label.name], NULL)"
"""Changes of before the feed kept no lists of labels: all that is known of them is which label came or went."""


def _label_change(before: str, after: str) -> FeedRow:
    return FeedRow(
        event="'labelled'",
        fields={"labels": FieldChange(before, after)},
        joins={"label": ("labels", "change.becomes")},
    )


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
        label=later("Delete"),
        icon="delete",
        done=later("{many} put in the bin."),
        feed=FeedRow(event="'deleted'", undone="'restored'"),
        already="false",
        sets=", ".join(["deleted_at = $now", *(f"{column} = NULL" for column in of.key_columns)]),
        back=", ".join(["deleted_at = NULL", *(f"{column} = row.{column}" for column in of.key_columns)]),
        deletes=True,
    )


def _label(tx: Reading, of: RecordType[Any], change: Change) -> Aim:
    name = (change.label or "").strip()
    if not name:
        raise Invalid(tr("Choose a label."), "label")
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
