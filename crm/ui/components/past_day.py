"""The past day that a page shows, `as_of` in the address: the box to choose it, and the notice that it is not today."""

from datetime import date
from functools import partial
from typing import Literal

import streamlit as st

from crm.deals import past
from crm.foundation import bounds
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.store import Reading
from crm.ui import refusals, words
from crm.ui.components import address, days, lazy

WORD = "as_of"
KEY = "as-of"


def from_address(tx: Reading) -> date | None:
    """The day of the address, None for today; one that makes no sense is refused in a sentence, and left out."""
    try:
        return past.parse_day(address.get(WORD), tx.today)
    except Invalid as fault:
        refusals.show(fault)
        return None


def button(today: date, *, type: Literal["secondary", "tertiary"] = "secondary") -> None:
    """Draw the choice of a day."""
    lazy.popover(tr("As of"), partial(_choice, today), key=KEY, icon=":material/history:", type=type)


def _choice(today: date) -> None:
    key = f"{KEY}-day"
    day = bounds.day(address.get(WORD))
    address.follow(key, min(day, today) if day else None)
    st.date_input(
        tr("As of the end of"),
        None,
        min_value=bounds.FIRST_DAY,
        max_value=today,
        format=days.pattern(),
        key=key,
        on_change=_write,
        args=(key, today),
    )
    st.caption(
        tr("Stages, values, owners and expected closes as they were known at the end of a past day. Empty: now.")
    )


def _write(key: str, today: date) -> None:
    day: date | None = st.session_state[key]
    address.put(WORD, day.isoformat() if day and day < today else "")


def notice(text: str, about: str) -> None:
    """Draw the notice of a past day, with `about` it, both Markdown, and the way back."""
    with st.container(horizontal=True, vertical_alignment="center", key="as-of-notice"):
        st.warning(f"{text} {about}", icon=":material/history:")
        back_button()


def back_button() -> None:
    st.button(tr("Back to today"), icon=":material/today:", key="back-to-today", on_click=back)


def back() -> None:
    address.put(WORD, "")


def shown(day: date, locale: str) -> str:
    """The day within a sentence, as Markdown."""
    return words.plain(words.day(day, locale))
