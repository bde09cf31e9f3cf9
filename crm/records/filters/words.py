"""The names of operators, figures and spans in sentences and in the filter builder."""

from crm.records.filters.field import OPERATORS, Field, FieldType
from crm.records.filters.model import Figure, Operator

_WORDS: dict[Operator, str] = {
    "is": "is",
    "is_not": "is not",
    "one_of": "is one of",
    "not_one_of": "is none of",
    "contains": "contains",
    "not_contains": "does not contain",
    "starts_with": "starts with",
    "ends_with": "ends with",
    "more_than": "is more than",
    "at_least": "is at least",
    "less_than": "is less than",
    "at_most": "is at most",
    "before": "is before",
    "after": "is after",
    "between": "is between",
    "in_last_days": "is in the last",
    "in_next_days": "is in the next",
    "more_than_days_ago": "is more than",
    "more_than_days_ahead": "is more than",
    "in_this": "is in this",
    "in_previous": "is in the previous",
    "in_next": "is in the next",
    "is_empty": "is empty",
    "is_not_empty": "is not empty",
}
_DAY_WORDS: dict[Operator, str] = {
    "at_least": "is on or after",
    "at_most": "is on or before",
    "is": "is on",
    "is_not": "is not on",
}

CHOOSING: dict[Operator, str] = {
    "in_last_days": "is in the last … days",
    "in_next_days": "is in the next … days",
    "more_than_days_ago": "is more than … days ago",
    "more_than_days_ahead": "is more than … days ahead",
    "in_this": "is in this …",
    "in_previous": "is in the previous …",
    "in_next": "is in the next …",
}
"""Longer names of operators that would be unclear before a value is given."""

DAYS: dict[Operator, str] = {"in_this": "is today", "in_previous": "is yesterday", "in_next": "is tomorrow"}
"""The wording of these operators for the unit “day”."""

FIGURES: dict[Figure, str] = {
    "count": "number of",
    "sum": "sum of",
    "average": "average",
    "first": "first",
    "last": "last",
}


def operator(op: Operator, of: FieldType) -> str:
    is_day = of in (FieldType.DATE, FieldType.MOMENT)
    return _DAY_WORDS.get(op, _WORDS[op]) if is_day else _WORDS[op]


def operators(field: Field) -> dict[Operator, str]:
    """{operator that a field supports: its name for people}."""
    return {op: CHOOSING.get(op) or operator(op, field.type) for op in OPERATORS[field.type]}
