"""What can be asked about: a field of a noun, and the operators that its type understands."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from crm.records.filters.model import Operator


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
    *("is", "is_not", "before", "after", "at_least", "at_most", "between"),
    *("in_last_days", "in_next_days", "more_than_days_ago", "more_than_days_ahead"),
    *("in_this", "in_previous", "in_next"),
)

OPERATORS: dict[FieldType, tuple[Operator, ...]] = {
    FieldType.TEXT: (
        *("is", "is_not", "contains", "not_contains", "starts_with", "ends_with", "one_of", "not_one_of"),
        *_EMPTINESS,
    ),
    FieldType.CHOICE: ("is", "is_not", "one_of", "not_one_of", *_EMPTINESS),
    FieldType.NUMBER: (*_AMOUNTS, *_EMPTINESS),
    FieldType.MONEY: (*_AMOUNTS, *_EMPTINESS),
    FieldType.DATE: (*_DAYS, *_EMPTINESS),
    FieldType.MOMENT: (*_DAYS, *_EMPTINESS),
    FieldType.CHECKBOX: ("is", "is_not"),
    FieldType.REFERENCE: ("is", "is_not", "one_of", "not_one_of", *_EMPTINESS),
}


HERE = "{condition}"
"""How a rule over a value is asked that stands in the record's own row."""


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
    within: str = HERE
    options: Mapping[Any, str] | None = None
    """The names of what may be chosen, where these are few: owners, labels, stages, list values. A value that is not
    among them is gone."""
    former: Mapping[Any, Any] = field(default_factory=dict)
    """What values were called before → what they are called now."""
    currency: str = ""
    """For an amount, the expression of its currency beside it; empty where all amounts are in the workspace's own."""

    def now(self, value: Any) -> Any:
        """A value under the name that it has by now."""
        return self.former.get(value, value)


@dataclass(frozen=True)
class Relation:
    """The children of a noun, such as the deals of a contact; or, where there is at most one, its company.

    `owner` is the expression of the noun's side, `child` that of the child's, both ours. `fields` speak of the child by
    the name `alias`. `where` narrows the children, for those that belong to several nouns.
    """

    key: str
    one: str
    """What a child is called: deal."""
    many: str
    """What children are called: deals."""
    table: str
    alias: str
    owner: str
    child: str
    fields: Mapping[str, Field]
    where: str = ""
    single: bool = False
    """The noun has at most one: there is nothing to count."""


class FieldSet(Mapping[str, Field]):
    """Everything that a noun can be filtered by: its fields by key, and beside them its relations."""

    def __init__(self, fields: Iterable[Field], relations: Iterable[Relation] = (), *, noun: str = "") -> None:
        self._fields = {field.key: field for field in fields}
        self.relations = {relation.key: relation for relation in relations}
        self.noun = noun

    def __getitem__(self, key: str) -> Field:
        return self._fields[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)
