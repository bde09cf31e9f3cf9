"""The choice between the views of a pipeline, and what narrows all of them."""

from datetime import date

import streamlit as st
from babel.dates import format_skeleton

from crm.deals.pipeline_query import due
from crm.deals.saved_views import EVERYBODY, KINDS
from crm.foundation.language import current, later, tr
from crm.ui import words
from crm.ui.components import address, filter_builder, past_day, styles
from crm.ui.deals import figures_fold
from crm.ui.views.url_state import ViewState

LABELS = {
    "board": (":material/view_kanban:", later("Board")),
    "table": (":material/table_rows:", later("Table")),
    "calendar": (":material/calendar_month:", later("Calendar")),
}
PERIODS = {
    "": later("Any time"),
    "this-month": later("This month"),
    "next-month": later("Next month"),
    "this-quarter": later("This quarter"),
    "next-quarter": later("Next quarter"),
    "this-year": later("This year"),
    "overdue": later("Overdue"),
    "undated": later("No day yet"),
}
KEY = "pipeline-show"

# On a telephone the two bars above the deals take a row each, which is pushed sideways; the new deal comes early in it.
STYLE = """
@media (max-width: 640px) {
  .st-key-pipeline-head, .st-key-pipeline-narrowing {
    flex-wrap: nowrap !important; overflow-x: auto; scrollbar-width: none; }
  .st-key-pipeline-head > *, .st-key-pipeline-head > * > * { display: contents; }
  .st-key-pipeline-head > * > * > *, .st-key-pipeline-narrowing > * { flex-shrink: 0; }
  .st-key-pipeline-head > :first-child > * > :nth-child(-n + 2) { order: -2; }
  .st-key-pipeline-head [data-testid="stLayoutWrapper"]:has(> .st-key-new-deal) { order: -1; }
  .st-key-pipeline-head [data-testid="stElementContainer"]:has(h1) { position: absolute; clip-path: inset(50%); }
}
"""


def show(kind: str) -> None:
    address.follow(KEY, kind)
    st.segmented_control(
        tr("View"),
        list(KINDS),
        format_func=lambda kind: f"{LABELS[kind][0]} {tr(LABELS[kind][1])}",
        required=True,
        label_visibility="collapsed",
        key=KEY,
        on_change=_write,
    )


def _write() -> None:
    address.put("show", st.session_state[KEY] or "board", "board")


def narrowing(state: ViewState, owners: dict[str, str], folds: dict[str, bool], *, today: date) -> None:
    """Draw search, owner, period, filter and the past day, the same for every view, and the fold of the board's
    figures."""
    styles.add(f"{STYLE}{figures_fold.style(folds) if folds else ''}", key="pipeline-style")
    with st.container(horizontal=True, vertical_alignment="center", key="pipeline-narrowing"):
        with st.container(width=260):
            address.search(tr("Search deals"), key="board-search")
        address.choice(tr("Owner"), "owner", owners, default=EVERYBODY, key="board-owner")
        address.choice(tr("Closes"), "period", _periods(state.query.period), default="", key="board-period")
        filter_builder.button("deals", tr("Filter"), key="board")
        past_day.button(today)
        figures_fold.buttons(folds)


def _periods(now: str) -> dict[str, str]:
    """{word of the address: its name}, with the day or month that a link names."""
    periods = {word: tr(name) for word, name in PERIODS.items()}
    if not now.startswith("due-"):
        return periods
    first, last = due(now)
    named = words.day(first) if first == last else str(format_skeleton("yMMMM", first, locale=current()))
    return {**periods, now: tr("Due {span}", span=named)}
