"""The widget for each kind of field; its value is in the session's state under the draft's key."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from crm.records import registry
from crm.records.fields import Email, Field, FieldKind, Phone, Reference, Text
from crm.records.listing import ListQuery
from crm.ui import session, words
from crm.ui.components import days
from crm.ui.forms import record_fields
from crm.ui.forms.form_fields import FormField

FOUND = 20
_PLACEHOLDERS = {FieldKind.DOMAIN: "example.com", FieldKind.LINK: "https://"}


def draw(
    form_field: FormField,
    key: str,
    *,
    held: Any,
    held_name: str | None,
    nothing: str = "–",
    options: Mapping[str, Any],
) -> None:
    """Draw the widget. `held` is the record's value and `held_name` the name of the record it points to: it stays on
    offer even where it would not be offered anew, such as a person who has left."""
    if form_field.definition:
        record_fields.widget(form_field.definition, key=key)
    elif form_field.field is not None:
        _declared(form_field, form_field.field, key, {} if held is None else {held: held_name}, nothing, dict(options))


def _declared(
    form_field: FormField, field: Field, key: str, held: Mapping[Any, str | None], nothing: str, options: dict[str, Any]
) -> None:
    label = words.plain(form_field.label)
    if form_field.is_picked:
        _pick(form_field, label, key, held, nothing)
    elif form_field.choices is not None:
        _select(form_field, label, key, held, nothing)
    elif isinstance(field, Text):
        _text(field, label, key, options)
    elif form_field.is_number:
        bounds: dict[str, Any] = {"min_value": 0.0, "format": "%.2f"} if field.kind is FieldKind.MONEY else {}
        st.number_input(label, value=None, step=None, key=key, **{"format": "%.10g", **bounds, **options})
    elif form_field.is_day:
        days.ask(label, key=key, **options)
    elif form_field.is_checkbox:
        st.checkbox(label, key=key, **options)


def _text(field: Text, label: str, key: str, options: dict[str, Any]) -> None:
    if field.kind is FieldKind.LONG_TEXT:
        st.text_area(label, max_chars=field.limit, key=key, **options)
        return
    if isinstance(field, Email):
        options["type"] = "email"
    if isinstance(field, Phone):
        options |= {"type": "phone", "placeholder": field.example}
    if field.kind in _PLACEHOLDERS:
        options.setdefault("placeholder", _PLACEHOLDERS[field.kind])
    st.text_input(label, max_chars=field.limit, required=bool(field.required), key=key, **options)


def _select(form_field: FormField, label: str, key: str, held: Mapping[Any, str | None], nothing: str) -> None:
    offered = {value: name or str(value) for value, name in held.items()} | dict(form_field.choices or {})
    none_option = [] if form_field.must_be_chosen else [None]
    st.selectbox(
        label,
        [*none_option, *offered],
        format_func=lambda value: offered.get(value, nothing),
        placeholder=nothing,
        key=key,
    )


def _pick(form_field: FormField, label: str, key: str, held: Mapping[Any, str | None], nothing: str) -> None:
    """Draw the choice of one of very many records: a search box, with its hits on offer above it."""
    of = registry.get(str(form_field.field.to)) if isinstance(form_field.field, Reference) else None
    query = str(st.session_state.get(f"{key}-search") or "")
    hits: dict[int, str] = {}
    if of and query:
        with session.reading() as tx:
            page = registry.room(of.key).find(tx, ListQuery(search=query, limit=FOUND))
        hits = {row["id"]: of.name_of(row) for row in page.items}
    chosen = st.session_state[key]
    # What is chosen stays on offer whatever is searched for next; the box would drop it otherwise.
    known = {
        value: held.get(value) or form_field.name_of(value) or "–" for value in {*held, chosen} if value is not None
    }
    offered = known | hits
    st.selectbox(
        label, [None, *offered], format_func=lambda value: offered.get(value, nothing), placeholder=nothing, key=key
    )
    find = f"Find {of.with_article if of else ''}"
    st.text_input(
        find,
        type="search",
        live=True,
        placeholder=f"{find} …",
        icon=":material/search:",
        label_visibility="collapsed",
        key=f"{key}-search",
    )
    if query:
        st.caption(f"{len(hits)} found: choose above." if hits else "Nobody found.")
