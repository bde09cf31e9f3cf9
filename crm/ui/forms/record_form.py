"""The form of a record of any type: in a drawer or on a page, of a new one or of one that others may be editing too.

What others changed and the person did not is in the form at once; where both changed a field to different values they
are shown side by side, and the person chooses before anything is saved. What is typed outlives a refusal, a lost
connection and a server that was stopped.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import streamlit as st

from crm.foundation.errors import CrmError, Stale
from crm.platform import workspace
from crm.records import registry
from crm.records.declaration import Record
from crm.records.fields import FieldKind
from crm.store import Reading
from crm.ui import record_links, refusals, session, words
from crm.ui.components import unsaved
from crm.ui.forms import drawer_form, form_fields, kept, side_by_side, widgets
from crm.ui.forms.draft import Draft, forget
from crm.ui.forms.form_fields import FormField
from crm.ui.forms.layout import FormLayout


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
    def given(self) -> dict[str, Any]:
        """What saving would change, as `edit` takes it."""
        return form_fields.given(self.draft.changes, self.fields)

    @property
    def whole(self) -> dict[str, Any]:
        """Everything that it holds, as `create` takes it; attributes that were left alone are none."""
        touched = self.draft.changes
        values = {key: value for key, value in self.draft.values.items() if self.fields[key].field or key in touched}
        return form_fields.given(values, self.fields)


def begin(
    layout: FormLayout,
    key: str,
    record: Record | None = None,
    *,
    only: Iterable[str] | None = None,
    preset: Mapping[str, Any] | None = None,
    beside: Mapping[FormField, Any] | None = None,
    sent_whole: bool = False,
) -> Form:
    """Make the draft, and draw what stands above the widgets: what was typed before and not saved, what others changed
    meanwhile, what is to be chosen. `only` are the fields that are asked for; `preset` is what a new record begins
    with, names of records beside ids; `beside` are further fields with their values, drawn by the caller."""
    with session.reading() as tx:
        held = record.model_dump() if record else _begun(tx, layout) | dict(preset or {})
        fields = form_fields.read(tx, layout, only, layout.absent(record) if record else ())
        locale = workspace.get(tx).locale
    values = form_fields.values_of(held, fields) | {one.key: value for one, value in (beside or {}).items()}
    draft = Draft(key, values, record.version if record else 0)
    by_key = {one.key: one for one in (*fields, *(beside or ()))}
    names = {field: held.get(name) for name, field in layout.of.names.items()}
    alone = not layout.widgets and not any(one.is_picked for one in fields)  # none depends on what was just typed
    form = Form(layout, by_key, draft, record, names, locale, sent_whole and alone)
    kept.keep(draft, by_key, locale)
    if record:
        if layout.above:
            layout.above(record, locale)
        _news(form, record)
    return form


def _begun(tx: Reading, layout: FormLayout) -> dict[str, Any]:
    """A new record before anything is typed."""
    of, actor = layout.of, tx.actor
    own = {"owner_id": actor.id, "owner_name": actor.name} if actor.role in of.owned_by_default else {}
    currencies = {key: actor.currency for key, one in of.edited.items() if one.kind is FieldKind.CURRENCY}
    return {**own, **currencies, **layout.begins(tx)}


def _news(form: Form, record: Record) -> None:
    """It has a place of its own even when there is none, so that the fields below stay where they are in the page:
    those that move would be seen twice until the next rerun."""
    with st.container():
        if form.draft.seen == record.version:
            return
        st.warning(words.plain(_what_happened(form, record)), icon=":material/sync_problem:")
        for key in form.draft.conflicts:
            _choose(form, form.fields[key])


def _choose(form: Form, one: FormField) -> None:
    draft = form.draft
    names = {draft.record[one.key]: form.names.get(one.key)}
    was, mine, theirs = (
        one.shown(value, names, form.currency, form.locale)
        for value in (draft.base[one.key], draft.values[one.key], draft.record[one.key])
    )
    side_by_side.choose(
        words.plain(one.label),
        was=was,
        mine=mine,
        theirs=theirs,
        key=f"{draft.key}-conflict-{one.key}",
        keep_mine=draft.keep_mine,
        take_theirs=draft.take_theirs,
        args=(one.key,),
    )


def _what_happened(form: Form, record: Record) -> str:
    try:
        with session.reading() as tx:
            registry.room(form.layout.of.key).get(tx, record.id, version=form.draft.seen)
    except CrmError as refusal:
        return str(refusal)
    return f"“{record.shown_name}” has changed since you opened it."


def draw(form: Form) -> None:
    """The widgets: declared fields two by two, attributes below them."""
    declared = [one for one in form.fields.values() if one.field]
    for row in _rows(form.layout, declared):
        for column, one in zip(st.columns(len(row)), row, strict=True):
            with column:
                _widget(form, one)
    for one in form.fields.values():
        if one.definition:
            _widget(form, one)


def _rows(layout: FormLayout, fields: Iterable[FormField]) -> list[list[FormField]]:
    rows: list[list[FormField]] = []
    half = False
    for one in fields:
        long = one.field is not None and one.field.kind is FieldKind.LONG_TEXT
        wide = long or one.key in layout.wide or one.key == layout.of.title[0]
        if half and not wide:
            rows[-1].append(one)
        else:
            rows.append([one])
        half = not wide and len(rows[-1]) == 1
    return rows


def _widget(form: Form, one: FormField) -> None:
    if one.key in form.layout.widgets:
        form.layout.widgets[one.key](form, one)
        return
    widgets.draw(
        one,
        form.draft.widget(one.key),
        held=form.draft.record[one.key],
        held_name=form.names.get(one.key),
        nothing=form.layout.nothing.get(one.key, "–"),
        options=form.layout.options.get(one.key, {}),
    )


def save_button(form: Form, *, refused: bool = False, **more: Any) -> Any:
    """The button that writes the draft, and `more` that `edit` takes; the record, once it is written. Others may be
    quicker than the click: the form is then drawn again with what they made of it, and the draft as it is.
    `refused`: what the caller draws makes no sense yet, and says so."""
    draft, record = form.draft, form.record
    pressed = _button(
        form,
        "Save",
        icon=":material/save:",
        disabled=bool(draft.conflicts),
        help="Choose whose values to keep first." if draft.conflicts else None,
    )
    if not pressed or refused or draft.conflicts or record is None:
        return None
    try:
        saved = session.do(
            registry.room(form.layout.of.key).edit, record.id, version=record.version, **form.given, **more
        )
    except Stale:
        st.rerun()
    except CrmError as refusal:
        refusals.show(refusal)
        return None
    done(draft.key)
    return saved


def create_button(form: Form, label: str = "", *, refused: bool = False, **more: Any) -> Any:
    """The button that makes the record of the draft, and `more` that `create` takes; the record, once it is made."""
    if not _button(form, label or f"Add {form.layout.of.key}", icon=":material/check:") or refused:
        return None
    made = session.attempt(registry.room(form.layout.of.key).create, **form.whole, **more)
    if made:
        done(form.draft.key)
    return made


def done(key: str) -> None:
    """The draft was saved: neither the session nor the browser keeps it."""
    forget(key)
    unsaved.drop(key)


def _button(form: Form, label: str, **options: Any) -> bool:
    button: Callable[..., bool] = st.form_submit_button if form.sent_whole else st.button
    return button(label, type="primary", key=f"{form.draft.key}-save", **options)


def sent(form: Form) -> AbstractContextManager[Any]:
    """Where widgets and button of a form stand that may be sent whole."""
    return st.form(f"{form.draft.key}-form", border=False) if form.sent_whole else nullcontext()


def new_if_started(layout: FormLayout, *, then: Callable[[int], None] | None = None) -> None:
    """The drawer of a new record, if it is open. `then` goes on with its id; without it, its page is opened."""
    of = layout.of
    if not drawer_form.is_open(layout.new):
        return

    @_drawer(f"New {of.key}", layout.icon or of.icon, layout.new)
    def ask() -> None:
        form = begin(layout, layout.new, sent_whole=True)
        with sent(form):
            draw(form)
            made = create_button(form)
        if made:
            drawer_form.close()
            if then:
                then(made.id)
            record_links.open_record(of.key, made.id)

    ask()


def edit_if_started(layout: FormLayout, record_id: int) -> None:
    """The drawer in which a record is edited, if it is open."""
    key = layout.edited(record_id)
    if not drawer_form.is_open(key):
        return

    @_drawer(f"Edit {layout.of.key}", ":material/edit:", key)
    def ask() -> None:
        with session.reading() as tx:
            record = registry.room(layout.of.key).get(tx, record_id)
        form = begin(layout, key, record, sent_whole=True)
        with sent(form):
            draw(form)
            saved = save_button(form)
        if saved:
            drawer_form.close()
            st.rerun()

    ask()


def _drawer(title: str, icon: str, key: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    def dismiss() -> None:
        drawer_form.close()
        forget(key)

    return st.dialog(title, width="medium", position="right", icon=icon, on_dismiss=dismiss)
