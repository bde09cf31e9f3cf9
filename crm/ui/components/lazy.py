"""Popovers and tabs that read and draw what they hold only while it is open.

Streamlit knows each by its key together with its label, help and icon, and whether it is open under that: with another
label it would close under the hand of whoever uses it. So a label never changes, and a count stands beside it.
"""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st


def popover(label: str, draw: Callable[[], object], *, key: str, **options: Any) -> None:
    """Draw the button of a popover; `draw` reads and draws what it holds."""
    box = st.popover(label, key=key, on_change="rerun", **options)
    if box.open:
        with box:
            draw()


def tabs(draws: Mapping[str, Callable[[], object]], *, key: str) -> None:
    """Draw tabs of these labels; of the one that is open, what it holds."""
    for tab, draw in zip(st.tabs(list(draws), key=key, on_change="rerun"), draws.values(), strict=True):
        if tab.open:
            with tab:
                draw()
