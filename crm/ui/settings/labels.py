"""Settings › Labels: names, colours, and merging labels that mean the same."""

from functools import reduce
from typing import Any, cast

import streamlit as st

from crm.foundation.language import later, tr
from crm.records import labels, registry
from crm.records.declaration import RecordType
from crm.records.labels import COLOURS, Label, Uses
from crm.ui import session, words
from crm.ui.components.dialogs import dialog

NAMES = {
    "blue": later("blue"),
    "green": later("green"),
    "orange": later("orange"),
    "violet": later("violet"),
    "red": later("red"),
    "gray": later("gray"),
}
"""{colour of a label: its name}."""


def show() -> None:
    with session.reading() as tx:
        every, uses = labels.all_of(tx), labels.uses(tx)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(tr("Short words on contacts, deals and orders. A new name shows on all at once."), width="content")
        if st.button(tr("New label"), type="primary", icon=":material/new_label:"):
            _create()
    if not every:
        st.info(
            tr("There is no label yet. One is also made where it is put on a contact or a deal."),
            icon=":material/label:",
        )
    for label in every:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            with st.container(horizontal=True, vertical_alignment="center", width="stretch"):
                st.badge(words.plain(label.name), color=cast(words.Colour, label.colour), icon=":material/label:")
                st.caption(_used(uses.get(label.id, {})), width="content")
            if st.button(tr("Edit"), key=f"edit-label-{label.id}", icon=":material/edit:", type="tertiary"):
                _edit(label)
            if len(every) > 1 and st.button(
                tr("Merge"), key=f"merge-label-{label.id}", icon=":material/merge:", type="tertiary"
            ):
                _merge(label, uses.get(label.id, {}), [other for other in every if other.id != label.id])
            if st.button(tr("Delete"), key=f"delete-label-{label.id}", icon=":material/delete:", type="tertiary"):
                _delete(label, uses.get(label.id, {}))


def _used(uses: Uses) -> str:
    if not uses:
        return tr("on nothing")
    parts = [_many(many, registry.by_plural(kind)) for kind, many in uses.items()]
    return tr(
        "on {records}", records=reduce(lambda first, last: tr("{first} and {last}", first=first, last=last), parts)
    )


def _many(count: int, of: RecordType[Any]) -> str:
    return tr("{count:,} {kind}", count=count, kind=of.one if count == 1 else of.many)


@dialog(later("New label"), icon=":material/new_label:")
def _create() -> None:
    with st.form("new-label", border=False):
        name = st.text_input(tr("Name"), max_chars=40, required=True)
        colour = _colour(COLOURS[0])
        if st.form_submit_button(tr("Create"), type="primary", width="stretch") and session.done(
            labels.create, name or "", colour=colour
        ):
            st.rerun()


@dialog(later("Label"), icon=":material/label:")
def _edit(label: Label) -> None:
    with st.form(f"label-{label.id}", border=False):
        name = st.text_input(tr("Name"), label.name, max_chars=40, required=True)
        colour = _colour(label.colour)
        saved = st.form_submit_button(tr("Save"), type="primary", width="stretch")
    if saved and session.done(labels.change, label.id, name=name or "", colour=colour):
        st.rerun()


def _colour(now: str) -> str:
    return st.segmented_control(
        tr("Colour"),
        list(COLOURS),
        default=now,
        required=True,
        format_func=lambda colour: f":{colour}[:material/circle:] {tr(NAMES[colour])}",
    )


@dialog(later("Merge labels"), icon=":material/merge:")
def _merge(label: Label, used: Uses, others: list[Label]) -> None:
    into = st.selectbox(
        tr("Replace “{name}” with", name=words.plain(label.name)),
        others,
        format_func=lambda other: other.name,
    )
    st.caption(
        tr(
            "“{name}” is {used}. It will be gone, and the two cannot be separated again.",
            name=words.plain(label.name),
            used=_used(used),
        )
    )
    if st.button(tr("Merge"), type="primary", width="stretch") and session.done(labels.merge, label.id, into=into.id):
        st.rerun()


@dialog(later("Delete this label?"), icon=":material/delete:")
def _delete(label: Label, used: Uses) -> None:
    st.markdown(
        tr(
            "**{name}** is {used}. It goes from all of them for good; filters that ask for it are shown as broken.",
            name=words.plain(label.name),
            used=_used(used),
        )
    )
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(tr("Cancel")):
            st.rerun()
        if st.button(tr("Delete"), type="primary", icon=":material/delete:"):
            _deleted(label)


def _deleted(label: Label) -> None:
    if session.done(labels.delete, label.id):
        st.rerun()
