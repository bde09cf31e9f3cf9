"""The board of a pipeline on its page."""

from datetime import date
from typing import Any

import streamlit as st

from crm import deals
from crm.deals import Board
from crm.foundation.errors import CrmError
from crm.records.bulk import Action
from crm.ui import refusals, session
from crm.ui.board import board
from crm.ui.board.moves import acks, apply, write_move
from crm.ui.deals import closing, drawer, moving
from crm.ui.lists import bulk
from crm.ui.lists.picking import Picked
from crm.ui.views import board_payload
from crm.ui.views.url_state import ViewState

STEP = 50


def show(state: ViewState, *, readonly: bool, today: date, locale: str) -> Board:
    key = f"board-{state.pipeline.id}"
    shown = st.session_state.setdefault(f"{key}-shown", {})
    narrowed = state.query.narrowed(today)
    query: dict[str, Any] = {
        "readonly": readonly,
        "locale": locale,
        "search": state.query.search,
        "owner_id": state.query.owner_id,
        # Hashable, as part of the key under which the board is cached.
        "shown": tuple(shown.items()),
    }
    try:
        drawn = session.read(board_payload.drawn, state.pipeline.id, filter=narrowed, **query)
    except CrmError as refusal:
        if narrowed is None:
            raise
        # Without the filter; what refuses this too is said once, by the page.
        drawn = session.read(board_payload.drawn, state.pipeline.id, **query)
        refusals.show(refusal)

    found = drawn.board

    def opened() -> None:
        drawer.open_(st.session_state[key].opened)

    def closes() -> None:
        request = st.session_state[key].closing
        closing.ask(request["id"], found.pipeline.stage(request["column"]).kind, request["version"])

    def more() -> None:
        stage_id = st.session_state[key].more
        shown[stage_id] = shown.get(stage_id, deals.SCREENFUL) + STEP

    def many() -> None:
        request = st.session_state[key].many
        column = next(each for each in found.columns if each.stage.id == request["column"])
        # The number that was drawn goes with it: others that came meanwhile are told before anything is changed.
        picked = Picked(state.query.list_query(today, stage_id=column.stage.id), column.count, all_that_match=True)
        drawer.dismiss()
        bulk.start(deals.DEAL, Action(request["action"]), picked)

    board(
        drawn.payload,
        acks=acks(),
        key=key,
        on_moves=lambda: apply(st.session_state[key].moves, to_stage),
        on_closing=closes,
        on_opened=opened,
        on_more=more,
        on_many=many,
    )
    return found


def to_stage(move: dict[str, Any]) -> None:
    """Write a move of a card."""
    before, moved = write_move(
        move,
        deals.get,
        deals.move,
        to_stage=int(move["column"]),
        before=move["before"],
        after=move["after"],
    )
    moving.offer_undo(before, moved)
