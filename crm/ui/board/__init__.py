"""The kanban board: our own component, since nothing that Streamlit has can be dragged.

JavaScript and CSS stand in files beside this one and in crm/ui/components/dragging, joined into one module: the
browser asks for nothing.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import streamlit as st

from crm.ui.components import dragging

HERE = Path(__file__).parent

# `streamlit-sortables` serves short lists. As a board it reads its items once, so that a drag after somebody else's
# move undid that move (2 of 2).
_mount = st.components.v2.component(
    "mallard_board",
    html="""
    <div class="board" role="region"></div>
    <div class="zones" aria-hidden="true" hidden></div>
    <div class="live" aria-live="assertive"></div>
    """,
    css=(HERE / "board.css").read_text(),
    js=dragging.joined(HERE, "cards", "menu", "zones", "drag", "keys", "main"),
)


def board(
    shown: bytes,
    *,
    acks: Mapping[str, int],
    key: str,
    on_moves: Callable[[], None],
    on_opened: Callable[[], None],
    on_more: Callable[[], None],
    on_closing: Callable[[], None] = lambda: None,
    on_many: Callable[[], None] = lambda: None,
) -> None:
    """Draw the board whose `payload` is encoded. In its callbacks `st.session_state[key]` holds `moves` (the
    unconfirmed ones: client, seq, id, column, before, after, version), `closing` (id, column, version), `opened` (a
    record's id), `more` (a column's id) or `many` (a column's id, and the action for all that it holds). A board whose
    columns ask nothing and offer no actions needs none of the callbacks that may be left out."""
    _mount(
        key=key,
        data=dragging.data(shown, acks),
        on_moves_change=on_moves,
        on_closing_change=on_closing,
        on_opened_change=on_opened,
        on_more_change=on_more,
        on_many_change=on_many,
    )
