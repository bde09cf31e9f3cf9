"""The box in which a day is typed or picked. A button beside it writes the day that the box shows, or nothing."""

from datetime import date
from pathlib import Path
from typing import Any

import streamlit as st

HERE = Path(__file__).parent

_watch = st.components.v2.component(
    "mallard_days", css=(HERE / "whole.css").read_text(), js=(HERE / "whole.js").read_text()
)


def ask(label: str, value: date | None = None, *, key: str, **options: Any) -> date | None:
    """Draw the box; the day that it holds, None where it is empty. Bounds are the verb's to refuse."""
    # A box with bounds keeps a day beyond them to itself, in red, while the server goes on holding the day of before.
    # Where none are given, Streamlit sets some of ten years.
    day: date | None = st.date_input(label, value, min_value=date.min, max_value=date.max, key=key, **options)
    return day


def watch() -> None:
    """Mount the script that holds a press back while a day is typed in part; on every page."""
    with st.container(key="unseen-days"):
        _watch(key="days")
