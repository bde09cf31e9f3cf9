"""The bar of the open segment, and the way to save what a list shows as one."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from crm.foundation.access import Permission
from crm.foundation.language import later, listed, tr
from crm.records import filtering, filters, segments
from crm.records.declaration import RecordType
from crm.records.segments import Segment
from crm.store import Reading
from crm.ui import session, words
from crm.ui.components import address
from crm.ui.forms import drawer_form
from crm.ui.lists import saved_query_dialogs
from crm.ui.lists.url_state import ListState

SAVING, RENAMING, DELETING = "save-segment", "rename-segment", "delete-segment"
"""Dialogs, by the name that `drawer_form` knows each by."""

EDITING = "editing"
"""Word of the address for the segment whose criteria the list's filter and search are to become."""


def under_title(segment: Segment, of: RecordType[Any]) -> None:
    """Draw the segment's criteria in words, and its owner."""
    with session.reading() as tx:
        what = criteria_in_words(tx, segment, of)
        own = segment.user_id == tx.actor.id
    whose = tr("yours") if own else tr("by {name}", name=words.plain(segment.user_name))
    if segment.shared:
        whose = tr("{whose}, shared with everybody", whose=whose)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            tr("All {kinds}", kinds=of.many),
            type="tertiary",
            icon=":material/arrow_back:",
            key=f"{of.plural}-leave-segment",
            on_click=address.become,
            args=({},),
        )
        st.caption(f"{what} · {whose}", width="content")


def criteria_in_words(tx: Reading, segment: Segment, of: RecordType[Any]) -> str:
    """As Markdown, in which people's words are plain."""
    parts = []
    if segment.search:
        parts.append(tr("found by “{search}”", search=words.plain(segment.search)))
    if segment.filter:
        parts.append(words.plain(filtering.sentence(tx, segment.filter, of.plural)))
    return listed(parts)


def menu(segment: Segment, of: RecordType[Any]) -> None:
    """The menu of the open segment: what this person may do with it."""
    actor = session.actor()
    own = segment.user_id == actor.id
    offered: dict[str, tuple[str, Callable[[Segment, RecordType[Any]], None]]] = {}
    if own:
        offered[later("Rename")] = ("edit", lambda *_: drawer_form.start(RENAMING))
        offered[later("Edit criteria")] = ("tune", _edit_criteria)
        offered[later("Stop sharing") if segment.shared else later("Share with everybody")] = ("group", _share)
    offered[later("Duplicate")] = ("content_copy", _duplicate)
    if own or actor.may(Permission.MANAGE_SETTINGS):
        offered[later("Delete")] = ("delete", lambda *_: drawer_form.start(DELETING))
    chosen = st.menu_button(
        tr("Segment"),
        list(offered),
        format_func=lambda label: f":material/{offered[label][0]}: {tr(label)}",
        icon=":material/donut_small:",
        key="segment-menu",
    )
    if chosen:
        offered[chosen][1](segment, of)
    if drawer_form.is_open(RENAMING):
        saved_query_dialogs.rename(later("segment"), segment, segments.edit)
    if drawer_form.is_open(DELETING):
        saved_query_dialogs.delete("segment", segment, segments.delete, contents=of.plural, then=lambda: _go({}))


def offer_to_save(of: RecordType[Any], state: ListState) -> None:
    """Offer to save what the list is narrowed to as a segment, or as the criteria of the segment that is edited."""
    if address.get(EDITING):
        _offer_to_replace(of, state)
    elif state.narrowed:
        st.button(
            tr("Save as segment"),
            type="tertiary",
            icon=":material/bookmark_add:",
            key=f"{of.plural}-save-segment",
            on_click=drawer_form.start,
            args=(SAVING,),
        )
        if drawer_form.is_open(SAVING):
            _save_as(of, state)


def _offer_to_replace(of: RecordType[Any], state: ListState) -> None:
    segment_id = address.record_id(EDITING)
    back = {"segment": str(segment_id)}
    if st.button(tr("Save criteria"), type="primary", icon=":material/save:", key="segment-save-criteria"):
        query = state.query
        if session.done(segments.edit, segment_id, filter=query.filter, search=query.search):
            _go(back)
    if st.button(tr("Cancel"), type="tertiary", icon=":material/close:", key="segment-keep-criteria"):
        _go(back)


def _save_as(of: RecordType[Any], state: ListState) -> None:
    saved_query_dialogs.save_as(
        "segment",
        later("Save as segment"),
        segments.create,
        {"kind": of.plural, "filter": state.whole_filter, "search": state.whole_search},
        placeholder=later("VIPs in Recife"),
        contents=later("records"),
        then=lambda made: _go({"segment": str(made.id)}),
    )


def _edit_criteria(segment: Segment, of: RecordType[Any]) -> None:
    """Show the list with the segment's criteria as its own search and filter, to be changed and saved."""
    query = {EDITING: str(segment.id), "filter": filters.dump(segment.filter), "q": segment.search}
    _go({name: word for name, word in query.items() if word})


def _share(segment: Segment, of: RecordType[Any]) -> None:
    if session.done(segments.edit, segment.id, shared=not segment.shared):
        st.rerun()


def _duplicate(segment: Segment, of: RecordType[Any]) -> None:
    made = session.attempt(segments.duplicate, segment.id)
    if made:
        _go({"segment": str(made.id)})


def _go(words: Mapping[str, str]) -> None:
    address.become(words)
    st.rerun()
