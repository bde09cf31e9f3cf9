"""Segments: every filter saved under a name, with how many records it holds now and its conditions."""

import streamlit as st

from crm.foundation.language import capitalized, listed, tr
from crm.platform import workspace
from crm.records import filtering, filters, registry, segments
from crm.records.declaration import Trait
from crm.records.segments import Segment
from crm.store import Reading
from crm.ui import live, record_links, refusals, session, words
from crm.ui.lists import sidebar


def sentence(tx: Reading, segment: Segment) -> str:
    found = tr("Found by “{search}”", search=segment.search) if segment.search else ""
    conditions = filtering.sentence(tx, segment.filter, segment.kind) if segment.filter else ""
    return listed([part for part in (found, conditions) if part])


def link_target(segment: Segment) -> tuple[str | st.Page, dict[str, str]]:
    """The page that shows the segment's records, and the words of its address."""
    page = record_links.page(record_links.list_page(registry.by_plural(segment.kind)))
    if segment.kind != "deals":
        return page, {"segment": str(segment.id)}
    # Deals have no list of segments, only the pipeline's table, which takes filter and search themselves.
    criteria = {"filter": filters.dump(segment.filter), "q": segment.search}
    return page, {"show": "table", **{word: text for word, text in criteria.items() if text}}


def row(segment: Segment, counts: sidebar.Counts | None, described: str, *, own: bool) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(gap=None, width="stretch"):
            page, words_of_address = link_target(segment)
            st.page_link(
                page,
                label=sidebar.label(segment, counts),
                icon=sidebar.icon(segment),
                query_params=words_of_address,
                width="stretch",
            )
            st.caption(words.plain(described))
        whose = tr("Yours") if own else tr("By {name}", name=words.plain(segment.user_name))
        st.caption(tr("{whose} · shared", whose=whose) if segment.shared else whose, width="content")


@refusals.fragment
def every_segment() -> None:
    live.on_change("segment", *(of.key for of in registry.having(Trait.SEGMENTS)), key="segments-live")
    with session.reading() as tx:
        found = segments.of_kind(tx)
        sentences = {segment.id: sentence(tx, segment) for segment in found}
        actor, limit = tx.actor, workspace.get(tx).segment_limit
    if not found:
        with st.container(border=True, horizontal_alignment="center"):
            st.subheader(tr("No segments yet"), anchor=False, width="content")
            st.caption(tr("Filter a list, then keep the filter under a name: “Save as segment”."), width="content")
            st.page_link("pages/contacts.py", label=tr("Contacts"), icon=":material/contacts:", width="content")
        return
    counts = sidebar.counted(found)
    for kind in segments.kinds():
        of_this = [segment for segment in found if segment.kind == kind]
        if of_this:
            st.subheader(capitalized(registry.many_of(kind)), anchor=False)
        for segment in of_this:
            row(segment, counts, sentences[segment.id], own=segment.user_id == actor.id)
    own = sum(segment.user_id == actor.id for segment in found)
    st.caption(tr("{own:,} of the {limit:,} segments that you may keep.", own=own, limit=limit))


st.title(tr("Segments"), anchor=False)
every_segment()
