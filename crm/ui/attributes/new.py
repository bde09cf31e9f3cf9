"""The drawer of a new attribute."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from crm import objects
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.records import attributes, registry
from crm.records.attributes import AttributeType, custom_keys
from crm.ui import session
from crm.ui.attributes import drawer, field_rules, type_names


def show(model: str) -> None:
    title = tr(type_names.wording(model).new)
    # Called, not used as a decorator: the title says what it is.
    drawn = st.dialog(title, width="medium", position="right", icon=":material/add:", on_dismiss=drawer.close)
    drawn(_form)(model)


def _form(model: str) -> None:
    name = st.text_input(tr("Name"), max_chars=80, placeholder=tr("Shoe size"), key="new-attribute-name")
    key_place = st.container()
    kind = st.selectbox(
        tr("Type"),
        attributes.types_of(model),
        format_func=partial(type_names.words_of, model=model),
        key="new-attribute-type",
    )
    values = ""
    if kind is AttributeType.LIST:
        values = st.text_area(
            tr("Values, one a line"), placeholder=tr("Small\nMedium\nLarge"), height=160, key="new-attribute-values"
        )
    if kind is None:
        return
    if name:
        with key_place:
            _key(model, name, kind)
    pattern, hint = type_names.pattern(kind, None, None, key="new-attribute")
    define: Callable[..., object]
    if registry.is_custom(model):
        required, unique = field_rules.of_new(kind)
        define = partial(objects.add_field, type_id=registry.type_id_of(model), required=required, unique=unique)
    else:
        define = partial(attributes.define, model=model)
    if st.button(tr("Create"), type="primary", icon=":material/check:") and session.done(
        define,
        name=name or "",
        type=kind,
        pattern=pattern,
        hint=hint,
        values=[line for line in values.splitlines() if line.strip()],
    ):
        drawer.done()


def _key(model: str, name: str, kind: AttributeType) -> None:
    try:
        key = custom_keys.key_of(name, kind) if registry.is_custom(model) else attributes.key_of(name)
    # The verb says it on creating; while a name is typed it would be noise.
    except Invalid:
        return
    st.caption(tr("Key in files, filters and the API: `{key}`. It stays when the name changes.", key=key))
