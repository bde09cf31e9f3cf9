"""The page of a list: title, toolbar, rows and pager."""

from collections.abc import Mapping, Sequence

import streamlit as st

from crm.foundation.access import Permission
from crm.foundation.language import capitalized, later, tr
from crm.records import lists
from crm.records.declaration import Trait
from crm.records.listing import ListQuery
from crm.ui import as_defined, live, record_links, refusals, session, undo, words
from crm.ui.components import address, quick_filters
from crm.ui.forms import drawer_form, record_form
from crm.ui.lists import board_view, bulk, cells, columns, exporting, history, rows, segment_bar, url_state, wording
from crm.ui.lists.cells import Column
from crm.ui.lists.layout import ListLayout
from crm.ui.lists.url_state import ListState

BY_FILE = later("Bring in a file from your last tool, or add the first one by hand.")


def show(layout: ListLayout) -> None:
    if address.taken("new") and _may_add(layout):
        _start_new(layout)
    _title(layout)
    bulk.offer_way_back(layout.of)

    @refusals.fragment
    def below() -> None:
        _below(layout)
        undo.show()

    below()
    if layout.form:
        record_form.new_if_started(layout.form)
    if layout.dialogs:
        layout.dialogs()


def _title(layout: ListLayout) -> None:
    of = layout.of
    with session.reading() as tx:
        segment = url_state.opened(tx, of)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        title = tr(layout.title) if layout.title else capitalized(of.many)
        st.title(words.plain(segment.name) if segment else title, anchor=False)
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            if segment:
                segment_bar.menu(segment, of)
            if of.has(Trait.BULK):
                history.button(of)
            if _may_add(layout):
                st.button(
                    tr("New {kind}", kind=of.one),
                    type="primary",
                    icon=":material/add:",
                    shortcut="n",
                    on_click=_start_new,
                    args=(layout,),
                    key=f"add-{of.key}",
                )
    if segment:
        segment_bar.under_title(segment, of)


def _may_add(layout: ListLayout) -> bool:
    actor = session.actor()
    possible = bool(layout.form or layout.start_new)
    return possible and actor.may(layout.of.permission) and layout.may_add(actor)


def _start_new(layout: ListLayout) -> None:
    if layout.start_new:
        layout.start_new()
    elif layout.form:
        drawer_form.start(layout.form.new)


def _below(layout: ListLayout) -> None:
    # Each segment has widgets of its own: what the browser still holds of the list before must not write the address.
    of = layout.of
    segment_id = address.record_id("segment")
    key = f"{of.plural}-{segment_id}" if segment_id else of.plural
    listened = (*record_links.named_types(of), *as_defined.listened(of), *layout.listens)
    live.on_change(of.key, *listened, key=f"{key}-live")
    with session.reading() as tx:
        as_defined.check(of)
        every = cells.every(tx, layout)
        shown = columns.chosen(tx, of, every)
        sorts = wording.sorts(tx, layout)
        state = url_state.read(tx, layout, sorts)
        by = board_view.by(of)
        page = None if by else url_state.answer(tx, of, state)
        found = rows.of_page(tx, layout, shown, state.query, page, sorts, key=key) if page else None
    if page and not page.items:
        address.turn_back(page.total, url_state.ROWS)
    _toolbar(layout, every, shown, sorts, state, key=key)
    if by:
        _board(layout, by, state, key=key)
        return
    if found is None:
        quick_filters.sentence(of.plural, key=key)
        return
    _faults(state)
    if layout.above and found.page.total:
        layout.above(state)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"above-{key}"):
        _summary(layout, rows.counted(found), state, key=key)
    if not found.page.items:
        nothing(layout, narrowed=state.narrowed or state.segment is not None or _others_exist(layout, state))
        return
    rows.show(found, open_record=layout.open_record)
    rows.pager(found, lambda tx, query: lists.find(tx, of, query))


def _board(layout: ListLayout, by: str, state: ListState, *, key: str) -> None:
    """The records as a board by the list field `by`, in the place of the rows."""
    of = layout.of
    drawn = board_view.answer(of, by, state, key=key)
    _faults(state)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"above-{key}"):
        if drawn:
            count = drawn.board.count
            _summary(layout, wording.many(count, of) if count else tr("No {kinds}", kinds=of.many), state, key=key)
        else:
            quick_filters.sentence(of.plural, key=key)
    if drawn and drawn.board.count:
        board_view.show(of, by, drawn, key=key)
    elif drawn:
        nothing(layout, narrowed=state.narrowed or state.segment is not None or _others_exist(layout, state))


def _faults(state: ListState) -> None:
    for fault in state.faults:
        broken = tr("This segment is broken and holds nobody until it is fixed.")
        st.warning(f"{broken} {words.plain(fault)}")


def _others_exist(layout: ListLayout, state: ListState) -> bool:
    """Whether the list is empty only because its page leaves records out."""
    if state.query.within is None:
        return False
    with session.reading() as tx:
        return lists.count(tx, layout.of, ListQuery()) > 0


def _toolbar(
    layout: ListLayout,
    every: Sequence[Column],
    shown: Sequence[Column],
    sorts: Mapping[str, str],
    state: ListState,
    *,
    key: str,
) -> None:
    """Search, filters, sort, columns, and the export of what matches."""
    of = layout.of
    with st.container(horizontal=True, vertical_alignment="center"):
        address.search(wording.placeholder(session.actor(), layout), key=f"{key}-search")
        segment = state.segment.filter if state.segment and not state.faults else layout.within()
        quick_filters.popover(layout.quick, of.plural, key=key, within=segment)
        address.choice(tr("Sort"), "sort", sorts, default=next(iter(sorts)), key=f"{key}-sort")
        if layout.in_toolbar:
            layout.in_toolbar()
        board_view.switch(of, key=key)
        if not board_view.by(of):
            columns.chooser(of, every, shown, key=key)
        if of.has(Trait.EXPORT):
            exporting.menu(of, key=key)


def _summary(layout: ListLayout, counted: str, state: ListState, *, key: str) -> None:
    """How many there are, and what narrows the list, to be cleared or saved."""
    st.caption(counted, width="content")
    quick_filters.sentence(layout.of.plural, key=key)
    if layout.of.has(Trait.SEGMENTS):
        segment_bar.offer_to_save(layout.of, state)


def nothing(layout: ListLayout, *, narrowed: bool) -> None:
    """In the place of an empty table: that nothing matches, or how to begin."""
    of = layout.of
    with st.container(border=True, horizontal_alignment="center"):
        if narrowed:
            st.subheader(tr("No {kind} matches", kind=of.one), anchor=False, width="content")
            st.caption(tr(layout.none_matches), width="content")
            return
        st.subheader(tr("No {kinds} yet", kinds=of.many), anchor=False, width="content")
        may_import = of.has(Trait.IMPORT) and session.actor().may(Permission.IMPORT)
        if layout.how_to_begin or may_import:
            st.caption(tr(layout.how_to_begin or BY_FILE), width="content")
        with st.container(horizontal=True, horizontal_alignment="center", vertical_alignment="center"):
            if may_import:
                st.page_link(
                    "pages/imports.py",
                    label=tr("Import a file"),
                    icon=":material/upload_file:",
                    query_params={"new": of.plural},
                    width="content",
                )
            add = tr("Add {one}", one=of.an)
            if _may_add(layout) and st.button(add, icon=":material/add:", key=f"first-{of.key}"):
                _start_new(layout)
                st.rerun()
