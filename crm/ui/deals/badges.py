"""The badges of a deal: stage, value, owner, priority, what is overdue, counts."""

from datetime import date

import streamlit as st

from crm.deals import Counters, Deal
from crm.foundation import money
from crm.pipelines import Kind
from crm.ui import words

COLOURS: dict[Kind, words.Colour] = {Kind.OPEN: "primary", Kind.WON: "green", Kind.LOST: "red"}
ICONS = {Kind.OPEN: None, Kind.WON: ":material/emoji_events:", Kind.LOST: ":material/heart_broken:"}
PRIORITY_COLOURS: dict[str, words.Colour] = {"high": "red", "medium": "orange", "low": "gray"}


def badges(deal: Deal, today: date, locale: str, counters: Counters | None = None) -> None:
    """Draw the badges; those of `counters` where they were read."""
    with st.container(horizontal=True, gap="xsmall"):
        st.badge(words.plain(deal.stage_name), color=COLOURS[deal.status], icon=ICONS[deal.status])
        if deal.value is not None:
            st.badge(words.plain(money.shown(deal.value, deal.currency, locale)), color="gray")
        if deal.owner_name:
            st.badge(words.plain(deal.owner_name), color="gray", icon=":material/person:")
        if deal.priority:
            colour = PRIORITY_COLOURS[deal.priority]
            st.badge(f"{deal.priority.title()} priority", color=colour, icon=":material/flag:")
        if deal.is_open and deal.expected_close and deal.expected_close < today:
            due = words.day(deal.expected_close, locale)
            st.badge(f"Overdue since {words.plain(due)}", color="red", icon=":material/event_busy:")
        if counters:
            _counts(counters)


def _counts(found: Counters) -> None:
    if found.notes:
        st.badge(words.counted(found.notes, "note"), color="gray", icon=":material/sticky_note_2:")
    if found.files:
        st.badge(words.counted(found.files, "file"), color="gray", icon=":material/attach_file:")
    if found.items:
        whole = found.done == found.items
        st.badge(f"{found.done}/{found.items} done", color="green" if whole else "gray", icon=":material/checklist:")
