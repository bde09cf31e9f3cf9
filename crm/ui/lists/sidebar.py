"""In the sidebar of a list: its segments, each with how many it holds now."""

import streamlit as st

from crm import process, segments
from crm.segments import Segment
from crm.ui import address, kept, live, session, words

SHOWN = 12


@st.fragment
def show(kind: str) -> None:
    live.on_change("segment", key="sidebar-segments")
    with session.reading() as tx:
        found = segments.of_kind(tx, kind)
        actor = tx.actor
    if not found:
        return
    counts = kept.read(process.store(), actor, segments.counts, tuple(found[:SHOWN]))
    st.caption("Segments")
    here = address.record_id("segment")
    for segment in found[:SHOWN]:
        with st.container(key=f"{'here' if segment.id == here else 'elsewhere'}-{segment.id}"):
            _entry(segment, counts[segment.id])
    if len(found) > SHOWN:
        st.page_link("pages/segments.py", label=f"All {len(found)} segments", icon=":material/more_horiz:")


def label(segment: Segment, count: int | None) -> str:
    badge = ":red-badge[broken]" if count is None else f":gray-badge[{count:,}]"
    return f"{words.plain(segment.name)} {badge}"


def icon(segment: Segment) -> str:
    return ":material/group:" if segment.shared else ":material/donut_small:"


def _entry(segment: Segment, count: int | None) -> None:
    """A button and no link: a link to the page that one is on leaves its address as it was."""
    key = f"segment-{segment.id}"
    if st.button(label(segment, count), type="tertiary", icon=icon(segment), width="stretch", key=key):
        address.become({"segment": str(segment.id)})
        st.rerun()
