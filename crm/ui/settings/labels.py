"""Settings › Labels: names, colours, and merging labels that mean the same."""

from typing import Any, cast

import streamlit as st

from crm.records import labels, registry
from crm.records.declaration import RecordType
from crm.records.labels import COLOURS, Label, Uses
from crm.ui import session, words


def show() -> None:
    with session.reading() as tx:
        every, uses = labels.all_of(tx), labels.uses(tx)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption("Short words on contacts, deals and orders. A new name shows on all at once.", width="content")
        if st.button("New label", type="primary", icon=":material/new_label:"):
            _create()
    if not every:
        st.info(
            "There is no label yet. One is also made where it is put on a contact or a deal.",
            icon=":material/label:",
        )
    for label in every:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            with st.container(horizontal=True, vertical_alignment="center", width="stretch"):
                st.badge(words.plain(label.name), color=cast(words.Colour, label.colour), icon=":material/label:")
                st.caption(_used(uses.get(label.id, {})), width="content")
            if st.button("Edit", key=f"edit-label-{label.id}", icon=":material/edit:", type="tertiary"):
                _edit(label)
            if len(every) > 1 and st.button(
                "Merge", key=f"merge-label-{label.id}", icon=":material/merge:", type="tertiary"
            ):
                _merge(label, uses.get(label.id, {}), [other for other in every if other.id != label.id])
            if st.button("Delete", key=f"delete-label-{label.id}", icon=":material/delete:", type="tertiary"):
                _delete(label, uses.get(label.id, {}))


def _used(uses: Uses) -> str:
    parts = [_many(many, registry.by_plural(plural)) for plural, many in uses.items()]
    return "on " + (" and ".join(parts) or "nothing")


def _many(count: int, of: RecordType[Any]) -> str:
    return f"{count:,} {of.key if count == 1 else of.plural}"


@st.dialog("New label", icon=":material/new_label:")
def _create() -> None:
    with st.form("new-label", border=False):
        name = st.text_input("Name", max_chars=40, required=True)
        colour = _colour(COLOURS[0])
        if st.form_submit_button("Create", type="primary", width="stretch") and session.done(
            labels.create, name or "", colour=colour
        ):
            st.rerun()


@st.dialog("Label", icon=":material/label:")
def _edit(label: Label) -> None:
    with st.form(f"label-{label.id}", border=False):
        name = st.text_input("Name", label.name, max_chars=40, required=True)
        colour = _colour(label.colour)
        saved = st.form_submit_button("Save", type="primary", width="stretch")
    if saved and session.done(labels.change, label.id, name=name or "", colour=colour):
        st.rerun()


def _colour(now: str) -> str:
    return st.segmented_control(
        "Colour",
        list(COLOURS),
        default=now,
        required=True,
        format_func=lambda colour: f":{colour}[:material/circle:] {colour}",
    )


@st.dialog("Merge labels", icon=":material/merge:")
def _merge(label: Label, used: Uses, others: list[Label]) -> None:
    into = st.selectbox(
        f"Instead of “{words.plain(label.name)}”, what has it has", others, format_func=lambda other: other.name
    )
    st.caption(f"“{words.plain(label.name)}” is {_used(used)}. It will be gone, and the two cannot be separated again.")
    if st.button("Merge", type="primary", width="stretch") and session.done(labels.merge, label.id, into=into.id):
        st.rerun()


@st.dialog("Delete this label?", icon=":material/delete:")
def _delete(label: Label, used: Uses) -> None:
    st.markdown(
        f"**{words.plain(label.name)}** is {_used(used)}. It goes from all of them for good; filters that ask for it "
        "are shown as broken."
    )
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep it"):
            st.rerun()
        if st.button("Delete it", type="primary", icon=":material/delete:"):
            _deleted(label)


def _deleted(label: Label) -> None:
    if session.done(labels.delete, label.id):
        st.rerun()
