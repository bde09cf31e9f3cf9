"""The widget for each kind of field; its value is in the session's state under the draft's key."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from crm.records.fields import Email, Field, FieldKind, Phone, Reference, Text
from crm.ui import words
from crm.ui.components import days, picker
from crm.ui.forms import record_fields
from crm.ui.forms.form_fields import FormField

_PLACEHOLDERS = {FieldKind.DOMAIN: "example.com", FieldKind.LINK: "https://"}


def draw(
    form_field: FormField,
    key: str,
    *,
    held: Any,
    held_name: str | None,
    nothing: str = "–",
    options: Mapping[str, Any],
    on_pick: Callable[[int], object] | None = None,
) -> None:
    """Draw the widget. `held` is the record's value and `held_name` the name of the record it points to: it stays on
    offer even where it would not be offered anew, such as a person who has left. `on_pick` is called with the id of one
    of very many records, once it is picked."""
    if form_field.definition:
        record_fields.widget(form_field.definition, key=key)
    elif form_field.field is not None:
        known = {} if held is None else {held: held_name}
        if form_field.is_picked and isinstance(form_field.field, Reference):
            label, kind = words.plain(form_field.label), str(form_field.field.to)
            picker.field(label, kind, key=key, held=known, on_pick=on_pick)
        else:
            _declared(form_field, form_field.field, key, known, nothing, dict(options))


def _declared(
    form_field: FormField, field: Field, key: str, held: Mapping[Any, str | None], nothing: str, options: dict[str, Any]
) -> None:
    label = words.plain(form_field.label)
    if form_field.choices is not None:
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
