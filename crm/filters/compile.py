"""Filter in, SQL out: the only code that builds SQL from what a person chose.

Field expressions are ours, values are always parameters. Every rule is true or false and never NULL: `is_not`,
`not_contains` and `Not` are complements, so a record without a value counts as "is not".
Text is compared without regard to case; accents count (the search box folds both).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from crm.errors import Invalid
from crm.filters import values
from crm.filters.field import OPERATORS, Field, FieldType
from crm.filters.model import All, Any_, Filter, Not, Rule


@dataclass(frozen=True)
class Clause:
    """A condition to put after WHERE, and the parameters it names."""

    sql: str
    params: Mapping[str, object]


EVERYTHING = Clause("true", {})

_COMPLEMENTS = {"is_not": "is", "not_contains": "contains", "is_empty": "is_not_empty"}

_COMPARISONS = {"more_than": ">", "after": ">", "at_least": ">=", "less_than": "<", "before": "<", "at_most": "<="}


def compile_filter(
    asked: Filter | None, fields: Mapping[str, Field], *, today: date, time_zone: str, prefix: str = "f"
) -> Clause:
    """The WHERE condition of a filter. Days are days of `time_zone`, turned into UTC moments once, here.

    Raises Invalid, naming the field, where a field is unknown, or does not understand the operator or the value.
    """
    params: dict[str, object] = {}

    def parameter(value: object) -> str:
        name = f"{prefix}{len(params)}"
        params[name] = value
        return f"${name}"

    def sql_of(part: Filter) -> str:
        match part:
            case Rule():
                return _rule(part, _field(part, fields), values.Days(today, time_zone), parameter)
            case All(of=parts):
                return f"({' AND '.join(map(sql_of, parts)) or 'true'})"
            case Any_(of=parts):
                return f"({' OR '.join(map(sql_of, parts)) or 'false'})"
            case Not(of=inner):
                return f"(NOT {sql_of(inner)})"

    return Clause(sql_of(asked), params) if asked else EVERYTHING


def _field(rule: Rule, fields: Mapping[str, Field]) -> Field:
    field = fields.get(rule.field)
    if field is None:
        raise Invalid(f"There is no field “{rule.field}” to filter by.", rule.field)
    if rule.op not in OPERATORS[field.type]:
        known = ", ".join(OPERATORS[field.type])
        raise Invalid(f"“{field.label}” does not understand “{rule.op}”. It understands {known}.", rule.field)
    return field


def _rule(rule: Rule, field: Field, days: values.Days, parameter: Callable[[object], str]) -> str:
    if field.type is FieldType.CHECKBOX:  # unset counts as not ticked, also where the other table has no row at all
        ticked = field.within.format(condition=f"coalesce({field.sql}, false)")
        return ticked if values.yes_or_no(rule, field) == (rule.op == "is") else f"(NOT {ticked})"
    positive = _COMPLEMENTS.get(rule.op)
    asked = rule.model_copy(update={"op": positive}) if positive else rule
    found = field.within.format(condition=_condition(asked, field, days, parameter))
    return f"(NOT {found})" if positive else found


def _condition(rule: Rule, field: Field, days: values.Days, parameter: Callable[[object], str]) -> str:
    """The rule over the field's own expression: true or false, never NULL."""
    if rule.op == "is_not_empty":
        return f"({field.sql} IS NOT NULL)"
    match field.type:
        case FieldType.TEXT:
            comparison = _text(rule, field, parameter)
        case FieldType.DATE | FieldType.MOMENT:
            comparison = _days(rule, field, days, parameter)
        case _:
            comparison = _exact(rule, field, parameter)
    return f"({field.sql} IS NOT NULL AND {comparison})"


def _text(rule: Rule, field: Field, parameter: Callable[[object], str]) -> str:
    if rule.op == "one_of":
        chosen = ", ".join(f"lower({parameter(text)})" for text in values.several(rule, field))
        return f"lower({field.sql}) IN ({chosen})"
    wanted = f"lower({parameter(values.one(rule, field))})"
    match rule.op:
        case "contains":
            return f"contains(lower({field.sql}), {wanted})"
        case "starts_with":
            return f"starts_with(lower({field.sql}), {wanted})"
        case _:
            return f"lower({field.sql}) = {wanted}"


def _days(rule: Rule, field: Field, days: values.Days, parameter: Callable[[object], str]) -> str:
    first, last = values.span(rule, field, days)
    bounds = []
    if first is not None:
        bounds.append(f"{field.sql} >= {parameter(days.start(first) if field.type is FieldType.MOMENT else first)}")
    if last is not None:
        is_moment = field.type is FieldType.MOMENT
        bounds.append(f"{field.sql} {'<' if is_moment else '<='} {parameter(days.end(last) if is_moment else last)}")
    return " AND ".join(bounds)


def _exact(rule: Rule, field: Field, parameter: Callable[[object], str]) -> str:
    if rule.op == "one_of":
        return f"{field.sql} IN ({', '.join(map(parameter, values.several(rule, field)))})"
    if rule.op == "between":
        low, high = values.pair(rule, field)
        return f"{field.sql} BETWEEN {parameter(low)} AND {parameter(high)}"
    return f"{field.sql} {_COMPARISONS.get(rule.op, '=')} {parameter(values.one(rule, field))}"
