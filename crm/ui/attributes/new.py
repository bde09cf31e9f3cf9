"""The drawer of a new attribute."""

import streamlit as st

from crm.foundation.errors import Invalid
from crm.foundation.language import later, tr
from crm.records import attributes
from crm.records.attributes import AttributeType
from crm.ui import session
from crm.ui.attributes import drawer, type_names
from crm.ui.components.dialogs import dialog


@dialog(later("New attribute"), width="medium", position="right", icon=":material/add:", on_dismiss=drawer.close)
def show(model: str) -> None:
    name = st.text_input(tr("Name"), max_chars=80, placeholder=tr("Shoe size"), key="new-attribute-name")
    if name:
        _key(name)
    kind = st.selectbox(tr("Type"), attributes.PLAIN, format_func=type_names.words_of, key="new-attribute-type")
    values = ""
    if kind is AttributeType.LIST:
        values = st.text_area(
            tr("Values, one a line"), placeholder=tr("Small\nMedium\nLarge"), height=160, key="new-attribute-values"
        )
    if kind is None:
        return
    pattern, hint = type_names.pattern(kind, None, None, key="new-attribute")
    if st.button(tr("Create"), type="primary", icon=":material/check:") and session.done(
        attributes.define,
        model=model,
        name=name or "",
        type=kind,
        pattern=pattern,
        hint=hint,
        values=[line for line in values.splitlines() if line.strip()],
    ):
        drawer.done()


def _key(name: str) -> None:
    try:
        key = attributes.key_of(name)
    # The verb says it on creating; while a name is typed it would be noise.
    except Invalid:
        return
    st.caption(tr("Key in files, filters and the API: `{key}`. It stays when the name changes.", key=key))
