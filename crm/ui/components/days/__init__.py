"""The box in which a day is typed or picked. What it shows is what a button beside it writes, or nothing is written."""

from datetime import date
from pathlib import Path
from typing import Any

import streamlit as st

HERE = Path(__file__).parent

_watch = st.components.v2.component(
    "mallard_days", css=(HERE / "whole.css").read_text(), js=(HERE / "whole.js").read_text()
)


def ask(label: str, value: date | None = None, *, key: str, **options: Any) -> date | None:
    """The day that stands in the box, whatever day it is: the verb says which it takes.

    A box with bounds keeps a day beyond them to itself, in red, and the server goes on holding the day that stood there
    before; where none are given, Streamlit sets some of ten years.
    """
    day: date | None = st.date_input(label, value, min_value=date.min, max_value=date.max, key=key, **options)
    return day


def watch() -> None:
    """On every page: no button is pressed while a day is typed in part."""
    with st.container(key="unseen-days"):
        _watch(key="days")
