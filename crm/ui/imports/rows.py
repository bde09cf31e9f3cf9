"""Tables of a file's rows, whose records open with a click."""

from typing import Any
from urllib.parse import quote

import polars as pl
import streamlit as st

from crm.foundation.language import capitalized, tr
from crm.records import registry

NAME = r"#(.*)$"
"""What a cell that opens a record shows: what stands behind its address."""


def opening(kind: str, record_id: int | None, name: str | None) -> str | None:
    """A cell that opens the record and shows its name; None where there is no record."""
    # The name stands after “#”, encoded: alone it would be taken for an address, and may be one that runs a script.
    return f"/{kind}?{kind}={record_id}#{quote(name or kind, safe='')}" if record_id else None


def table(kind: str, lines: list[dict[str, Any]]) -> None:
    """Draw the lines; under the kind's own name stand cells that open records."""
    columns = list(dict.fromkeys(name for line in lines for name in line))
    frame = pl.DataFrame({name: [line.get(name) for line in lines] for name in columns}, strict=False)
    st.dataframe(
        frame,
        hide_index=True,
        column_config={
            tr("Line"): st.column_config.NumberColumn(width=70, format="localized"),
            capitalized(registry.one_of(kind)): st.column_config.LinkColumn(display_text=NAME, width=220),
        },
    )
