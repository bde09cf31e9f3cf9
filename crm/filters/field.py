"""What can be asked about: a field of a noun, and the operators that its type understands."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from crm.filters.model import Operator


class FieldType(StrEnum):
    TEXT = "text"
    CHOICE = "choice"  # one of `options`, compared exactly
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"  # a DATE column
    MOMENT = "moment"  # a TIMESTAMPTZ column, asked about by days of the workspace
    CHECKBOX = "checkbox"  # unset counts as not ticked
    REFERENCE = "reference"  # the id of another record


_EMPTINESS: tuple[Operator, ...] = ("is_empty", "is_not_empty")
_AMOUNTS: tuple[Operator, ...] = ("is", "is_not", "more_than", "at_least", "less_than", "at_most", "between")
_DAYS: tuple[Operator, ...] = (
    *("is", "is_not", "before", "after", "at_least", "at_most", "between", "in_last_days", "in_next_days"),
)

OPERATORS: dict[FieldType, tuple[Operator, ...]] = {
    FieldType.TEXT: (
        *("is", "is_not", "contains", "not_contains", "starts_with", "one_of"),
        *_EMPTINESS,
    ),
    FieldType.CHOICE: ("is", "is_not", "one_of", *_EMPTINESS),
    FieldType.NUMBER: (*_AMOUNTS, *_EMPTINESS),
    FieldType.MONEY: (*_AMOUNTS, *_EMPTINESS),
    FieldType.DATE: (*_DAYS, *_EMPTINESS),
    FieldType.MOMENT: (*_DAYS, *_EMPTINESS),
    FieldType.CHECKBOX: ("is", "is_not"),
    FieldType.REFERENCE: ("is", "is_not", "one_of", *_EMPTINESS),
}


@dataclass(frozen=True)
class Field:
    """One thing that can be asked about a noun.

    `sql` is an expression written by us, never by a person. Where the value lies in another table, `within` says how
    to get there: a condition that is never NULL, with `{condition}` standing for the rule over `sql`, such as
    `contact.id IN (SELECT contact_id FROM contact_labels WHERE {condition})`: some child meets the rule.
    """

    key: str
    label: str
    type: FieldType
    sql: str
    within: str = "{condition}"
    options: Mapping[Any, str] | None = None
    """The names of what may be chosen, where these are few: owners, labels, stages, list values."""
