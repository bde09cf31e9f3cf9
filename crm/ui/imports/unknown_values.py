"""Values that a dry run met and that are not known: mapped here, and the same file is tried again."""

from typing import Any

import streamlit as st

from crm import imports
from crm.foundation.language import tr
from crm.imports import Import, Options, ValueField
from crm.records import attributes
from crm.ui import session, words
from crm.ui.imports import values


def show(found: Import) -> None:
    """Draw the values that are not known, where there are any."""
    unknown = found.found.get("unknown_values", {})
    if found.state != "planned" or not unknown:
        return
    with session.reading() as tx:
        fields = imports.value_fields(tx, found.of, attributes.beside_fields(tx, found.of.key))
        saved = imports.fitting(imports.mappings(tx, found.kind), found.header)
        keepable = saved is not None and imports.may_change(tx, found.kind, saved)
    with st.container(border=True):
        st.markdown("**" + tr("Values that are not known") + "**")
        options = Options()
        for key, texts in unknown.items():
            if key in fields:
                options = _field(found.id, fields[key], texts, options)
        with st.container(horizontal=True, vertical_alignment="center"):
            changed = bool(options.values or options.new_values)
            again = st.button(tr("Try again"), icon=":material/refresh:", disabled=not changed, key="map-values")
            keep = keepable and st.checkbox(
                tr("Keep in the mapping “{name}”", name=words.plain(saved)), True, key="keep-values"
            )
    if again:
        if keep and saved:
            session.done(imports.keep_values, found.kind, saved, options.values, options.new_values)
        if session.done(imports.map_values, found.id, options.values, options.new_values):
            st.rerun()


def _field(import_id: int, of: ValueField, texts: list[dict[str, Any]], options: Options) -> Options:
    """Draw the values of one field; the options with what is chosen about them."""
    st.caption(words.plain(of.label))
    for one in texts:
        text, proposed = one["text"], one["proposed"]
        key = f"unknown-{import_id}-{of.key}-{text}"
        first = values.VALUE + proposed if proposed in of.values else values.REJECT
        st.session_state.setdefault(key, first)
        is_proposal = bool(proposed) and st.session_state[key] == first
        chosen = values.row(of, text, one["rows"], key, proposed=is_proposal)
        if chosen != values.REJECT:
            options = values.with_choice(options, of.key, text, chosen)
    return options
