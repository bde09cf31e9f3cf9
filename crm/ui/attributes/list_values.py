"""The values of a list attribute: add, rename, order by dragging, delete."""

import streamlit as st

from crm.foundation.language import tr, tr_as
from crm.records import attributes, registry
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
    mode = st.radio(
        tr("Way"),
        ["Names", "Order"],
        format_func=_name_of_way,
        horizontal=True,
        label_visibility="collapsed",
        key="values-way",
    )
    if mode == "Order":
        _order(definition, values)
        return
    _add(definition)
    if not values:
        st.info(tr("The list is empty: nothing can be chosen yet."), icon=":material/list:")
    for value in _shown_values(values):
        _row(definition, value, values)


def _name_of_way(way: str) -> str:
    return tr_as("sequence", "Order") if way == "Order" else tr("Names")


def _shown_values(values: list[ListValue]) -> list[ListValue]:
    if len(values) <= SHOWN:
        return values
    search = st.text_input(
        tr("Search"),
        type="search",
        live=True,
        placeholder=tr("Find a value"),
        label_visibility="collapsed",
        key="values-search",
    )
    found = [value for value in values if (search or "").casefold() in value.name.casefold()]
    st.caption(tr("{shown} of {count} values", shown=min(len(found), SHOWN), count=len(found)))
    return found[:SHOWN]


def _add(definition: Definition) -> None:
    with (
        st.form(f"add-values-{definition.id}", clear_on_submit=True, border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        given = st.text_area(
            tr("New values, one a line"),
            height=68,
            placeholder=tr("New values, one a line"),
            label_visibility="collapsed",
        )
        added = st.form_submit_button(tr("Add"), icon=":material/add:")
    if added:
        names = [line for line in (given or "").splitlines() if line.strip()]
        _rerun_if_done(session.attempt(attributes.add_values, definition.id, names))


def _row(definition: Definition, value: ListValue, values: list[ListValue]) -> None:
    """Draw a value; a new name is written at once."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        name = st.text_input(
            tr("Value"),
            value.name,
            max_chars=200,
            label_visibility="collapsed",
            # Somebody else's rename raises the version: the box then shows it, where it would write the old name back.
            key=f"value-{value.id}-{definition.version}",
        )
        st.caption(type_names.records(value.records, definition.model), width="content")
        if st.button("", icon=":material/delete:", type="tertiary", help=tr("Delete"), key=f"delete-value-{value.id}"):
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
                tr(
                    "**{name}** is {on_records}. Replace it with",
                    name=words.plain(value.name),
                    on_records=type_names.records(value.records, definition.model),
                )
            )
            into = st.selectbox(
                tr("Replace it with"),
                [None, *others],
                format_func=lambda other: tr("no value") if other is None else others[other],
                label_visibility="collapsed",
                key=f"into-{value.id}",
            )
        else:
            kind, name = registry.one_of(definition.model), words.plain(value.name)
            st.markdown(tr("No {kind} that you see holds **{name}**.", kind=kind, name=name))
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button(tr("Keep"), key=f"keep-{value.id}"):
                del st.session_state[_DELETING]
                st.rerun()
            if st.button(tr("Delete"), type="primary", icon=":material/delete:", key=f"really-{value.id}"):
                _rerun_if_done(session.attempt(attributes.delete_value, value.id, into=into, leave_empty=into is None))


def _order(definition: Definition, values: list[ListValue]) -> None:
    st.caption(tr("Drag the values into the order in which people choose from them."))
    arranged = sorting.in_order(
        {value.id: value.name for value in values}, key=f"values-{definition.id}-{definition.version}"
    )
    if arranged:
        _rerun_if_done(session.attempt(attributes.reorder_values, definition.id, arranged))


def _rerun_if_done(done: Definition | None) -> None:
    if done is not None:
        st.session_state.pop(_DELETING, None)
        st.rerun()
