"""The month of open deals: our own component, since nothing that Streamlit has can be dragged from day to day.

JavaScript and CSS stand in files beside this one and in crm/ui/components/dragging, joined into one module.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import streamlit as st

from crm.ui.components import dragging

HERE = Path(__file__).parent

_mount = st.components.v2.component(
    "mallard_calendar",
    html="""
    <div class="calendar" role="region"></div>
    <div class="live" aria-live="assertive"></div>
    """,
    css=(HERE / "calendar.css").read_text(),
    js=dragging.joined(HERE, "days", "moves", "main"),
)


def calendar(
    shown: bytes,
    *,
    acks: Mapping[str, int],
    key: str,
    on_moves: Callable[[], None],
    on_opened: Callable[[], None],
    on_more: Callable[[], None],
) -> None:
    """Draw the month that `crm.ui.calendar.payload` has encoded. In its callbacks `st.session_state[key]` holds `moves`
    (the unconfirmed ones: client, seq, id, day, version), `opened` (a deal's id) or `more` (a word for a period)."""
    _mount(
        key=key,
        data=dragging.data(shown, acks),
        on_moves_change=on_moves,
        on_opened_change=on_opened,
        on_more_change=on_more,
    )
