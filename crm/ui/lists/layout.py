"""The layout of a list: what the screens add to the type's declaration."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crm.foundation.access import Actor
from crm.foundation.language import later
from crm.records.declaration import RecordType
from crm.records.filters import Filter
from crm.store import Reading, Row
from crm.ui.components.quick_filters import Quick
from crm.ui.forms import layout as form_layout
from crm.ui.forms.layout import FormLayout

if TYPE_CHECKING:
    from crm.ui.lists.url_state import ListState

ATTRIBUTES = "attributes"
"""Among the columns of a layout: where those of custom attributes stand."""


@dataclass(frozen=True)
class Shown:
    """How a list shows a field, where that does not follow from the field's declaration; or a column that is no
    declared field and says how it is read."""

    key: str
    label: str = ""
    read: Callable[[Row], object] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What `st.column_config` takes."""
    fill: Callable[[Reading, list[Row]], None] | None = None
    """Puts into the rows what this column needs and no other, where it is shown."""
    where: Callable[[Row], bool] | None = None
    """The column is left out of a page of which this holds for no row."""


@dataclass(frozen=True)
class ListLayout:
    of: RecordType[Any]
    title: str = ""
    """Of the page, where it is not the type's plural."""
    columns: Sequence[str | Shown] = ()
    """Those that everybody begins with, in their order; where empty, every declared field that edits take."""
    further: Sequence[str | Shown] = ()
    """Those that can be chosen. Declared fields that stand in neither come after these by themselves."""
    sorts: Mapping[str, str] = field(default_factory=dict)
    """Words of the address to words for people; the first is the default. Declared sorts that are not named come after
    these by themselves."""
    quick: Sequence[Quick] = ()
    searched_too: Sequence[str] = ()
    """Fields whose records the search box looks in as well."""
    listens: Sequence[str] = ()
    """Types whose change the list shows, beside its own."""
    form: FormLayout | None = None
    """Of a new record, in a drawer of the list."""
    start_new: Callable[[], None] | None = None
    """Begins a new record, where `form` does not."""
    may_add: Callable[[Actor], bool] = lambda actor: True
    """Who may make a new record, of those with the type's permission."""
    within: Callable[[], Filter | None] = lambda: None
    """What the list is narrowed to by more than search, filter and segment: read from the address."""
    in_toolbar: Callable[[], None] | None = None
    """Draws what switches `within`."""
    open_record: Callable[[int], None] | None = None
    """Opens a record where it has no page of its own."""
    above: "Callable[[ListState], None] | None" = None
    """Draws what stands between the toolbar and the rows."""
    dialogs: Callable[[], None] | None = None
    """Draws whichever drawer of the page is open."""
    how_to_begin: str = ""
    """The sentence in an empty list, where a file is not the usual way."""
    none_matches: str = later("Try fewer words, or clear the filters.")
    """The sentence in a list of which nothing is left."""


UNSEEN = ("currency", "external_id", "team_id")
"""Fields of every custom type that its list shows to who asks for them: amounts are written with their currency."""


def declared(of: RecordType[Any]) -> ListLayout:
    """The list of a type that has no page of its own; a custom one begins with the fields that a team gave it."""
    form = form_layout.declared(of)
    return ListLayout(of, columns=[key for key in form.order if key not in UNSEEN], form=form)
