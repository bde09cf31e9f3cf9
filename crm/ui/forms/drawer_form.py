"""Which dialog of a page is open, by its name, and saving in it."""

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

import streamlit as st

from crm.store import Writing
from crm.ui import session

P = ParamSpec("P")
T = TypeVar("T")

_OPEN = "drawer-open"


def start(name: str) -> None:
    """Open the dialog of this name, on the next run."""
    st.session_state[_OPEN] = name


def close() -> None:
    st.session_state.pop(_OPEN, None)


def is_open(name: str) -> bool:
    return st.session_state.get(_OPEN) == name


def save(verb: Callable[Concatenate[Writing, P], T], *args: P.args, **kwargs: P.kwargs) -> T | None:
    """Call the verb and close the dialog; a refusal is shown in it, and None comes back."""
    saved = session.attempt(verb, *args, **kwargs)
    if saved is not None:
        close()
    return saved
