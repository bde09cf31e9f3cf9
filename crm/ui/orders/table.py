"""The table of orders: columns of the list, and the few orders of one record."""

from collections.abc import Sequence

import streamlit as st

from crm.foundation.language import later, tr
from crm.orders import ORDER
from crm.orders.statuses import STATUS_NAMES
from crm.store import Reading, Row
from crm.ui.lists import cells, picking
from crm.ui.lists.layout import ListLayout, Shown

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


def status(word: str) -> str:
    return f"{MARKS[word]} {tr(STATUS_NAMES[word])}"


def shown_at_first() -> tuple[str | Shown, ...]:
    """The columns of a list of orders that everybody begins with."""
    return (
        Shown("title", later("Order"), settings={"width": 190}),
        Shown("contact_id", settings={"width": 170}),
        "value",
        Shown("status", read=lambda row: status(row["status"])),
        Shown("ordered_on", later("Ordered")),
        "paid_on",
        "source",
        "external_id",
        "deal_id",
        Shown(
            "warnings",
            later("Why"),
            lambda row: "⚠ " + " ".join(row["warnings"]) if row["warnings"] else None,
            st.column_config.TextColumn("⚠", width=44, help=tr("What makes no sense about its status or days")),
            where=lambda row: bool(row["warnings"]),
        ),
    )


def columns(tx: Reading, rows: Sequence[Row], *, without: Sequence[str] = ()) -> list[cells.Column]:
    """The columns of a list beside a record, without those that the record itself says."""
    every = cells.every(tx, ListLayout(ORDER, columns=shown_at_first()))
    return cells.filled(tx, [column for column in every if column.at_first and column.key not in without], rows)


def show(rows: Sequence[Row], shown: Sequence[cells.Column], *, key: str) -> None:
    picking.table(ORDER, rows, shown, picks=False, key=key)
