"""The widget of each kind of field. What it holds stands in the session's state under the draft's key."""

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
    one: FormField,
    key: str,
    *,
    held: Any,
    held_name: str | None,
    nothing: str = "–",
    options: Mapping[str, Any],
) -> None:
    """`held` is what the record holds and `held_name` what that is called, where it points to another: it stays on
    offer also where it would no longer be, such as a person who has left."""
    if one.definition:
        record_fields.widget(one.definition, key=key)
    elif one.field is not None:
        _declared(one, one.field, key, {} if held is None else {held: held_name}, nothing, dict(options))


def _declared(
    one: FormField, field: Field, key: str, held: Mapping[Any, str | None], nothing: str, options: dict[str, Any]
) -> None:
    label = words.plain(one.label)
    if one.is_picked:
        _pick(one, label, key, held, nothing)
    elif one.choices is not None:
        _select(one, label, key, held, nothing)
    elif isinstance(field, Text):
        _text(field, label, key, options)
    elif one.is_number:
        bounds: dict[str, Any] = {"min_value": 0.0, "format": "%.2f"} if field.kind is FieldKind.MONEY else {}
        st.number_input(label, value=None, step=None, key=key, **{"format": "%.10g", **bounds, **options})
    elif one.is_day:
        days.ask(label, key=key, **options)
    elif one.is_checkbox:
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


def _select(one: FormField, label: str, key: str, held: Mapping[Any, str | None], nothing: str) -> None:
    offered = {value: name or str(value) for value, name in held.items()} | dict(one.choices or {})
    nobody = [] if one.must_be_chosen else [None]
    st.selectbox(
        label, [*nobody, *offered], format_func=lambda value: offered.get(value, nothing), placeholder=nothing, key=key
    )


def _pick(one: FormField, label: str, key: str, held: Mapping[Any, str | None], nothing: str) -> None:
    """One of very many: a search box whose hits are on offer above it."""
    of = registry.get(str(one.field.to)) if isinstance(one.field, Reference) else None
    query = str(st.session_state.get(f"{key}-search") or "")
    hits: dict[int, str] = {}
    if of and query:
        with session.reading() as tx:
            page = registry.room(of.key).find(tx, ListQuery(search=query, limit=FOUND))
        hits = {row["id"]: of.name_of(row) for row in page.items}
    chosen = st.session_state[key]
    known = {value: held.get(value) or one.name_of(value) or "–" for value in {*held, chosen} if value is not None}
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
