"""Tables of rows of a file, whose records open with a click."""

from typing import Any
from urllib.parse import quote

import polars as pl
import streamlit as st

NAME = r"#(.*)$"
"""What a cell that opens a record shows: what stands behind its address."""


def opening(noun: str, record_id: int | None, name: str | None) -> str | None:
    """A cell that opens the record, and shows its name; nothing where there is no record. A name alone would be
    taken for an address, and may be one that runs a script. The browser decodes it, plus signs and line ends too."""
    page = "orders" if noun == "order" else noun  # an order opens beside the others
    return f"/{page}?{noun}={record_id}#{quote(name or noun, safe='')}" if record_id else None


def table(noun: str, lines: list[dict[str, Any]]) -> None:
    """The lines as they are; under the noun's own name stand cells that open records."""
    columns = list(dict.fromkeys(name for line in lines for name in line))
    frame = pl.DataFrame({name: [line.get(name) for line in lines] for name in columns}, strict=False)
    st.dataframe(
        frame,
        hide_index=True,
        column_config={
            "Line": st.column_config.NumberColumn(width=70, format="localized"),
            noun.title(): st.column_config.LinkColumn(display_text=NAME, width=220),
        },
    )
