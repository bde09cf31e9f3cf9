"""The labels that links to the records of a type may have: student, guardian. Add, rename, put in order, delete."""

import streamlit as st

from crm.foundation.language import plural, tr
from crm.objects import ObjectType
from crm.records import links
from crm.records.links import LinkLabel
from crm.ui import session, words
from crm.ui.components import lazy, sorting


def show(of: ObjectType) -> None:
    with session.reading() as tx:
        known = links.labels(tx, of.kind)
        uses = {label.id: links.uses(tx, label.id) for label in known}
    st.caption(tr("What a contact or a deal is to the record: a link may have one of these, such as “student”."))
    for label in known:
        _row(label, uses[label.id], known)
    form = st.form(f"add-link-label-{of.id}", clear_on_submit=True, border=False)
    with form, st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(tr("New label"), placeholder=tr("New label"), max_chars=40, label_visibility="collapsed")
        added = st.form_submit_button(tr("Add"), icon=":material/add:")
    if added and session.done(links.add_label, of.kind, name or ""):
        st.rerun()
    if len(known) > 1:
        with st.expander(tr("Change the order"), icon=":material/swap_vert:"):
            names = {label.id: label.name for label in known}
            arranged = sorting.in_order(names, key=f"link-labels-{of.id}-{'-'.join(map(str, names))}")
            if arranged and session.done(links.reorder_labels, of.kind, arranged):
                st.rerun()


def _row(label: LinkLabel, uses: int, known: list[LinkLabel]) -> None:
    """Draw a label; a new name is written at once."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        name = st.text_input(
            tr("Label"),
            label.name,
            max_chars=40,
            label_visibility="collapsed",
            # Somebody else's rename is another box: this one would write the old name back.
            key=f"link-label-{label.id}-{label.name}",
        )
        st.caption(plural("{count:,} link", "{count:,} links", uses), width=96, text_alignment="right")
        lazy.popover(
            tr("Delete"),
            lambda: _delete(label, uses, known),
            key=f"link-label-{label.id}-delete",
            icon=":material/delete:",
            type="tertiary",
        )
    if name != label.name and session.done(links.rename_label, label.id, name or ""):
        st.rerun()


def _delete(label: LinkLabel, uses: int, known: list[LinkLabel]) -> None:
    others = {other.id: other.name for other in known if other.id != label.id}
    into = None
    if uses:
        into = st.selectbox(
            tr("Replace “{name}” with", name=words.plain(label.name)),
            [None, *others],
            format_func=lambda other: tr("no label") if other is None else others[other],
            key=f"link-label-{label.id}-into",
        )
    if st.button(
        tr("Delete"), type="primary", icon=":material/delete:", key=f"link-label-{label.id}-really"
    ) and session.done(links.delete_label, label.id, into=into):
        st.rerun()
