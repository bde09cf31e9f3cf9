"""The movements of a deal as a table: from where to where, how long it stood there, who moved it and when."""

from collections.abc import Sequence
from datetime import timedelta

import streamlit as st
from babel.dates import format_timedelta

from crm.deals import Movement
from crm.foundation.language import later, plural, tr
from crm.ui import words

ARRIVALS = {
    "create": later("Created"),
    "move": later("Moved"),
    "won": later("Won"),
    "lost": later("Lost"),
    "reopen": later("Reopened"),
    "pipeline": later("Changed pipeline"),
    "import": later("Imported"),
}
HISTORY_ROWS, HISTORY_PX = 12, 640
"""A longer history scrolls in a room of its own."""


def show(movements: Sequence[Movement], time_zone: str, locale: str) -> None:
    """Newest first."""
    shown = movements[::-1]
    with st.container(height=HISTORY_PX if len(movements) > HISTORY_ROWS else "content", border=False):
        # A table breaks its lines. A grid would cut them: half a window is too narrow for one line a movement.
        st.table(
            {
                tr("Movement"): [
                    words.plain(f"{move.from_stage} → {move.to_stage}" if move.from_stage else move.to_stage)
                    for move in shown
                ],
                tr("Time in stage"): [words.plain(stood(move.stood, locale)) for move in shown],
                tr("When"): [words.plain(_when(move, time_zone, locale)) for move in shown],
                tr("By"): [words.plain(move.by_name) for move in shown],
                tr("How"): [tr(ARRIVALS[move.kind]) for move in shown],
            },
            border="horizontal",
            hide_index=True,
        )


def _when(move: Movement, time_zone: str, locale: str) -> str:
    """The day of a closing, the moment of any other movement."""
    # A closing counts on a day, at whatever hour it was recorded.
    return words.day(move.closed_on, locale) if move.closed_on else words.moment(move.at, time_zone, locale)


def stood(span: timedelta | None, locale: str) -> str:
    """How long a deal was in a stage: whole days from the second on."""
    if span is None:
        return "–"
    if span.days > 1:
        return plural("{count} day", "{count} days", span.days)
    return str(format_timedelta(span, locale=locale))
