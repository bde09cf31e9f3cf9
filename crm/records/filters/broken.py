"""Finds conditions on something that no longer exists: they are shown and refused, never silently ignored."""

from collections.abc import Iterator

from crm.foundation import clock
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.records.filters.compile import compile_filter
from crm.records.filters.field import FieldSet
from crm.records.filters.model import All, Any_, Filter, Not, Related, Rule


def broken(query: Filter | None, fields: FieldSet) -> list[str]:
    """A sentence for each field, relation or chosen value (an owner, a label, a stage …) that no longer exists; where
    all do, the sentence that refuses the filter, since a filter saved under wider limits must not make a count fail."""
    return (list(dict.fromkeys(_faults(query, fields))) or _refusal(query, fields)) if query else []


def _refusal(query: Filter, fields: FieldSet) -> list[str]:
    try:
        # Whether it compiles does not depend on day or time zone.
        compile_filter(query, fields, today=clock.today("UTC"), time_zone="UTC")
    except Invalid as refusal:
        return [str(refusal)]
    return []


def _faults(part: Filter, fields: FieldSet) -> Iterator[str]:
    match part:
        case All(of=parts) | Any_(of=parts):
            for inner in parts:
                yield from _faults(inner, fields)
        case Not(of=inner):
            yield from _faults(inner, fields)
        case Related():
            yield from _of_related(part, fields)
        case Rule():
            yield from _of_rule(part, fields)


def _of_related(part: Related, fields: FieldSet) -> Iterator[str]:
    relation = fields.relations.get(part.relation)
    if relation is None:
        yield tr("“{relation}” can no longer be filtered by.", relation=fields.name_of(part.relation))
        return
    inner = relation.field_set
    if part.measure and part.measure.field and part.measure.field not in inner:
        yield tr(
            "The field “{field}” of {records} no longer exists.",
            field=inner.name_of(part.measure.field),
            records=relation.called.many,
        )
    for each in part.of:
        yield from _faults(each, inner)


def _of_rule(rule: Rule, fields: FieldSet) -> Iterator[str]:
    field = fields.get(rule.field)
    if field is None:
        yield tr("The field “{field}” no longer exists.", field=fields.name_of(rule.field))
    elif field.options is not None and rule.value is not None:
        given = rule.value if isinstance(rule.value, tuple) else (rule.value,)
        for value in given:
            if field.current_value(value) not in field.options:
                yield tr("“{field}” no longer has the value “{value}”.", field=field.label, value=value)
