"""The values of the merged record: a choice for each field, by rule where nobody made one."""

from collections.abc import Mapping, Sequence
from typing import Any

from crm.foundation.access import Module
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.records import attributes as custom
from crm.records import reading, writing
from crm.records.declaration import Record, RecordType
from crm.records.fields import FieldKind
from crm.records.merging import children
from crm.records.merging.children import Child
from crm.records.merging.model import Choice, Preview, mergeable
from crm.store import Reading


def preview(
    tx: Reading, kind: str, survivor_id: int, absorbed_id: int, take: Mapping[str, int] | None = None
) -> Preview:
    """Preview `merge` with the same arguments; nothing is written. `take`: {field: id of the record whose value is
    taken}; other fields are the survivor's, or the absorbed record's where the survivor has none. While the module of
    companies is off, the company follows this rule and is not among the choices."""
    of = mergeable(kind)
    tx.require(of.permission, of.module)
    refuse_itself(of, survivor_id, absorbed_id)
    tables = children.children(tx, kind)
    plan = planned_merge(tx, of, reading.get(tx, of, survivor_id), reading.get(tx, of, absorbed_id), take or {}, tables)
    if tx.actor.has(Module.COMPANIES):
        return plan
    return plan.model_copy(update={"choices": tuple(choice for choice in plan.choices if choice.field != "company_id")})


def planned_merge(
    tx: Reading,
    of: RecordType[Any],
    survivor: Record,
    absorbed: Record,
    take: Mapping[str, int],
    tables: Sequence[Child],
) -> Preview:
    """As `preview`, for records that were read already. Raises Forbidden or Invalid where they may not be merged."""
    for record in (survivor, absorbed):
        writing.refuse_foreign(tx, of, record)
    choices = _choices(tx, of, survivor, absorbed, take)
    result = _result(of, survivor, absorbed, choices)
    if of.hooks.refuse:
        of.hooks.refuse(tx, None, result.model_dump(include=set(of.merged)))
    moves = {child.table: children.count(tx, child, of.key, absorbed.id, survivor.id) for child in tables}
    return Preview(
        survivor=survivor,
        absorbed=absorbed,
        result=result,
        choices=tuple(choices),
        moves={table: rows for table, rows in moves.items() if rows},
    )


def better(of: RecordType[Any], left: Record, right: Record) -> tuple[Record, Record]:
    """(survivor, absorbed) by default: the more complete record survives, else the older one."""
    ranked = sorted((left, right), key=lambda record: (-_completeness(of, record), record.id))
    return ranked[0], ranked[1]


def refuse_itself(of: RecordType[Any], survivor_id: int, absorbed_id: int) -> None:
    if survivor_id == absorbed_id:
        raise Invalid(tr("A {kind} cannot be merged with itself. Choose another.", kind=of.one), "absorbed_id")


def _choices(
    tx: Reading, of: RecordType[Any], survivor: Record, absorbed: Record, take: Mapping[str, int]
) -> list[Choice]:
    labels = {key: tr(one.label) for key, one in of.merged.items()}
    labels |= {f"attribute:{one.key}": one.name for one in custom.beside_fields(tx, of.key)}
    for field, record_id in take.items():
        if field not in labels:
            raise Invalid(tr("A {kind} has no field “{field}” to choose.", kind=of.one, field=field), field)
        if record_id not in (survivor.id, absorbed.id):
            raise Invalid(
                tr("“{field}” can only come from one of the two that are merged.", field=labels[field]), field
            )
    return [
        Choice(
            field=field,
            label=label,
            survivor=_shown(of, survivor, field),
            absorbed=_shown(of, absorbed, field),
            taken_from=take.get(field) or _by_rule(of, survivor, absorbed, field),
        )
        for field, label in labels.items()
    ]


def _by_rule(of: RecordType[Any], survivor: Record, absorbed: Record, field: str) -> int:
    """The id of the record that a field is taken from by default: a value that only one has is kept, and so is a
    tick."""
    own, other = value_of(survivor, field), value_of(absorbed, field)
    # A tick wins: a block of either contact must outlive the merge.
    if field in of.merged and of.merged[field].kind is FieldKind.CHECKBOX:
        return absorbed.id if other and not own else survivor.id
    return absorbed.id if own is None and other is not None else survivor.id


def value_of(record: Record, field: str) -> Any:
    if field.startswith("attribute:"):
        return attributes_of(record).get(field.removeprefix("attribute:"))
    return getattr(record, field)


def _shown(of: RecordType[Any], record: Record, field: str) -> Any:
    """The value for people: the name instead of an id."""
    name = of.name_fields.get(field)
    return value_of(record, field) if name is None else getattr(record, name) or value_of(record, field)


def _result(of: RecordType[Any], survivor: Record, absorbed: Record, choices: list[Choice]) -> Record:
    source = {choice.field: survivor if choice.taken_from == survivor.id else absorbed for choice in choices}
    fields = {field: getattr(source[field], field) for field in of.merged}
    names = {name: getattr(source[field], name) for field, name in of.name_fields.items() if field in of.merged}
    values = {field: value_of(record, field) for field, record in source.items() if field.startswith("attribute:")}
    attributes = {field.removeprefix("attribute:"): value for field, value in values.items() if value is not None}
    return survivor.model_copy(
        update={**fields, **names, "attributes": attributes, **_combined(of, survivor, absorbed)}
    )


def _combined(of: RecordType[Any], survivor: Record, absorbed: Record) -> dict[str, Any]:
    """The fields that the merged record gets from both: labels, and counts of records that refer to it."""
    values: dict[str, Any] = {name: getattr(survivor, name) + getattr(absorbed, name) for name in of.counts}
    if of.labels_field:
        names = {*getattr(survivor, of.labels_field), *getattr(absorbed, of.labels_field)}
        values[of.labels_field] = tuple(sorted(names, key=str.casefold))
    return values


def attributes_of(record: Record) -> dict[str, Any]:
    found: dict[str, Any] = getattr(record, "attributes", {})
    return found


def _completeness(of: RecordType[Any], record: Record) -> int:
    return sum(1 for field in of.merged if getattr(record, field)) + len(attributes_of(record))
