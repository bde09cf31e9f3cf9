"""Orders in a table; a click on one opens it."""

from collections.abc import Sequence

import polars as pl
import streamlit as st

from crm.foundation import money
from crm.foundation.access import Module
from crm.orders.declaration import SOURCE_NAMES, STATUS_NAMES
from crm.store import Row
from crm.ui import session, words

MARKS = {
    "pending": "○",
    "paid": "●",
    "partially_paid": "◐",
    "overdue": "!",
    "refunded": "↩",
    "cancelled": "✕",
    "failed": "✕",
}
"""Before the word of a status, so that a column of them can be run over by the eye."""

RIGHT = st.column_config.TextColumn(alignment="right")


def status(word: str) -> str:
    return f"{MARKS[word]} {STATUS_NAMES[word]}"


def show(rows: Sequence[Row], locale: str, *, key: str, without: Sequence[str] = ()) -> None:
    """Selections go by position, hence the ids in the key; an opened order is no longer selected, so that the same
    click opens it again."""
    ids = [row["id"] for row in rows]
    gone = () if session.actor().has(Module.CRM) else ("Deal",)
    columns = {name: values for name, values in _columns(rows, locale).items() if name not in (*without, *gone)}
    name = f"{key}-{hash(tuple(ids))}-{st.session_state.get(f'{key}-opened', 0)}"
    with st.container(key=f"records-{key}"):  # the frame's style hides its toolbar: it would search one page only
        st.dataframe(
            pl.DataFrame(columns, schema_overrides={"Why": pl.String}),
            hide_index=True,
            column_config={
                "Order": st.column_config.TextColumn(width=190),
                "Contact": st.column_config.TextColumn(width=170),
                "Value": RIGHT,
                "Why": st.column_config.TextColumn("⚠", width=44, help="What makes no sense about its status or days"),
            },
            on_select=lambda: _open(name, ids, key),
            selection_mode="single-cell",
            height="content",
            placeholder="–",
            key=name,
            alt="Orders",
        )


def _columns(rows: Sequence[Row], locale: str) -> dict[str, list[str | None]]:
    found: dict[str, list[str | None]] = {
        "Order": [row["title"] for row in rows],
        "Contact": [row["contact_name"] for row in rows],
        "Value": [money.shown(row["value"], row["currency"], locale) for row in rows],
        "Status": [status(row["status"]) for row in rows],
        "Ordered": [words.day(row["ordered_on"], locale) for row in rows],
        "Paid on": [words.day(row["paid_on"], locale) for row in rows],
        "Source": [SOURCE_NAMES[row["source"]] for row in rows],
        "External id": [row["external_id"] for row in rows],
        "Deal": [row["deal_title"] for row in rows],
    }
    if any(row["warnings"] for row in rows):
        found["Why"] = ["⚠ " + " ".join(row["warnings"]) if row["warnings"] else "" for row in rows]
    return found


def _open(name: str, ids: Sequence[int], key: str) -> None:
    """Callback: the address names the order, and whoever draws the page opens it."""
    cells = st.session_state[name].selection.cells
    if cells:
        st.query_params["order"] = str(ids[cells[0][0]])
        st.session_state[f"{key}-opened"] = st.session_state.get(f"{key}-opened", 0) + 1
