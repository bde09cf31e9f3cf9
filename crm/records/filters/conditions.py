"""Writes one rule as SQL: a condition on one field, true or false and never NULL."""

from dataclasses import dataclass
from dataclasses import field as dataclass_field

from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.records.filters import values
from crm.records.filters.field import OPERATORS, OWN_ROW, Field, FieldSet, FieldType
from crm.records.filters.model import Rule

_COMPLEMENTS = {"is_not": "is", "not_contains": "contains", "not_one_of": "one_of", "is_empty": "is_not_empty"}

_COMPARISONS = {"more_than": ">", "after": ">", "at_least": ">=", "less_than": "<", "before": "<", "at_most": "<="}


@dataclass
class Parameters:
    """Collects the parameters of a condition while it is written, and holds its calendar."""

    prefix: str
    days: values.Days
    params: dict[str, object] = dataclass_field(default_factory=dict)
    elsewhere: int = 0
    """How many conditions read another table."""

    def add(self, value: object) -> str:
        """Add a parameter; its name in the SQL."""
        name = f"{self.prefix}{len(self.params)}"
        self.params[name] = value
        return f"${name}"


def rule_sql(rule: Rule, fields: FieldSet, work: Parameters) -> str:
    field = get_field(rule.field, fields)
    refuse_unsupported(rule, field)
    work.elsewhere += field.within != OWN_ROW
    if field.type is FieldType.CHECKBOX:  # NULL counts as not ticked, also without a row in the other table
        ticked = field.within.format(condition=f"coalesce({field.sql}, false)")
        return ticked if values.yes_or_no(rule, field) == (rule.op == "is") else f"(NOT {ticked})"
    positive, negated = complement(rule)
    inside = field.within.format(condition=condition(positive, field, work))
    return f"(NOT {inside})" if negated else inside


def get_field(key: str, fields: FieldSet) -> Field:
    if key not in fields:
        raise Invalid(tr("There is no field “{key}” to filter by.", key=fields.name_of(key)), key)
    return fields[key]


def refuse_unsupported(rule: Rule, field: Field) -> None:
    if rule.op not in OPERATORS[field.type]:
        these = ", ".join(OPERATORS[field.type])
        raise Invalid(
            tr(
                "“{field}” does not understand “{op}”. It understands {these}.",
                field=field.label,
                op=rule.op,
                these=these,
            ),
            rule.field,
        )


def complement(rule: Rule) -> tuple[Rule, bool]:
    """The positive form of a rule, and whether its complement is meant."""
    positive = _COMPLEMENTS.get(rule.op)
    # The complement of the positive form, not the opposite operator: of NULL both would be false.
    return (rule.model_copy(update={"op": positive}), True) if positive else (rule, False)


def condition(rule: Rule, field: Field, work: Parameters) -> str:
    """The rule on the field's own expression: true or false, never NULL."""
    if rule.op == "is_not_empty":
        return f"({field.sql} IS NOT NULL)"
    match field.type:
        case FieldType.TEXT:
            comparison = _text(rule, field, work)
        case FieldType.DATE | FieldType.MOMENT:
            comparison = _days(rule, field, work)
        case _:
            comparison = _exact(rule, field, work)
    # Without this a comparison with NULL is NULL, and NOT would leave the record out of both halves.
    return f"({field.sql} IS NOT NULL AND {comparison})"


def _text(rule: Rule, field: Field, work: Parameters) -> str:
    if rule.op == "one_of":
        chosen = ", ".join(f"lower({work.add(text)})" for text in values.several(rule, field))
        return f"lower({field.sql}) IN ({chosen})"
    value = f"lower({work.add(values.one(rule, field))})"
    match rule.op:
        case "contains" | "starts_with" | "ends_with":
            return f"{rule.op}(lower({field.sql}), {value})"
        case _:
            return f"lower({field.sql}) = {value}"


def _days(rule: Rule, field: Field, work: Parameters) -> str:
    first, last = values.span(rule, field, work.days)
    is_moment = field.type is FieldType.MOMENT
    bounds = []
    if first is not None:
        bounds.append(f"{field.sql} >= {work.add(work.days.start(first) if is_moment else first)}")
    if last is not None and is_moment:
        bounds.append(f"{field.sql} < {work.add(work.days.end(last))}")
    elif last is not None:
        bounds.append(f"{field.sql} <= {work.add(last)}")
    return " AND ".join(bounds)


def _exact(rule: Rule, field: Field, work: Parameters) -> str:
    if rule.op == "one_of":
        return f"{field.sql} IN ({', '.join(map(work.add, values.several(rule, field)))})"
    if rule.op == "between":
        low, high = values.pair(rule, field)
        return f"{field.sql} BETWEEN {work.add(low)} AND {work.add(high)}"
    return f"{field.sql} {_COMPARISONS.get(rule.op, '=')} {work.add(values.one(rule, field))}"
