"""The names of operators, figures and spans in sentences and in the filter builder."""

from crm.foundation.language import later, plural, tr
from crm.records.filters.field import OPERATORS, Field, FieldType
from crm.records.filters.model import Figure, Operator

_WORDS: dict[Operator, str] = {
    "is": later("is"),
    "is_not": later("is not"),
    "one_of": later("is one of"),
    "not_one_of": later("is none of"),
    "contains": later("contains"),
    "not_contains": later("does not contain"),
    "starts_with": later("starts with"),
    "ends_with": later("ends with"),
    "more_than": later("is more than"),
    "at_least": later("is at least"),
    "less_than": later("is less than"),
    "at_most": later("is at most"),
    "before": later("is before"),
    "after": later("is after"),
    "between": later("is between"),
    "in_last_days": later("is in the last"),
    "in_next_days": later("is in the next"),
    "more_than_days_ago": later("is more than"),
    "more_than_days_ahead": later("is more than"),
    "in_this": later("is in this"),
    "in_previous": later("is in the previous"),
    "in_next": later("is in the next"),
    "is_empty": later("is empty"),
    "is_not_empty": later("is not empty"),
}
_DAY_WORDS: dict[Operator, str] = {
    "at_least": later("is on or after"),
    "at_most": later("is on or before"),
    "is": later("is on"),
    "is_not": later("is not on"),
}

CHOOSING: dict[Operator, str] = {
    "in_last_days": later("is in the last … days"),
    "in_next_days": later("is in the next … days"),
    "more_than_days_ago": later("is more than … days ago"),
    "more_than_days_ahead": later("is more than … days ahead"),
    "in_this": later("is in this …"),
    "in_previous": later("is in the previous …"),
    "in_next": later("is in the next …"),
}
"""Longer names of operators that would be unclear before a value is given."""

_SPANS: dict[tuple[str, str], str] = {
    ("in_this", "day"): later("is today"),
    ("in_this", "week"): later("is in this week"),
    ("in_this", "month"): later("is in this month"),
    ("in_this", "quarter"): later("is in this quarter"),
    ("in_this", "year"): later("is in this year"),
    ("in_previous", "day"): later("is yesterday"),
    ("in_previous", "week"): later("is in the previous week"),
    ("in_previous", "month"): later("is in the previous month"),
    ("in_previous", "quarter"): later("is in the previous quarter"),
    ("in_previous", "year"): later("is in the previous year"),
    ("in_next", "day"): later("is tomorrow"),
    ("in_next", "week"): later("is in the next week"),
    ("in_next", "month"): later("is in the next month"),
    ("in_next", "quarter"): later("is in the next quarter"),
    ("in_next", "year"): later("is in the next year"),
}

COUNT = later("number of")
FIGURES: dict[Figure, str] = {
    "count": COUNT,
    "sum": later("sum of"),
    "average": later("average"),
    "first": later("first"),
    "last": later("last"),
}


def operator(op: Operator, of: FieldType) -> str:
    is_day = of in (FieldType.DATE, FieldType.MOMENT)
    return tr(_DAY_WORDS.get(op, _WORDS[op]) if is_day else _WORDS[op])


def operators(field: Field) -> dict[Operator, str]:
    """{operator that a field supports: its name for people}."""
    return {op: tr(CHOOSING[op]) if op in CHOOSING else operator(op, field.type) for op in OPERATORS[field.type]}


def of_days(op: Operator, days: object) -> str:
    """An operator that takes a number of days, with the number: is in the last 7 days."""
    many = 1 if days == 1 else 2
    match op:
        case "in_last_days":
            return plural("is in the last day", "is in the last {count} days", many, count=days)
        case "in_next_days":
            return plural("is in the next day", "is in the next {count} days", many, count=days)
        case "more_than_days_ago":
            return plural("is more than {count} day ago", "is more than {count} days ago", many, count=days)
        case _:
            return plural("is more than {count} day ahead", "is more than {count} days ahead", many, count=days)


def of_span(op: Operator, unit: object) -> str:
    """An operator that takes a unit of the calendar, with the unit: is in this week."""
    found = _SPANS.get((op, str(unit)))
    return tr(found) if found else f"{tr(_WORDS[op])} {unit}"
