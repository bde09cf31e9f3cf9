"""The page of a list, from its title to its pager."""

from collections.abc import Sequence

import streamlit as st

from crm.foundation.access import Permission
from crm.records.filters import FieldSet
from crm.records.listing import Page
from crm.ui import live, refusals, session, words
from crm.ui.components import address, quick_filters
from crm.ui.forms import drawer_form, record_form
from crm.ui.lists import bulk, columns, exporting, history, picking, segment_bar, url_state
from crm.ui.lists.noun import Column, Noun
from crm.ui.lists.url_state import ROWS, ListState
from crm.ui.records import just_binned


def show(noun: Noun) -> None:
    _title(noun)
    just_binned.offer()
    bulk.offer_way_back(noun)

    @refusals.fragment
    def rows() -> None:
        _rows(noun)

    rows()
    if noun.form:
        record_form.new_if_started(noun.form)


def _title(noun: Noun) -> None:
    with session.reading() as tx:
        actor = tx.actor
        segment = url_state.opened(tx, noun)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title(words.plain(segment.name) if segment else noun.kind.capitalize(), anchor=False)
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            if segment:
                segment_bar.menu(segment, noun)
            history.button(noun)
            if noun.form and actor.may(Permission.MANAGE_CONTACTS):
                st.button(
                    f"New {noun.one}",
                    type="primary",
                    icon=":material/add:",
                    shortcut="n",
                    on_click=drawer_form.start,
                    args=(noun.form.new,),
                )
    if segment:
        segment_bar.under_title(segment, noun)


def _rows(noun: Noun) -> None:
    # Each segment has widgets of its own: what the browser still holds of the list before must not write the address.
    segment_id = address.record_id("segment")
    key = f"{noun.kind}-{segment_id}" if segment_id else noun.kind
    live.on_change(*noun.listens, key=f"{key}-live")
    fields = session.cached(noun.fields)
    with session.reading() as tx:
        every = noun.columns(tx)
        shown = columns.chosen(tx, noun, every)
        state = url_state.read(tx, noun)
        page = url_state.answer(tx, noun, state)
        for column in shown:
            if column.fill and page is not None:
                column.fill(tx, page.items)
        picks = tx.actor.may(Permission.MANAGE_CONTACTS) or tx.actor.may(Permission.EXPORT)
    _toolbar(noun, fields, every, shown, state, key=key)
    if page is None:
        quick_filters.sentence(fields, key=key)
        return
    for fault in state.faults:
        st.warning(f"This segment is broken and holds nobody until it is mended. {words.plain(fault)}")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"above-{key}"):
        _summary(page, state, fields, noun, key=key)
    if not page.items:
        nothing(noun, narrowed=state.narrowed or state.segment is not None)
        return
    ids = picking.table(noun, page.items, shown, picks=picks, key=key)
    picked = picking.picked(page, state.query, ids, key=key) if picks else None
    if picked:  # at the window's foot: above the rows it would push them away from under the next click
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"picked-{key}"):
            picking.summary(picked, page, noun, key=key)
            bulk.bar(noun, picked, key=key)
    bulk.ask_if_started(noun, key=key)
    with st.container(horizontal=True, horizontal_alignment="right"):
        address.pages(page.total, ROWS, key=f"{key}-page")


def _toolbar(
    noun: Noun, fields: FieldSet, every: Sequence[Column], shown: Sequence[Column], state: ListState, *, key: str
) -> None:
    """Search, filters, sort, columns, and the export of what they leave."""
    with st.container(horizontal=True, vertical_alignment="center"):
        address.search(noun.placeholder, key=f"{key}-search")
        segment = state.segment.filter if state.segment and not state.faults else None
        quick_filters.popover(noun.quick, fields, key=key, within=segment)
        address.choice("Sort", "sort", noun.sorts, default=noun.default_sort, key=f"{key}-sort")
        columns.chooser(noun, every, shown, key=key)
        exporting.menu(noun, key=key)


def _summary(page: Page, state: ListState, fields: FieldSet, noun: Noun, *, key: str) -> None:
    """How many there are and which of them are here, what narrows the list, with a way out and a way to keep it."""
    if not page.items:
        shown = f"No {noun.kind}"
    elif page.total == len(page.items):
        shown = f"{page.total:,} {noun.one if page.total == 1 else noun.kind}"
    else:
        first = state.query.offset + 1
        shown = f"{first:,}–{first + len(page.items) - 1:,} of {page.total:,} {noun.kind}"
    st.caption(shown, width="content")
    quick_filters.sentence(fields, key=key)
    segment_bar.offer_to_save(noun, state)


def nothing(noun: Noun, *, narrowed: bool) -> None:
    """In the place of a table without rows: that nothing matches, or how to begin."""
    with st.container(border=True, horizontal_alignment="center"):
        if narrowed:
            st.subheader(f"No {noun.one} matches", anchor=False, width="content")
            st.caption("Try fewer words, or clear the filters.", width="content")
            return
        st.subheader(f"No {noun.kind} yet", anchor=False, width="content")
        actor = session.actor()
        if actor.may(Permission.IMPORT):
            st.caption("Bring in a file from your last tool, or add the first one by hand.", width="content")
        with st.container(horizontal=True, horizontal_alignment="center", vertical_alignment="center"):
            if actor.may(Permission.IMPORT):
                st.page_link("pages/imports.py", label="Import a file", icon=":material/upload_file:", width="content")
            may_add = noun.form is not None and actor.may(Permission.MANAGE_CONTACTS)
            if may_add and st.button(f"Add a {noun.one}", icon=":material/add:", key=f"first-{noun.one}"):
                drawer_form.start(noun.form.new if noun.form else "")
                st.rerun()
