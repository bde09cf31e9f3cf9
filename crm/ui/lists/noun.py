"""What the lists of two nouns differ in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm.foundation.access import Permission
from crm.records.attributes import Definition
from crm.records.bulk import Action
from crm.records.filters import FieldSet
from crm.records.listing import ListQuery, Page
from crm.store import Reading, Row
from crm.ui.components.quick_filters import Quick
from crm.ui.forms.record_form import Form


@dataclass(frozen=True)
class Column:
    """`key` is what a preference keeps; `settings` what `st.column_config` takes, without the label."""

    key: str
    label: str
    read: Callable[[Row], object]
    settings: Mapping[str, Any] = field(default_factory=dict)
    at_first: bool = True
    """Shown to those who have not chosen their columns."""
    fill: Callable[[Reading, list[Row]], None] | None = None
    """Puts into the rows what this column needs and no other, where it is shown."""


@dataclass(frozen=True)
class Noun:
    kind: str
    """The plural, as in addresses, exports and criteria: contacts."""
    one: str
    find: Callable[[Reading, ListQuery], Page]
    fields: Callable[[Reading], FieldSet]
    sorts: Mapping[str, str]
    """Words of the address to words for people; the first is the default."""
    quick: Sequence[Quick]
    columns: Callable[[Reading], Sequence[Column]]
    actions: Sequence[Action]
    """What can be done with many at once."""
    form: Form | None
    """None where records are not made and edited in a drawer of this kind."""
    placeholder: str
    """Of the search box: where it looks."""
    listens: tuple[str, ...]
    """Kinds of record whose change the list shows."""
    permission: Permission = Permission.MANAGE_CONTACTS
    """To change records."""

    @property
    def page(self) -> str:
        return f"pages/{self.kind}.py"

    @property
    def default_sort(self) -> str:
        return next(iter(self.sorts))


def attribute_columns(definitions: Sequence[Definition]) -> list[Column]:
    def reader(key: str) -> Callable[[Row], object]:
        return lambda row: row["attributes"].get(key)

    return [Column(f"attribute:{one.key}", one.name, reader(one.key)) for one in definitions]
