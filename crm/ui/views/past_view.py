"""The board and the table of a pipeline as of a past day: to read, with no way to change anything."""

from dataclasses import replace
from datetime import date
from typing import Any

import streamlit as st

from crm import deals
from crm.deals import DEAL
from crm.deals.past import WITHOUT_HISTORY
from crm.foundation.errors import CrmError
from crm.foundation.language import tr
from crm.ui import refusals, session
from crm.ui.board import board
from crm.ui.components import address, past_day, quick_filters
from crm.ui.lists import cells, columns, picking, rows, wording
from crm.ui.lists.rows import Rows
from crm.ui.lists.url_state import MOST_PAGES, ROWS
from crm.ui.views import board_payload, table
from crm.ui.views.board_view import STEP
from crm.ui.views.columns import LAYOUT
from crm.ui.views.url_state import ViewState


def show(state: ViewState, day: date, locale: str) -> None:
    past_day.notice(
        tr(
            "**As of the end of {day}**, by what was known then. Nothing can be changed here.",
            day=past_day.shown(day, locale),
        ),
        tr("Titles, contacts, companies, labels and custom fields are as today."),
    )
    if state.kind == "table":
        _table(state, day, locale)
    elif state.kind == "board":
        _board(state, day, locale)
    else:
        st.info(tr("The calendar shows today alone. Choose the board or the table."), icon=":material/calendar_month:")


def _board(state: ViewState, day: date, locale: str) -> None:
    if state.query.filter:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            quick_filters.sentence("deals", key="board")
    # Another day is another board: what was unfolded of one says nothing of the other.
    key = f"board-{state.pipeline.id}-{day}"
    shown = st.session_state.setdefault(f"{key}-shown", {})
    query: dict[str, Any] = {
        "locale": locale,
        "search": state.query.search,
        "owner_id": state.query.owner_id,
        "shown": tuple(shown.items()),
    }
    narrowed = state.query.narrowed(day)
    try:
        drawn = session.read(board_payload.drawn_as_of, state.pipeline.id, day, filter=narrowed, **query)
    except CrmError as refusal:
        if narrowed is None:
            raise
        drawn = session.read(board_payload.drawn_as_of, state.pipeline.id, day, **query)
        refusals.show(refusal)
    if not drawn.board.pipeline.stages:
        st.info(tr("This pipeline was not there yet on that day."), icon=":material/inbox:")
        return
    opening = f"{key}-opening"

    def opened() -> None:
        st.session_state[opening] = st.session_state[key].opened

    def more() -> None:
        stage_id = st.session_state[key].more
        shown[stage_id] = shown.get(stage_id, deals.SCREENFUL) + STEP

    board(drawn.payload, acks={}, key=key, on_moves=lambda: None, on_opened=opened, on_more=more)
    if deal_id := st.session_state.pop(opening, None):
        _open(deal_id, day)
    if not drawn.board.count:
        st.info(tr("No deal was here on that day."), icon=":material/inbox:")


def _table(state: ViewState, day: date, locale: str) -> None:
    key = f"{table.KEY}-{state.pipeline.id}-as-of"
    with session.reading() as tx:
        sorts = {
            word: name
            for word, name in wording.sorts(tx, LAYOUT).items()
            if word.removeprefix("-") not in WITHOUT_HISTORY
        }
        default = next(iter(sorts))
        sort = address.get("sort", default)
        query = state.query.list_query(
            day,
            sort=sort if sort in sorts else default,
            limit=ROWS,
            offset=(address.number("page", 1, most=MOST_PAGES) - 1) * ROWS,
        )
        try:
            page, totals = deals.find_as_of(tx, query, day), deals.totals_as_of(tx, query, day)
        except CrmError as refusal:
            if query.filter is None:
                raise
            refusals.show(refusal)
            query = replace(query, filter=None)
            page, totals = deals.find_as_of(tx, query, day), deals.totals_as_of(tx, query, day)
        every = [column for column in cells.every(tx, LAYOUT) if column.key not in WITHOUT_HISTORY]
        shown = columns.chosen(tx, DEAL, every)
        found = Rows(LAYOUT, key, query, page, cells.filled(tx, shown, page.items), tuple(sorts))
    if not page.items:
        address.turn_back(page.total, ROWS)
    with st.container(horizontal=True, vertical_alignment="center"):
        address.choice(tr("Sort"), "sort", sorts, default=default, key=f"{key}-sort")
        columns.chooser(DEAL, every, shown, key=key)
    table.summary(found, totals, locale)
    if page.items:
        picking.table(
            DEAL,
            page.items,
            found.columns,
            picks=False,
            key=key,
            open_record=lambda deal_id: _open(deal_id, day),
            sorting=picking.Sorting(found.sorts, query.sort),
        )
    rows.pager(found)


def _open(deal_id: int, day: date) -> None:
    st.switch_page("pages/deal.py", query_params={"deal": str(deal_id), past_day.WORD: day.isoformat()})
