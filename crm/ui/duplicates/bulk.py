"""Deciding all pairs of the list at once, after a look at them."""

import streamlit as st

from crm.foundation.language import later, listed, plural, tr
from crm.records import duplicates
from crm.records.duplicates import Pair, PairPage, PairQuery
from crm.ui import session, words
from crm.ui.components.dialogs import dialog

SAMPLES = 5
MERGE, APART = later("Merge all"), later("Mark all as not duplicates")


def menu(query: PairQuery, found: PairPage) -> None:
    chosen = st.menu_button(
        tr("Bulk actions"), [MERGE, APART], format_func=tr, icon=":material/checklist:", key="pairs-bulk"
    )
    if chosen == MERGE:
        _ask_merge(query, found)
    if chosen == APART:
        _ask_apart(query, found)


@dialog(later("Merge all?"), icon=":material/merge:")
def _ask_merge(query: PairQuery, found: PairPage) -> None:
    st.markdown(
        tr(
            "**{pairs}**{narrowing}, the likeliest first. Of each, the record that says more stays, and takes what "
            "only the other one says. Where both say something, the one that stays is right.",
            pairs=_pairs(found),
            narrowing=_narrowing(query),
        )
    )
    for pair in found.items[:SAMPLES]:
        st.caption(_line(pair))
    if found.total > SAMPLES:
        st.caption(tr("… and {count:,} more", count=found.total - SAMPLES))
    undone = tr("It can be undone as a whole under “Merged”.")
    st.caption(f":material/undo: {undone}")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(tr("Cancel"), key="merge-all-no"):
            st.rerun()
        confirmed = st.button(
            tr("Merge {pairs}", pairs=_pairs(found)), type="primary", icon=":material/merge:", key="merge-all-yes"
        )
    if confirmed and session.done(duplicates.merge_all, query):
        st.rerun()


@dialog(later("Not duplicates?"), icon=":material/call_split:")
def _ask_apart(query: PairQuery, found: PairPage) -> None:
    st.markdown(
        tr(
            "**{pairs}**{narrowing} will not be brought up again, for anybody. They stay under “Not duplicates”.",
            pairs=_pairs(found),
            narrowing=_narrowing(query),
        )
    )
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(tr("Cancel"), key="apart-all-no"):
            st.rerun()
        confirmed = st.button(
            tr("Mark as not duplicates"), type="primary", icon=":material/call_split:", key="apart-all-yes"
        )
    if confirmed and session.done(duplicates.mark_all_distinct, query) is not None:
        st.rerun()


def _pairs(found: PairPage) -> str:
    return plural("{count:,} pair", "{count:,} pairs", found.total)


def _narrowing(query: PairQuery) -> str:
    parts = [
        tr("with a score of {score} or more", score=query.least_score) if query.least_score else "",
        tr("because of “{reason}”", reason=tr(duplicates.SHORT[query.reason])) if query.reason else "",
        tr("that “{search}” finds", search=words.plain(query.search)) if query.search else "",
    ]
    return "".join(f" {part}" for part in parts if part)


def _line(pair: Pair) -> str:
    names = [words.plain(side.shown_name) for side in (pair.left, pair.right)]
    return f"{pair.score} · {listed(names)}"
