"""The part of a record type's form that is the screens' own; everything else is in the type's declaration."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crm.records.declaration import RecordType
from crm.records.fields import FieldKind
from crm.store import Reading

# Both modules import this one, which needs only their types.
if TYPE_CHECKING:
    from crm.ui.forms.form_fields import FormField
    from crm.ui.forms.record_form import Form


@dataclass(frozen=True)
class FormLayout:
    of: RecordType[Any]
    order: tuple[str, ...] = ()
    """Fields in their order, two beside each other. Those that edits take and that stand nowhere here come last."""
    wide: frozenset[str] = frozenset()
    """Fields with a row of their own, beside the title and long texts."""
    elsewhere: frozenset[str] = frozenset()
    """Fields that are changed in another place, or nowhere on the screens."""
    labels: Mapping[str, str] = field(default_factory=dict)
    nothing: Mapping[str, str] = field(default_factory=dict)
    """What a choice is called while nothing is chosen, where that is not “–”."""
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What the widget of a field takes beside what follows from its declaration: help, placeholder, height."""
    widgets: "Mapping[str, Callable[[Form, FormField], None]]" = field(default_factory=dict)
    """Draws a field whose choices depend on the others."""
    fills: Mapping[str, Callable[[Reading, int], Mapping[str, Any]]] = field(default_factory=dict)
    """What the record that is picked in a field puts into other fields, where these are empty."""
    begins: Callable[[Reading], Mapping[str, Any]] = lambda tx: {}
    """What a new record begins with, beside what every type does."""
    absent: Callable[[Any], Collection[str]] = lambda record: ()
    """Fields that this record does not take."""
    above: Callable[[Any, str], None] | None = None
    """Draws what is said of a record above its form; takes the record and the locale."""
    icon: str = ""
    """Of the drawer of a new record; the type's own where empty."""

    @property
    def new(self) -> str:
        """The name of the drawer of a new record, and of its draft."""
        return f"new-{self.of.key}"

    def edited(self, record_id: int) -> str:
        return f"edit-{self.of.key}-{record_id}"

    @property
    def keys(self) -> list[str]:
        rest = [key for key in self.of.edited if key not in self.order and key not in self.elsewhere]
        return [*self.order, *rest]


def declared(of: RecordType[Any]) -> FormLayout:
    """The form of a type that has none of its own: of a custom one what names its records, the team's fields and the
    currency after the last amount come first."""
    return FormLayout(of, order=_order(of) if of.custom else ())


def _order(of: RecordType[Any]) -> tuple[str, ...]:
    first = of.title[0]
    keys = [first, *(key for key in of.edited if key not in (first, "currency"))]
    amounts = [place for place, key in enumerate(keys, 1) if of.fields[key].kind is FieldKind.MONEY]
    if amounts:
        keys.insert(amounts[-1], "currency")
    return tuple(keys)
