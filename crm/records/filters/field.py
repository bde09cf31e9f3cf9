"""Filter fields of a record type, and the operators that each type of field supports."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from crm.records.filters.model import Operator
from crm.records.kind_names import KindName


class FieldType(StrEnum):
    TEXT = "text"
    CHOICE = "choice"  # one of `options`, compared exactly
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"  # a DATE column
    MOMENT = "moment"  # a TIMESTAMPTZ column, filtered by days of the workspace
    CHECKBOX = "checkbox"  # NULL counts as not ticked
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


OWN_ROW = "{condition}"
"""The `within` of a value in the record's own row."""


@dataclass(frozen=True)
class Field:
    """A filter field of a record type.

    `sql` is an expression written by us, never by a person. Where the value is in another table, `within` leads there:
    a condition that is never NULL, in which `{condition}` stands for the rule on `sql`, such as
    `contact.id IN (SELECT contact_id FROM contact_labels WHERE {condition})`: some child meets the rule.
    """

    key: str
    label: str
    type: FieldType
    sql: str
    within: str = OWN_ROW
    options: Mapping[Any, str] | None = None
    """{value: its name}, where the choices are few: owners, labels, stages, list values. Any other value is invalid."""
    former: Mapping[Any, Any] = field(default_factory=dict)
    """{former name of a value: its current name}."""
    currency: str = ""
    """For an amount, the SQL expression of its currency; empty where all amounts are in the workspace's currency."""
    to: str = ""
    """For a reference to one of many records, the key of their type."""
    offered: bool = True
    """Whether the filter builder offers it. A filter that a link or the API brings may have it all the same."""

    def current_value(self, value: Any) -> Any:
        """The current name of a value."""
        return self.former.get(value, value)


@dataclass(frozen=True)
class Relation:
    """A relation of a record type: its children, such as the deals of a contact, or a single parent, such as its
    company.

    `owner` and `child` are the join expressions of the two sides, both ours. `fields` refer to the child by `alias`.
    `where` restricts the children where a table holds those of several record types.
    """

    key: str
    called: KindName
    """The child's name: deal, deals."""
    table: str
    alias: str
    owner: str
    child: str
    fields: Mapping[str, Field]
    where: str = ""
    single: bool = False
    """Whether there is at most one, so that it cannot be counted."""
    gone: Mapping[str, str] = field(default_factory=dict)
    """As that of a `FieldSet`."""

    @property
    def field_set(self) -> "FieldSet":
        """The child's fields."""
        return FieldSet(self.fields.values(), plural=self.key, gone=self.gone)


class FieldSet(Mapping[str, Field]):
    """The filter fields of a record type by key, and its relations. `gone`: {key of a field or a relation that was
    deleted: its name}."""

    def __init__(
        self,
        fields: Iterable[Field],
        relations: Iterable[Relation] = (),
        *,
        plural: str = "",
        gone: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._fields = {field.key: field for field in fields}
        self.relations = MappingProxyType({relation.key: relation for relation in relations})
        self.plural = plural
        self._gone = gone

    def changed(self, change: Callable[[Field], Field]) -> "FieldSet":
        """The same with each field changed, those of relations too."""
        relations = [
            replace(relation, fields={key: change(field) for key, field in relation.fields.items()})
            for relation in self.relations.values()
        ]
        return FieldSet(map(change, self._fields.values()), relations, plural=self.plural, gone=self._gone)

    def name_of(self, key: str) -> str:
        """What people called a field or relation that is not there any more; its key where nothing tells."""
        return self._gone.get(key, key)

    def __getitem__(self, key: str) -> Field:
        return self._fields[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)
