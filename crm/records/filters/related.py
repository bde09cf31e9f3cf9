"""Writes a condition on related records as SQL: one child meets all of it, or a figure over those that do.

Figures are computed over existing children. Where a record without children also meets the condition (a count below 3),
it is written as the complement: the records whose children do not meet it are excluded.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.foundation.money import currency
from crm.records.filters import values
from crm.records.filters.conditions import Parameters, complement, condition, get_field, refuse_unsupported
from crm.records.filters.field import OWN_ROW, Field, FieldSet, FieldType, Relation
from crm.records.filters.model import Figure, Filter, Measure, Related, Rule

_AMOUNTS = (FieldType.NUMBER, FieldType.MONEY)
_DAYS = (FieldType.DATE, FieldType.MOMENT)

FIGURES: dict[Figure, tuple[str, tuple[FieldType, ...]]] = {
    "sum": ("coalesce(sum({}), 0)", _AMOUNTS),
    "average": ("avg({})", _AMOUNTS),
    "first": ("min({})", _DAYS),
    "last": ("max({})", _DAYS),
}
"""{figure: (its SQL aggregate, the types of fields that have it)}."""


def related_sql(
    query: Related, fields: FieldSet, work: Parameters, child_sql: Callable[[Filter, FieldSet], str]
) -> str:
    """The condition on the related records. `child_sql` writes a condition on a child, given the child's fields."""
    relation = get_relation(query, fields)
    work.elsewhere += 1
    inner = relation.field_set
    conditions = [*([relation.where] if relation.where else []), *(child_sql(part, inner) for part in query.of)]
    if query.measure is None:
        return _within(relation, conditions)
    return _measured(query.measure, relation, conditions, work)


def get_relation(query: Related, fields: FieldSet) -> Relation:
    relation = fields.relations.get(query.relation)
    if relation is None:
        raise Invalid(
            tr("There are no “{relation}” to filter by.", relation=fields.name_of(query.relation)), query.relation
        )
    if query.measure and relation.single:
        raise Invalid(
            tr("There is at most one {kind}: it cannot be counted.", kind=relation.called.one), query.relation
        )
    return relation


def measured_field(measure: Measure, relation: Relation) -> Field:
    """The figure as a filter field. Raises Invalid where its field is unknown or has no such figure."""
    if measure.figure == "count":
        return Field(
            relation.key, tr("Number of {records}", records=relation.called.many), FieldType.NUMBER, "count(*)"
        )
    field = get_field(measure.field or "", relation.field_set)
    if not is_measurable(field, measure.figure):
        raise Invalid(tr("“{field}” has no {figure}.", field=field.label, figure=measure.figure), field.key)
    if bool(field.currency) != bool(measure.currency):
        raise Invalid(
            tr("The {figure} of “{field}” needs the currency it is in.", figure=measure.figure, field=field.label)
            if field.currency
            else tr("The {figure} of “{field}” takes no currency.", figure=measure.figure, field=field.label),
            field.key,
        )
    return replace(field, sql=FIGURES[measure.figure][0].format(field.sql), options=None)


def is_measurable(field: Field, figure: Figure) -> bool:
    """Whether a field has this figure: only values in the child's own row can be aggregated."""
    return field.type in FIGURES[figure][1] and field.within == OWN_ROW


def _measured(measure: Measure, relation: Relation, conditions: list[str], work: Parameters) -> str:
    figure = measured_field(measure, relation)
    rule = Rule(field=figure.key, op=measure.op, value=measure.value)
    refuse_unsupported(rule, figure)
    if figure.currency:
        code = work.add(currency(str(measure.currency)))
        # Amounts in other currencies are left out, never added up.
        conditions = [*conditions, f"{figure.currency} = {code}"]
    positive, negated = complement(rule)
    if measure.figure in ("count", "sum") and _holds_without_children(positive, figure):
        # A record without children is in no group, so it is only found by the complement of what fails.
        unmet = _within(relation, conditions, f"NOT {condition(positive, figure, work)}")
        return unmet if negated else f"(NOT {unmet})"
    met = _within(relation, conditions, condition(positive, figure, work))
    return f"(NOT {met})" if negated else met


def _within(relation: Relation, conditions: list[str], having: str = "") -> str:
    grouped = f" GROUP BY {relation.child} HAVING {having}" if having else ""
    # One NULL among the children would make NOT IN unknown for every record.
    narrowed = " AND ".join([f"{relation.child} IS NOT NULL", *conditions])
    children = f"SELECT {relation.child} FROM {relation.table} AS {relation.alias} WHERE {narrowed}{grouped}"
    # IN, never a correlated sub-select: the engine makes a semi join of it.
    return f"({relation.owner} IS NOT NULL AND {relation.owner} IN ({children}))"


def _holds_without_children(rule: Rule, figure: Field) -> bool:
    """Whether the rule holds without any child: for a count or sum of 0."""
    if rule.op == "is_not_empty":
        return True
    if rule.op == "between":
        low, high = values.pair(rule, figure)
        return bool(low <= 0 <= high)
    value: Decimal = values.one(rule, figure)
    match rule.op:
        case "more_than":
            return value < 0
        case "at_least":
            return value <= 0
        case "less_than":
            return value > 0
        case "at_most":
            return value >= 0
        case _:
            return value == 0
