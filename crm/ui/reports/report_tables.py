"""The tables of the report pages: their columns have English names, by which a selected cell is told, and headers in
the reader's language."""

from collections.abc import Collection
from typing import Any

import polars as pl
import streamlit as st

from crm.foundation.language import later, tr

GRAINS = {"month": later("Month"), "quarter": later("Quarter"), "year": later("Year")}
"""The headers of the columns of periods."""


def grain(name: str) -> str:
    """Month, quarter or year within a sentence."""
    return tr(GRAINS[name]).lower()


def columns(table: pl.DataFrame, right: Collection[str] = ()) -> dict[str, Any]:
    """The settings of the named columns: headers, and which of them stand at the right."""
    return {
        name: st.column_config.TextColumn(tr(name), alignment="right")
        if name in right
        else st.column_config.Column(tr(name))
        for name in table.columns
        if name
    }


def link() -> Any:
    """The settings of the column with the links to records."""
    return st.column_config.LinkColumn(width=40, display_text=":material/open_in_new:", help=tr("Open in a new tab"))


def day(name: str) -> Any:
    """The settings of a column of days."""
    return st.column_config.DateColumn(tr(name), format="localized")
