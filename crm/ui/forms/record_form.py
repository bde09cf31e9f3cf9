"""The form of a record of any type: in a drawer or on a page, of a new one or of one that others may be editing too.

What others changed and the person did not is in the form at once; where both changed a field to different values they
are shown side by side, and the person chooses before anything is saved. What is typed outlives a refusal, a lost
connection and a server that was stopped.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from crm.foundation.errors import CrmError, Stale
from crm.foundation.language import tr
from crm.records import registry
from crm.records.declaration import Record
from crm.records.fields import FieldKind
from crm.store import Reading
from crm.ui import as_defined, live, own_changes, record_links, refusals, session, undo, words
from crm.ui.components import unsaved
from crm.ui.forms import browser_draft, drawer_form, form_fields, side_by_side, widgets
from crm.ui.forms.draft import Draft, forget
from crm.ui.forms.form_fields import FormField
from crm.ui.forms.layout import FormLayout

_EDIT = "edit"
"""In the address of a record's page: its drawer is open."""


@dataclass(frozen=True)
class Form:
    """A form as it stands in this run."""

    layout: FormLayout
    fields: Mapping[str, FormField]
    draft: Draft
    record: Record | None
    """None: it is yet to be made."""
    names: Mapping[str, str | None]
    """What the records are called that fields point to, by field, as the record holds them."""
    locale: str
    sent_whole: bool = False
    """Its widgets tell what they hold when it is sent; Enter sends it."""

    @property
    def currency(self) -> str:
        return str(getattr(self.record, "currency", None) or session.actor().currency)

    @property
    def changes(self) -> dict[str, Any]:
        """What saving would change, as `edit` takes it."""
        return form_fields.from_widgets(self.draft.changes, self.fields)

    @property
    def all_values(self) -> dict[str, Any]:
        """Everything that the form holds, as `create` takes it."""
        touched = self.draft.changes
        # An attribute that was left alone stays unset: its empty box would be an empty text.
        values = {key: value for key, value in self.draft.values.items() if self.fields[key].field or key in touched}
        return form_fields.from_widgets(values, self.fields)


def begin(
    layout: FormLayout,
    key: str,
    record: Record | None = None,
    *,
    only: Iterable[str] | None = None,
    preset: Mapping[str, Any] | None = None,
    extra_fields: Mapping[FormField, Any] | None = None,
    sent_whole: bool = False,
) -> Form:
    """Make the draft, and draw what stands above the widgets: what was typed before and not saved, what others changed
    meanwhile, what is to be chosen.

    `only` are the fields of the form, all where it is None; `preset` is what a new record begins with, names of records
    beside ids; `extra_fields` are further fields with their values, drawn by the caller. `sent_whole` makes it a form
    that Enter sends, where its fields do not depend on each other.
    """
    with session.reading() as tx:
        as_defined.check(layout.of)
        held = record.model_dump() if record else _initial_values(tx, layout) | dict(preset or {})
        fields = form_fields.read(tx, layout, only, layout.absent(record) if record else ())
        locale = tx.actor.language
    values = form_fields.values_of(held, fields) | {
        form_field.key: value for form_field, value in (extra_fields or {}).items()
    }
    own = own_changes.versions(layout.of.key, record.id) if record else frozenset[int]()
    draft = Draft(key, values, record.version if record else 0, own)
    by_key = {form_field.key: form_field for form_field in (*fields, *(extra_fields or ()))}
    names = {field: held.get(name) for name, field in layout.of.names.items()}
    # A form is sent whole: a field whose choices follow from another's would not see what was just typed there.
    alone = not layout.widgets and not any(form_field.is_picked for form_field in fields)
    form = Form(layout, by_key, draft, record, names, locale, sent_whole and alone)
    browser_draft.keep(draft, by_key)
    if record:
        if layout.above:
            layout.above(record, locale)
        _show_conflicts(form, record)
    return form


def _initial_values(tx: Reading, layout: FormLayout) -> dict[str, Any]:
    """The values of a new record before anything is typed."""
    of, actor = layout.of, tx.actor
    own = {"owner_id": actor.id, "owner_name": actor.name} if actor.role in of.owned_by_default else {}
    currencies = {key: actor.currency for key, field in of.edited.items() if field.kind is FieldKind.CURRENCY}
    return {**own, **currencies, **layout.begins(tx)}


def _show_conflicts(form: Form, record: Record) -> None:
    """Draw what others changed meanwhile, and the choice for each field that both changed."""
    # A place of its own also when it is empty: fields that move in the page are seen twice until the next rerun.
    with st.container():
        if form.draft.base_version == record.version:
            return
        st.warning(words.plain(_what_happened(form, record)), icon=":material/sync_problem:")
        for key in form.draft.conflicts:
            _choose(form, form.fields[key])


def _choose(form: Form, form_field: FormField) -> None:
    draft = form.draft
    names = {draft.record[form_field.key]: form.names.get(form_field.key)}
    was, mine, theirs = (
        form_field.shown(value, names, form.currency, form.locale)
        for value in (draft.base[form_field.key], draft.values[form_field.key], draft.record[form_field.key])
    )
    side_by_side.choose(
        words.plain(form_field.label),
        was=was,
        mine=mine,
        theirs=theirs,
        key=f"{draft.key}-conflict-{form_field.key}",
        keep_mine=draft.keep_mine,
        take_theirs=draft.take_theirs,
        args=(form_field.key,),
    )


def _what_happened(form: Form, record: Record) -> str:
    try:
        with session.reading() as tx:
            registry.room(form.layout.of.key).get(tx, record.id, version=form.draft.base_version)
    except CrmError as refusal:
        return str(refusal)
    return tr("“{name}” has changed since you opened it.", name=record.shown_name)


def draw(form: Form) -> None:
    """Draw the widgets: declared fields two by two, attributes below them."""
    declared = [form_field for form_field in form.fields.values() if form_field.field]
    for row in _rows(form.layout, declared):
        for column, form_field in zip(st.columns(len(row)), row, strict=True):
            with column:
                _widget(form, form_field)
    for form_field in form.fields.values():
        if form_field.definition:
            _widget(form, form_field)


def _rows(layout: FormLayout, fields: Iterable[FormField]) -> list[list[FormField]]:
    rows: list[list[FormField]] = []
    half = False
    for form_field in fields:
        long = form_field.field is not None and form_field.field.kind is FieldKind.LONG_TEXT
        wide = long or form_field.key in layout.wide or form_field.key == layout.of.title[0]
        if half and not wide:
            rows[-1].append(form_field)
        else:
            rows.append([form_field])
        half = not wide and len(rows[-1]) == 1
    return rows


def _widget(form: Form, form_field: FormField) -> None:
    if form_field.key in form.layout.widgets:
        form.layout.widgets[form_field.key](form, form_field)
        return
    widgets.draw(
        form_field,
        form.draft.widget(form_field.key),
        held=form.draft.record[form_field.key],
        held_name=form.names.get(form_field.key),
        nothing=tr(form.layout.nothing.get(form_field.key, "–")),
        options=_translated(form.layout.options.get(form_field.key, {})),
        on_pick=partial(_fill, form, form_field.key) if form_field.key in form.layout.fills else None,
    )


def _translated(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tr(value) if name in ("help", "placeholder") else value for name, value in options.items()}


def _fill(form: Form, key: str, record_id: int) -> None:
    """Callback: put what follows from the record that was picked into the fields that are empty."""
    with session.reading() as tx:
        found = form.layout.fills[key](tx, record_id)
    for other, value in found.items():
        if other in form.draft.record and st.session_state.get(form.draft.widget(other)) is None:
            st.session_state[form.draft.widget(other)] = value


def save_button(form: Form, *, refused: bool = False, **more: Any) -> Any:
    """Draw the button that writes the draft, and `more` that `edit` takes; the record once it is written. `refused`:
    what the caller draws makes no sense yet, and says so."""
    draft, record = form.draft, form.record
    pressed = _button(
        form,
        tr("Save"),
        icon=":material/save:",
        disabled=bool(draft.conflicts),
        help=tr("Choose whose values to keep first.") if draft.conflicts else None,
    )
    if not pressed or refused or draft.conflicts or record is None:
        return None
    changes = form.changes
    try:
        saved = session.do(registry.room(form.layout.of.key).edit, record.id, version=record.version, **changes, **more)
    # Others were quicker than the click: the form is drawn again with what they made of the record, and the draft as it
    # is.
    except Stale:
        st.rerun()
    except CrmError as refusal:
        refusals.show(refusal)
        return None
    done(draft.key)
    undo.offer_edit(record, saved, {**changes, **more})
    return saved


def create_button(form: Form, label: str = "", *, refused: bool = False, **more: Any) -> Any:
    """Draw the button that creates the draft's record, and `more` that `create` takes; the record once it exists."""
    label = label or tr("Add {kind}", kind=form.layout.of.one)
    if not _button(form, label, icon=":material/check:") or refused:
        return None
    made = session.attempt(registry.room(form.layout.of.key).create, **form.all_values, **more)
    if made:
        done(form.draft.key)
    return made


def done(key: str) -> None:
    """Drop a draft that was saved, in the session and in the browser."""
    forget(key)
    unsaved.drop(key)


def _button(form: Form, label: str, **options: Any) -> bool:
    button: Callable[..., bool] = st.form_submit_button if form.sent_whole else st.button
    return button(label, type="primary", key=f"{form.draft.key}-save", **options)


def sent(form: Form) -> AbstractContextManager[Any]:
    """The container for widgets and button of a form that may be sent whole."""
    return st.form(f"{form.draft.key}-form", border=False) if form.sent_whole else nullcontext()


def new_if_started(
    layout: FormLayout, *, preset: Mapping[str, Any] | None = None, then: Callable[[int], None] | None = None
) -> None:
    """Draw the drawer of a new record, if it is open; it begins with `preset`. `then` goes on with the record's id;
    without it, its page is opened."""
    of = layout.of
    if not drawer_form.is_open(layout.new):
        return

    @_drawer(tr("New {kind}", kind=of.one), layout.icon or of.icon, layout.new)
    def ask() -> None:
        form = begin(layout, layout.new, preset=preset, sent_whole=True)
        with sent(form):
            draw(form)
            made = create_button(form)
        if made:
            drawer_form.close()
            if then:
                then(made.id)
            record_links.open_record(of.key, made.id)

    ask()


def start_edit() -> None:
    """Callback of a record's page: open the drawer in which it is edited."""
    # In the address: after a reload the drawer is there again, and offers what was typed into it.
    st.query_params[_EDIT] = "1"


def edit_if_started(layout: FormLayout, record_id: int) -> None:
    """Draw the drawer in which the record of the page is edited, if it is open."""
    if _EDIT not in st.query_params or not session.actor().may(layout.of.permission):
        return
    key = layout.edited(record_id)

    def dismiss() -> None:
        st.query_params.pop(_EDIT, None)
        forget(key)

    title = tr("Edit {kind}", kind=layout.of.one)

    @st.dialog(title, width="medium", position="right", icon=":material/edit:", on_dismiss=dismiss)
    def ask() -> None:
        # What others change meanwhile is in the form at once, or beside what was typed; the page below waits.
        live.on_change(layout.of.key, key=f"{key}-live", beside_dialogs=True)
        # A click in the drawer runs it without the page around it, which would say that the record is gone.
        try:
            with session.reading() as tx:
                record = registry.room(layout.of.key).get(tx, record_id)
        except CrmError as refusal:
            refusals.show(refusal)
            return
        form = begin(layout, key, record, sent_whole=True)
        with sent(form):
            draw(form)
            saved = save_button(form)
        if saved:
            dismiss()
            st.rerun()

    ask()


def _drawer(title: str, icon: str, key: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    def dismiss() -> None:
        drawer_form.close()
        forget(key)

    return st.dialog(title, width="medium", position="right", icon=icon, on_dismiss=dismiss)
