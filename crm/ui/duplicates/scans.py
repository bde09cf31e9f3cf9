"""Scans for duplicates, and merges of many pairs: start, progress, result."""

import streamlit as st

from crm.foundation.language import current, plural, tr
from crm.records import duplicates, merging
from crm.records.duplicates import Run
from crm.ui import live, refusals, session, words


def again(kind: str) -> None:
    """Draw the button for another scan, once there was one and none is at work."""
    with session.reading() as tx:
        last = duplicates.last(tx, kind)
    if last and not last.at_work:
        button(kind)


def button(kind: str, *, first: bool = False) -> None:
    if st.button(
        tr("Scan now"), type="primary" if first else "secondary", icon=":material/manage_search:", key=f"scan-{kind}"
    ):
        session.attempt(duplicates.scan, kind)
        st.rerun()


@refusals.fragment
def summary(kind: str) -> None:
    """Draw the progress of what is at work, or the result of the last scan."""
    live.on_change("duplicate_run", key=f"run-live-{kind}")
    with session.reading() as tx:
        last = duplicates.last(tx, kind)
        scanned = duplicates.last(tx, kind, "scan")
        now = tx.now
    watched = f"watched-run-{kind}"
    if last and last.at_work:
        st.session_state[watched] = last.id
        _progress(kind, last)
    elif last and st.session_state.pop(watched, None) == last.id:
        st.rerun()  # the whole page: list and button stand outside of this fragment
    elif last and last.state == "failed":
        st.error(words.plain(last.message), icon=":material/error:")
    elif scanned and scanned.finished_at:
        st.caption(
            plural(
                "Scanned {ago}: {count:,} possible duplicate among all {kinds}.",
                "Scanned {ago}: {count:,} possible duplicates among all {kinds}.",
                scanned.total,
                ago=words.ago(scanned.finished_at, now, current()),
                kinds=merging.mergeable(kind).many,
            )
        )


def _progress(kind: str, run: Run) -> None:
    if run.task == "scan":
        with st.container(horizontal=True, vertical_alignment="center"):
            comparing = tr("Comparing all {kinds} …", kinds=merging.mergeable(kind).many)
            st.spinner(comparing)
            working = tr("You can go on working.")
            st.caption(f":material/hourglass_top: {comparing} {working}", width="stretch")
        return
    done = run.done + run.left_alone
    what = tr("Merging") if run.task == "merge" else tr("Undoing merges")
    _watch(run.id, what, done, run.total)


@refusals.fragment(run_every=1.0)
def _watch(run_id: int, what: str, done: int, total: int) -> None:
    with session.reading() as tx:
        run = duplicates.get(tx, run_id)
    if not run.at_work:
        st.rerun()
    done = run.done + run.left_alone
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(
            min(done / max(run.total, 1), 1.0),
            tr("{what}: {done:,} of {count:,}", what=what, done=done, count=run.total),
        )
        if st.button(tr("Cancel"), type="tertiary", icon=":material/close:", key=f"cancel-run-{run_id}"):
            session.attempt(duplicates.cancel, run_id)
            st.rerun()
