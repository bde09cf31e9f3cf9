"""The values of a list attribute: add, rename, order by dragging, delete."""

import streamlit as st

from crm.records import attributes
from crm.records.attributes import Definition, ListValue
from crm.ui import session, words
from crm.ui.attributes import type_names
from crm.ui.components import sorting

SHOWN = 30
"""Values with widgets of their own; a search finds the others."""

_DELETING = "value-to-delete"


def show(definition: Definition) -> None:
    with session.reading() as tx:
        values = attributes.list_values(tx, definition.id)
    mode = st.radio("Way", ["Names", "Order"], horizontal=True, label_visibility="collapsed", key="values-way")
    if mode == "Order":
        _order(definition, values)
        return
    _add(definition)
    if not values:
        st.info("The list is empty: nothing can be chosen yet.", icon=":material/list:")
    for value in _shown_values(values):
        _row(definition, value, values)


def _shown_values(values: list[ListValue]) -> list[ListValue]:
    if len(values) <= SHOWN:
        return values
    search = st.text_input(
        "Search",
        type="search",
        live=True,
        placeholder="Find a value",
        label_visibility="collapsed",
        key="values-search",
    )
    found = [value for value in values if (search or "").casefold() in value.name.casefold()]
    st.caption(f"{min(len(found), SHOWN)} of {len(found)} values")
    return found[:SHOWN]


def _add(definition: Definition) -> None:
    with (
        st.form(f"add-values-{definition.id}", clear_on_submit=True, border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        given = st.text_area(
            "New values, one a line", height=68, placeholder="New values, one a line", label_visibility="collapsed"
        )
        added = st.form_submit_button("Add", icon=":material/add:")
    if added:
        names = [line for line in (given or "").splitlines() if line.strip()]
        _rerun_if_done(session.attempt(attributes.add_values, definition.id, names))


def _row(definition: Definition, value: ListValue, values: list[ListValue]) -> None:
    """Draw a value; a new name is written at once."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        name = st.text_input(
            "Value",
            value.name,
            max_chars=200,
            label_visibility="collapsed",
            # Somebody else's rename raises the version: the box then shows it, where it would write the old name back.
            key=f"value-{value.id}-{definition.version}",
        )
        st.caption(type_names.records(value.records, definition.model), width="content")
        if st.button("", icon=":material/delete:", type="tertiary", help="Delete", key=f"delete-value-{value.id}"):
            st.session_state[_DELETING] = value.id
    if name != value.name:
        _rerun_if_done(session.attempt(attributes.rename_value, value.id, name or ""))
    if st.session_state.get(_DELETING) == value.id:
        _delete(definition, value, values)


def _delete(definition: Definition, value: ListValue, values: list[ListValue]) -> None:
    with st.container(border=True):
        others = {other.id: other.name for other in values if other.id != value.id}
        into = None
        if value.records:
            st.markdown(
                f"**{words.plain(value.name)}** is {type_names.records(value.records, definition.model)}. "
                "Replace it with"
            )
            into = st.selectbox(
                "Replace it with",
                [None, *others],
                format_func=lambda other: "no value" if other is None else others[other],
                label_visibility="collapsed",
                key=f"into-{value.id}",
            )
        else:
            st.markdown(f"No {definition.model} that you see holds **{words.plain(value.name)}**.")
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button("Keep", key=f"keep-{value.id}"):
                del st.session_state[_DELETING]
                st.rerun()
            if st.button("Delete", type="primary", icon=":material/delete:", key=f"really-{value.id}"):
                _rerun_if_done(session.attempt(attributes.delete_value, value.id, into=into, leave_empty=into is None))


def _order(definition: Definition, values: list[ListValue]) -> None:
    st.caption("Drag the values into the order in which people choose from them.")
    arranged = sorting.in_order(
        {value.id: value.name for value in values}, key=f"values-{definition.id}-{definition.version}"
    )
    if arranged:
        _rerun_if_done(session.attempt(attributes.reorder_values, definition.id, arranged))


def _rerun_if_done(done: Definition | None) -> None:
    if done is not None:
        st.session_state.pop(_DELETING, None)
        st.rerun()
