"""What the session holds of a record that is open: dropped when another one is opened, but for what is unsaved.

Each widget copies the whole state of its session, so that state which grows with the records visited slows down every
page. Keys that belong to a record begin with `of(kind, record_id)`, or contain it.
"""

import re
from typing import Any

import streamlit as st

_OPEN, _TYPED = "open-record", "typed"


def of(kind: str, record_id: int) -> str:
    """What the keys of a record's widgets and state have in them."""
    return f"{kind}-{record_id}"


def enter(kind: str, record_id: int) -> None:
    """Drop what the session holds of the record that was open before this one. A value that says of itself that it
    `is_unsaved` stays."""
    now = of(kind, record_id)
    before = st.session_state.get(_OPEN, now)
    st.session_state[_OPEN] = now
    if before == now:
        return
    belongs = re.compile(rf"(^|.*-){re.escape(before)}(-.*|$)").match
    for key in [key for key in st.session_state if belongs(str(key))]:
        if not getattr(st.session_state[key], "is_unsaved", False):
            del st.session_state[key]


def restore(*keys: str) -> None:
    """Put back what was typed into these widgets when they were drawn last; call it before they are drawn."""
    for key in keys:
        if key not in st.session_state and key in _typed():
            st.session_state[key] = _typed()[key]


def keep(*keys: str) -> None:
    """Note what is typed into these widgets; in every run. Streamlit drops the value of a widget that is not drawn, and
    what was typed last may arrive in the run that closes its tab."""
    for key in keys:
        if key not in st.session_state:
            continue
        if st.session_state[key]:
            _typed()[key] = st.session_state[key]
        else:
            _typed().pop(key, None)


def turn(name: str) -> int:
    """A part of the keys of boxes that are emptied together. Another key is an empty box; one of the same key keeps in
    the browser what was typed into it."""
    found: int = st.session_state.get(f"{name}-turn", 0)
    return found


def saved(name: str, *keys: str) -> None:
    """Callback: drop what was typed into these widgets, whose keys hold the `turn` of this name."""
    drop(*keys)
    st.session_state[f"{name}-turn"] = turn(name) + 1


def drop(*keys: str) -> None:
    """Drop what was noted of these widgets, which are drawn no more."""
    for key in keys:
        _typed().pop(key, None)


def _typed() -> dict[str, Any]:
    """{key of a widget: its value}, of those that hold something."""
    found: dict[str, Any] = st.session_state.setdefault(_TYPED, {})
    return found
