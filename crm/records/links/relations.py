"""Links as relations of filters: contacts and deals by the custom records that they are linked to, and the other way
round. The conditions of one relation are on one and the same link: its label, its day, and the fields of the record."""

from collections.abc import Mapping
from typing import Any

from crm.foundation.access import Actor, Module
from crm.foundation.language import tr
from crm.records import attributes, registry
from crm.records.declaration import RecordType
from crm.records.filter_context import FilterContext
from crm.records.filters import Field, FieldType, Relation
from crm.records.links.labels import former_names, labels
from crm.records.links.model import SUBJECTS
from crm.store import Reading


def linked_types(of: RecordType[Any]) -> list[RecordType[Any]]:
    """The types whose records can be linked to those of this type."""
    if of.custom:
        return [registry.get(kind) for kind in SUBJECTS]
    return list(registry.custom().values()) if of.key in SUBJECTS else []


def linkable_by(actor: Actor, of: RecordType[Any]) -> list[RecordType[Any]]:
    """As `linked_types`, for somebody who may link them."""
    if not actor.has(Module.OBJECTS):
        return []
    types = linked_types(of)
    return [to for to in types if all(one.custom or _may_change(actor, one) for one in (of, to))]


def _may_change(actor: Actor, of: RecordType[Any]) -> bool:
    return of.is_on(actor) and actor.may(of.permission)


def relation(context: FilterContext, of: RecordType[Any], child: RecordType[Any], own: Mapping[str, Field]) -> Relation:
    """The relation to the linked records of a type, whose `own` filter fields the caller gives."""
    custom, subject = (of, child) if of.custom else (child, of)
    near, far = ("object_id", "subject_id") if of.custom else ("subject_id", "object_id")
    # The view of one side alone: the other is the record that is filtered, which was found through its own view.
    return Relation(
        key=child.plural,
        called=child.called,
        table=f"""(
            SELECT record.*, link.{near} AS linked_id, label.name AS link_label, link.linked_on
            FROM base.links AS link
            JOIN {child.plural} AS record ON record.id = link.{far}
            LEFT JOIN base.link_labels AS label ON label.id = link.link_label_id
            WHERE link.object_kind = '{custom.key}' AND link.subject_kind = '{subject.key}'
        )""",
        alias=child.row,
        owner=f"{of.row}.id",
        child=f"{child.row}.linked_id",
        fields={**own, **{field.key: field for field in _of_link(context.tx, custom.key, child.row)}},
        gone={} if context.keys is not None else gone_fields(context.tx, child),
    )


def gone_types(tx: Reading, of: RecordType[Any]) -> dict[str, str]:
    """{plural of a type that links may lead to but that is deleted, or whose module is off: its name}."""
    if of.key not in SUBJECTS:
        return {}
    return {one.plural: one.many for one in registry.types_in(tx.rows, deleted=True) if one.custom}


def gone_fields(tx: Reading, of: RecordType[Any]) -> dict[str, str]:
    """{filter key of a type's deleted attribute: its name}."""
    prefix = "" if of.custom else "attribute:"
    return {prefix + gone.key: gone.name for gone in attributes.deleted(tx, of.key)}


def _of_link(tx: Reading, kind: str, row: str) -> tuple[Field, Field]:
    options = {label.name: label.name for label in labels(tx, kind)}
    return (
        Field(
            "link_label",
            tr("Label of the link"),
            FieldType.CHOICE,
            f"{row}.link_label",
            options=options,
            former=former_names(tx, kind),
        ),
        Field("linked_on", tr("Linked on"), FieldType.DATE, f"{row}.linked_on"),
    )
