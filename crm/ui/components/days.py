"""The box in which a day is typed or picked. A button beside it writes the day that the box shows, or nothing:
static/days.js holds the press back while a day is typed in part."""

from datetime import date
from typing import Any

import streamlit as st

from crm.foundation.language import current

_PATTERNS = {"pt_BR": "DD/MM/YYYY"}


def pattern() -> str:
    """How days are typed in the reader's language, as Streamlit takes it; the year first where none is given."""
    return _PATTERNS.get(current(), "YYYY/MM/DD")


def ask(label: str, value: date | None = None, *, key: str, **options: Any) -> date | None:
    """Draw the box; the day that it holds, None where it is empty. Bounds are the verb's to refuse."""
    # A box with bounds keeps a day beyond them to itself, in red, while the server goes on holding the day of before.
    # Where none are given, Streamlit sets some of ten years.
    day: date | None = st.date_input(
        label, value, min_value=date.min, max_value=date.max, key=key, format=pattern(), **options
    )
    return day
