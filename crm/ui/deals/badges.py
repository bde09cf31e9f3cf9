"""The badges of a deal as Markdown: stage, value, owner, priority, what is overdue."""

from datetime import date

import streamlit as st

from crm.deals import Deal
from crm.foundation import money
from crm.foundation.language import later, tr
from crm.pipelines import Kind
from crm.ui import words

COLOURS: dict[Kind, words.Colour] = {Kind.OPEN: "primary", Kind.WON: "green", Kind.LOST: "red"}
ICONS = {Kind.OPEN: "", Kind.WON: "emoji_events", Kind.LOST: "heart_broken"}
PRIORITIES = {"high": later("High priority"), "medium": later("Medium priority"), "low": later("Low priority")}
PRIORITY_COLOURS: dict[str, words.Colour] = {"high": "red", "medium": "orange", "low": "gray"}


def badges(deal: Deal, today: date, locale: str) -> None:
    """Draw all of them, for the drawer."""
    found = [stage(deal)]
    if deal.value is not None:
        found.append(words.badge(money.shown(deal.value, deal.currency, locale), "gray"))
    if deal.owner_name:
        found.append(words.badge(deal.owner_name, "gray", "person"))
    # Side by side in one text they are one element of the page.
    st.markdown(" ".join([*found, *warnings(deal, today, locale)]))


def stage(deal: Deal) -> str:
    return words.badge(deal.stage_name, COLOURS[deal.status], ICONS[deal.status])


def warnings(deal: Deal, today: date, locale: str) -> list[str]:
    """The badges of its priority, and of a day that has passed."""
    found = []
    if deal.priority:
        found.append(words.badge(tr(PRIORITIES[deal.priority]), PRIORITY_COLOURS[deal.priority], "flag"))
    if deal.is_open and deal.expected_close and deal.expected_close < today:
        overdue = tr("Overdue since {day}", day=words.day(deal.expected_close, locale))
        found.append(words.badge(overdue, "red", "event_busy"))
    return found
