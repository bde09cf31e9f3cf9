"""Merging from a record's own page: with another record, after a hint, and undoing it."""

from typing import Any

import streamlit as st

from crm.foundation.access import Actor, Permission
from crm.foundation.errors import CrmError
from crm.foundation.language import current, later, tr
from crm.records import duplicates, merging, registry
from crm.records.merging import Merge
from crm.store import Reading
from crm.ui import record_links, refusals, session, words
from crm.ui.components.dialogs import dialog
from crm.ui.duplicates.address import go


def merge_with(kind: str, record: Any) -> None:
    go(kind, left=record.id)


def was_merged(_: Actor, record: Any) -> bool:
    """Whether any record was merged into this one, so that there is something to undo."""
    with session.reading() as tx:
        return merging.absorbed_any(tx, registry.type_of(record).key, record.id)


def choose_unmerge(kind: str, record: Any) -> None:
    """Open the dialog that undoes one of the merges into a record."""
    with session.reading() as tx:
        merges = merging.merges_into(tx, kind, record.id)
    if merges:
        ask_unmerge(*merges)


@dialog(later("Undo a merge"), icon=":material/undo:", width="medium")
def ask_unmerge(*merges: Merge) -> None:
    """Show what undoing the merge does and what stays, and do it; with several merges one is chosen first."""
    merge = merges[0]
    if len(merges) > 1:
        by_id = {each.id: each for each in merges}
        chosen = st.selectbox(
            tr("Which"), list(by_id), format_func=lambda each: by_id[each].absorbed_name, key="unmerge-which"
        )
        merge = by_id[chosen]
    with session.reading() as tx:
        try:
            stays = merging.would_stay(tx, merge.subject_kind, merge.id)
        except CrmError as refusal:
            refusals.show(refusal)
            return
        zone = tx.actor.time_zone
    absorbed, survivor = words.plain(merge.absorbed_name), words.plain(merge.survivor_name)
    st.markdown(
        tr(
            "**{absorbed}** comes back with everything it had, and **{survivor}** is as it was before {name} merged "
            "them, {moment}.",
            absorbed=absorbed,
            survivor=survivor,
            name=words.plain(merge.actor_name),
            moment=words.moment(merge.created_at, zone, current()),
        )
    )
    for sentence in stays:
        st.caption(f":material/info: {words.plain(sentence)}")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(tr("Keep merged"), key="unmerge-no"):
            st.rerun()
        confirmed = st.button(tr("Undo merge"), type="primary", icon=":material/undo:", key="unmerge-yes")
    if confirmed and session.done(merging.unmerge, merge.subject_kind, merge.id):
        st.rerun()


def hint(kind: str, record: Any) -> None:
    """Draw the hint that the last scan found another record like this one."""
    if not session.actor().may(Permission.MANAGE_CONTACTS):
        return
    with session.reading() as tx:
        pairs = duplicates.of_record(tx, kind, record.id)
    if not pairs:
        return
    pair = pairs[0]
    other = pair.right if pair.left.id == record.id else pair.left
    name, more = words.plain(other.shown_name), len(pairs) - 1
    why = ", ".join(tr(duplicates.SHORT[reason]).lower() for reason in pair.reasons)
    if more:
        sentence = tr("May be the same as **{name}**, and {count} more ({why}).", name=name, count=more, why=why)
    else:
        sentence = tr("May be the same as **{name}** ({why}).", name=name, why=why)
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/join_inner: {sentence}", width="stretch")
        if st.button(tr("Compare"), icon=":material/merge:", key="hint-compare"):
            # Of several the person chooses on the next page.
            go(kind, left=record.id, right=other.id if len(pairs) == 1 else 0)


def link_to_survivor(tx: Reading, kind: str, record_id: int) -> None:
    """Draw the way from a record that was merged to the one it is now, for those who may see that."""
    survivor_id = merging.survivor_of(tx, kind, record_id)
    if survivor_id is None:
        return
    st.info(tr("This {kind} was merged into another one.", kind=registry.get(kind).one), icon=":material/merge:")
    now = tr("Open the {kind} that it is now", kind=registry.get(kind).one)
    record_links.link(kind, survivor_id, now, icon=":material/arrow_forward:")
