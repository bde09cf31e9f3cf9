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
            link(segment, counts[segment.id])
    if len(found) > SHOWN:
        st.page_link("pages/segments.py", label=f"All {len(found)} segments", icon=":material/more_horiz:")


def link(segment: Segment, count: int | None) -> None:
    badge = ":red-badge[broken]" if count is None else f":gray-badge[{count:,}]"
    st.page_link(
        f"pages/{segment.kind}.py",
        label=f"{words.plain(segment.name)} {badge}",
        icon=":material/group:" if segment.shared else ":material/donut_small:",
        query_params={"segment": str(segment.id)},
        width="stretch",
    )
