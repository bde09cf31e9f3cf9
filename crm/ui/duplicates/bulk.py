"""Deciding all pairs of the list at once, after a look at them, and the offer to undo a merge."""

import streamlit as st

from crm.foundation.language import later
from crm.records import duplicates, merging
from crm.records.duplicates import Pair, PairPage, PairQuery
from crm.ui import session, words
from crm.ui.components.dialogs import dialog

_KEY = "just-merged"
SAMPLES = 5
MERGE, APART = "Merge all", "Mark all as not duplicates"


def menu(query: PairQuery, found: PairPage) -> None:
    chosen = st.menu_button("Bulk actions", [MERGE, APART], icon=":material/checklist:", key="pairs-bulk")
    if chosen == MERGE:
        _ask_merge(query, found)
    if chosen == APART:
        _ask_apart(query, found)


@dialog(later("Merge all?"), icon=":material/merge:")
def _ask_merge(query: PairQuery, found: PairPage) -> None:
    st.markdown(
        f"**{_pairs(found)}**{_narrowing(query)}, the likeliest first. Of each, the record that says more stays, and "
        "takes what only the other one says. Where both say something, the one that stays is right."
    )
    for pair in found.items[:SAMPLES]:
        st.caption(_line(pair))
    if found.total > SAMPLES:
        st.caption(f"… and {found.total - SAMPLES:,} more")
    st.caption(":material/undo: It can be undone as a whole under “Merged”.")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Cancel", key="merge-all-no"):
            st.rerun()
        confirmed = st.button(f"Merge {_pairs(found)}", type="primary", icon=":material/merge:", key="merge-all-yes")
    if confirmed and session.done(duplicates.merge_all, query):
        st.rerun()


@dialog(later("Not duplicates?"), icon=":material/call_split:")
def _ask_apart(query: PairQuery, found: PairPage) -> None:
    st.markdown(
        f"**{_pairs(found)}**{_narrowing(query)} will not be brought up again, for anybody. "
        "They stay under “Not duplicates”."
    )
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Cancel", key="apart-all-no"):
            st.rerun()
        confirmed = st.button(
            "Mark as not duplicates", type="primary", icon=":material/call_split:", key="apart-all-yes"
        )
    if confirmed and session.done(duplicates.mark_all_distinct, query) is not None:
        st.rerun()


def remember(kind: str, merge_id: int, shown: str) -> None:
    """Keep a merge that was just made, for the inbox to offer its undoing."""
    st.session_state[_KEY] = (kind, merge_id, shown)


def offer_undo() -> None:
    if _KEY not in st.session_state:
        return
    kind, merge_id, shown = st.session_state[_KEY]
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/merge: **{words.plain(shown)}** is one {kind} now.", width="stretch")
        if st.button("Undo merge", icon=":material/undo:", key="unmerge-just-merged"):
            del st.session_state[_KEY]
            if session.done(merging.unmerge, kind, merge_id):
                st.rerun()
        if st.button("Dismiss", type="tertiary", icon=":material/close:", key="dismiss-just-merged"):
            del st.session_state[_KEY]
            st.rerun()


def _pairs(found: PairPage) -> str:
    return f"{found.total:,} {'pair' if found.total == 1 else 'pairs'}"


def _narrowing(query: PairQuery) -> str:
    parts = [
        f"with a score of {query.least_score} or more" if query.least_score else "",
        f"because of “{duplicates.SHORT[query.reason]}”" if query.reason else "",
        f"that “{words.plain(query.search)}” finds" if query.search else "",
    ]
    return "".join(f" {part}" for part in parts if part)


def _line(pair: Pair) -> str:
    return f"{pair.score} · {words.plain(pair.left.shown_name)} and {words.plain(pair.right.shown_name)}"
