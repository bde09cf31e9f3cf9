"""What the merged record will hold: a choice for each field, by rule where nobody made one."""

from collections.abc import Mapping, Sequence
from typing import Any

from crm.foundation.access import Module
from crm.foundation.errors import Invalid
from crm.records import attributes as custom
from crm.records.merging import children
from crm.records.merging.children import Child
from crm.records.merging.model import Choice, Preview
from crm.records.merging.nouns import Noun, Record, noun
from crm.store import Reading


def preview(
    tx: Reading, kind: str, survivor_id: int, absorbed_id: int, take: Mapping[str, int] | None = None
) -> Preview:
    """What `merge` with the same arguments does. `take` names the record that a field comes from; a field that it does
    not name is the survivor's, or the absorbed's where the survivor has none; so is the company, unseen, while there
    are no companies."""
    of = noun(kind)
    of.require(tx)
    refuse_itself(of, survivor_id, absorbed_id)
    kin = children.children(tx, kind)
    planned = foreseen(tx, of, of.get(tx, survivor_id), of.get(tx, absorbed_id), take or {}, kin)
    if tx.actor.has(Module.COMPANIES):
        return planned
    return planned.model_copy(update={"choices": tuple(one for one in planned.choices if one.field != "company_id")})


def foreseen(
    tx: Reading, of: Noun, survivor: Record, absorbed: Record, take: Mapping[str, int], kin: Sequence[Child]
) -> Preview:
    for record in (survivor, absorbed):
        of.refuse_foreign(tx.actor, record)
    choices = _choices(tx, of, survivor, absorbed, take)
    result = _result(of, survivor, absorbed, choices)
    of.refuse_nobody(result.model_dump(include=set(of.fields)))
    moves = {child.table: children.count(tx, child, of.kind, absorbed.id, survivor.id) for child in kin}
    return Preview(
        survivor=survivor,
        absorbed=absorbed,
        result=result,
        choices=tuple(choices),
        moves={table: rows for table, rows in moves.items() if rows},
    )


def better(of: Noun, left: Record, right: Record) -> tuple[Record, Record]:
    """(survivor, absorbed) where nobody says which: the one that says more survives, or else the older one."""
    ranked = sorted((left, right), key=lambda record: (-_filled(of, record), record.id))
    return ranked[0], ranked[1]


def refuse_itself(of: Noun, survivor_id: int, absorbed_id: int) -> None:
    if survivor_id == absorbed_id:
        raise Invalid(f"A {of.kind} cannot be merged with itself. Choose another.", "absorbed_id")


def _choices(tx: Reading, of: Noun, survivor: Record, absorbed: Record, take: Mapping[str, int]) -> list[Choice]:
    labels = {**of.fields, **{f"attribute:{one.key}": one.name for one in custom.definitions(tx, of.kind)}}
    for field, record_id in take.items():
        if field not in labels:
            raise Invalid(f"A {of.kind} has no field “{field}” to choose.", field)
        if record_id not in (survivor.id, absorbed.id):
            raise Invalid(f"“{labels[field]}” can only come from one of the two that are merged.", field)
    return [
        Choice(
            field=field,
            label=label,
            survivor=_shown(of, survivor, field),
            absorbed=_shown(of, absorbed, field),
            taken_from=take.get(field) or _by_rule(survivor, absorbed, field),
        )
        for field, label in labels.items()
    ]


def _by_rule(survivor: Record, absorbed: Record, field: str) -> int:
    """Nothing that only one of them says is lost; who is blocked in one of them stays blocked."""
    own, other = value_of(survivor, field), value_of(absorbed, field)
    if field == "blocked":
        return absorbed.id if other and not own else survivor.id
    return absorbed.id if own is None and other is not None else survivor.id


def value_of(record: Record, field: str) -> Any:
    if field.startswith("attribute:"):
        return record.attributes.get(field.removeprefix("attribute:"))
    return getattr(record, field)


def _shown(of: Noun, record: Record, field: str) -> Any:
    """The value as people know it: the name beside an id."""
    beside = of.beside.get(field)
    return value_of(record, field) if beside is None else getattr(record, beside) or value_of(record, field)


def _result(of: Noun, survivor: Record, absorbed: Record, choices: list[Choice]) -> Record:
    source = {choice.field: survivor if choice.taken_from == survivor.id else absorbed for choice in choices}
    fields = {field: getattr(source[field], field) for field in of.fields}
    names = {name: getattr(source[field], name) for field, name in of.beside.items()}
    values = {field: value_of(record, field) for field, record in source.items() if field.startswith("attribute:")}
    attributes = {field.removeprefix("attribute:"): value for field, value in values.items() if value is not None}
    return survivor.model_copy(update={**fields, **names, "attributes": attributes, **_together(survivor, absorbed)})


def _together(survivor: Record, absorbed: Record) -> dict[str, Any]:
    """What both have, the merged record has: the labels of contacts, the contacts of companies."""
    labels, counts = (getattr(survivor, "labels", None), getattr(survivor, "contact_count", None))
    if labels is not None:
        return {"labels": tuple(sorted({*labels, *getattr(absorbed, "labels", ())}, key=str.casefold))}
    return {"contact_count": (counts or 0) + getattr(absorbed, "contact_count", 0)}


def _filled(of: Noun, record: Record) -> int:
    return sum(1 for field in of.fields if getattr(record, field)) + len(record.attributes)
