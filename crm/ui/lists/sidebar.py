"""The segments of a list in the sidebar, each with its current count."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from crm.foundation.errors import TooSlow
from crm.foundation.language import tr
from crm.records import registry, segments
from crm.records.declaration import BelongsTo, HasMany, RecordType
from crm.records.links.relations import related_types
from crm.records.segments import Segment
from crm.ui import live, refusals, session, words
from crm.ui.components import address

SHOWN = 12
Counts = Mapping[int, int | None]


@refusals.fragment
def show(kind: str) -> None:
    live.on_change("segment", *_deciding_types(registry.by_plural(kind)), key="sidebar-segments")
    with session.reading() as tx:
        found = segments.of_kind(tx, kind)
    if not found:
        return
    counts = counted(found[:SHOWN])
    st.caption(tr("Segments"))
    here = address.record_id("segment")
    for segment in found[:SHOWN]:
        with st.container(key=f"{'here' if segment.id == here else 'elsewhere'}-{segment.id}"):
            _entry(segment, counts)
    if len(found) > SHOWN:
        st.page_link(
            "pages/segments.py", label=tr("All {count} segments", count=len(found)), icon=":material/more_horiz:"
        )


def _deciding_types(of: RecordType[Any]) -> set[str]:
    """The keys of the types whose records decide what a segment holds: its own, and those that filters reach from it.
    Notes, which filters reach too, are no type of record."""
    parents = {str(of.references[link.by].to) for link in of.links if isinstance(link, BelongsTo)}
    children = {registry.by_plural(link.plural).key for link in of.links if isinstance(link, HasMany)}
    linked = {other.key for other in related_types(of)}
    return {of.key, *parents, *children, *linked}


def counted(found: Sequence[Segment]) -> Counts | None:
    """{id: count} of the segments; None where counting takes too long."""
    try:
        return session.read(segments.counts, tuple(found))
    except TooSlow:
        return None  # the segments are listed without counts, so that they can be opened and narrowed


def label(segment: Segment, counts: Counts | None) -> str:
    if counts is None:
        badge = words.badge(tr("too slow to count"), "orange")
    else:
        count = counts[segment.id]
        badge = words.badge(tr("broken"), "red") if count is None else tr(":gray-badge[{count:,}]", count=count)
    return f"{words.plain(segment.name)} {badge}"


def icon(segment: Segment) -> str:
    return ":material/group:" if segment.shared else ":material/donut_small:"


def _entry(segment: Segment, counts: Counts | None) -> None:
    # A button and no link: a link to the page that one is on leaves its address as it was.
    key = f"segment-{segment.id}"
    if st.button(label(segment, counts), type="tertiary", icon=icon(segment), width="stretch", key=key):
        address.become({"segment": str(segment.id)})
        st.rerun()
