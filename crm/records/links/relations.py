"""Links as relations of filters: contacts and deals by the custom records that they are linked to, companies by those
of their contacts, and custom records by their contacts and deals. The conditions of one relation are on one and the
same link: its label, its day, and the fields of the record; figures are over links."""

from collections.abc import Mapping
from typing import Any

from crm.foundation.access import Actor, Module
from crm.foundation.language import capitalized, tr
from crm.records import attributes, registry
from crm.records.declaration import RecordType
from crm.records.filter_context import FilterContext
from crm.records.filters import Field, FieldType, Filter, Related, Relation, Rule
from crm.records.links.labels import former_names, labels
from crm.records.links.model import SUBJECTS
from crm.store import Reading

THROUGH = {"company": "contact"}
"""{type that is linked to nothing itself: the type through whose records it is}."""


def linked_types(of: RecordType[Any]) -> list[RecordType[Any]]:
    """The types whose records can be linked to those of this type."""
    if of.custom:
        return [registry.get(kind) for kind in SUBJECTS]
    return list(registry.custom().values()) if of.key in SUBJECTS else []


def related_types(of: RecordType[Any]) -> list[RecordType[Any]]:
    """The types by whose records those of this type can be filtered: the linked ones, and those of what it is linked
    through."""
    return linked_types(registry.get(THROUGH.get(of.key, of.key)))


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
    custom, other = (of, child) if of.custom else (child, of)
    subject = registry.get(THROUGH.get(other.key, other.key))
    near, far = ("link.object_id", "subject_id") if of.custom else ("link.subject_id", "object_id")
    third = ""
    if subject is not other:
        near = next(f"third.{field.column}" for field in subject.references.values() if field.to == other.key)
        third = f"JOIN {subject.plural} AS third ON third.id = link.subject_id"
    # No view of the record that is filtered, which was found through it: of what is between and beyond alone.
    return Relation(
        key=child.plural,
        called=child.called,
        table=f"""(
            SELECT record.*, {near} AS linked_id, label.name AS link_label, link.linked_on
            FROM base.links AS link
            {third}
            JOIN {child.plural} AS record ON record.id = link.{far}
            LEFT JOIN base.link_labels AS label ON label.id = link.link_label_id
            WHERE link.object_kind = '{custom.key}' AND link.subject_kind = '{subject.key}'
        )""",
        alias=child.row,
        owner=f"{of.row}.id",
        child=f"{child.row}.linked_id",
        fields={**own, **{field.key: field for field in _of_link(context.tx, custom.key, child)}},
        gone={} if context.keys is not None else gone_fields(context.tx, child),
    )


def filter_by(kind: str, record_id: int) -> Filter:
    """The filter of a list by which it holds what this record is linked to."""
    near = registry.get(THROUGH.get(kind, kind))
    field = f"{kind}_id" if kind in THROUGH else "id"
    return Related(relation=near.plural, of=(Rule(field=field, op="is", value=record_id),))


def gone_types(of: RecordType[Any]) -> dict[str, str]:
    """{plural of a type that links may lead to but that is deleted, or whose module is off: its name}."""
    if of.key not in (*SUBJECTS, *THROUGH):
        return {}
    # Those whose module is off, too.
    on = {of.plural: of.many for of in registry.custom().values()}
    return on | {registry.table_of_custom(key): name.many for key, name in registry.gone().items()}


def gone_fields(tx: Reading, of: RecordType[Any]) -> dict[str, str]:
    """{filter key of a type's deleted attribute: its name}."""
    prefix = "" if of.custom else "attribute:"
    return {prefix + gone.key: gone.name for gone in attributes.deleted(tx, of.key)}


def _of_link(tx: Reading, kind: str, child: RecordType[Any]) -> tuple[Field, ...]:
    row = child.row
    options = {label.name: label.name for label in labels(tx, kind)}
    beyond = (registry.get(one) for one, through in THROUGH.items() if through == child.key)
    return (
        Field("id", capitalized(child.one), FieldType.REFERENCE, f"{row}.id", to=child.key, offered=False),
        *(
            Field(
                f"{one.key}_id",
                capitalized(one.one),
                FieldType.REFERENCE,
                f"{row}.{one.key}_id",
                to=one.key,
                offered=False,
            )
            for one in beyond
            if one.is_on(tx.actor)
        ),
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
