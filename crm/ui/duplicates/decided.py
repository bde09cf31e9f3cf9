"""What was decided: pairs that are no duplicates and merges, each with the way back."""

import streamlit as st

from crm.foundation.language import current, tr
from crm.records import duplicates, merging
from crm.records.merging import Merge
from crm.ui import live, record_links, refusals, session, words
from crm.ui.components import address
from crm.ui.duplicates import cards
from crm.ui.duplicates import merging as merged_ui
from crm.ui.duplicates.address import Place

ROWS = 10


@refusals.fragment
def told_apart(place: Place) -> None:
    live.on_change(place.kind, key=f"apart-live-{place.kind}")
    offset = (address.number("page", 1, most=100_000) - 1) * ROWS
    with session.reading() as tx:
        items, total = duplicates.decided(tx, place.kind, ROWS, offset)
        zone = tx.actor.time_zone
    if not items:
        address.turn_back(total, ROWS)
        st.caption(tr("No {kinds} are marked as not duplicates.", kinds=place.type.many))
        return
    for decision in items:
        with st.container(border=True, gap="small"):
            cards.both(place.kind, (decision.left, decision.right), zone)
            with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                when = words.moment(decision.created_at, zone, current())
                st.caption(
                    tr(
                        "Marked as not duplicates by {name}, {when}",
                        name=words.plain(decision.actor_name),
                        when=when,
                    )
                )
                name = f"{decision.left.id}-{decision.right.id}"
                st.button(
                    tr("Suggest again"),
                    type="tertiary",
                    icon=":material/undo:",
                    key=f"again-{name}",
                    on_click=session.attempt,
                    args=(duplicates.unmark_distinct, place.kind, decision.left.id, decision.right.id),
                )
    address.pages(total, ROWS, key="apart-page")


@refusals.fragment
def merged(place: Place) -> None:
    live.on_change(place.kind, "duplicate_run", key=f"merged-live-{place.kind}")
    offset = (address.number("page", 1, most=100_000) - 1) * ROWS
    with session.reading() as tx:
        items = merging.merges(tx, place.kind, ROWS, offset)
        total = merging.count(tx, place.kind)
        last = duplicates.last(tx, place.kind, "merge")
        undoable = duplicates.undoable_merges(tx, last.id) if last else 0
        zone = tx.actor.time_zone
    if not items:
        address.turn_back(total, ROWS)
        st.caption(tr("No {kinds} are merged.", kinds=place.type.many))
        return
    if last and undoable > 1:
        _undo_run(last.id, undoable, words.moment(last.created_at, zone, current()))
    for merge in items:
        _row(merge, zone)
    address.pages(total, ROWS, key="merged-page")


def _undo_run(run_id: int, undoable: int, when: str) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        made = tr("**{count:,} merges** were made at once, {when}.", count=undoable, when=when)
        st.markdown(f":material/checklist: {made}", width="stretch")
        if st.button(tr("Undo all of them"), icon=":material/undo:", key="unmerge-run"):
            session.attempt(duplicates.unmerge_all, run_id)
            st.rerun()


def _row(merge: Merge, zone: str) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(gap="xxsmall", width="stretch"):
            record_links.link(merge.subject_kind, merge.survivor_id, f"**{words.plain(merge.survivor_name)}**")
            st.caption(
                tr(
                    "merged with “{absorbed}” · {name}, {moment}",
                    absorbed=words.plain(merge.absorbed_name),
                    name=words.plain(merge.actor_name),
                    moment=words.moment(merge.created_at, zone, current()),
                )
            )
        if st.button(tr("Undo"), icon=":material/undo:", key=f"take-back-{merge.id}"):
            merged_ui.ask_unmerge(merge)
