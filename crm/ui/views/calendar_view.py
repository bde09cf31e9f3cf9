"""The calendar of a pipeline on its page: a month of open deals, moved from day to day."""

import re
from datetime import date, timedelta
from typing import Any

import streamlit as st
from babel.dates import format_skeleton

from crm import deals
from crm.deals import pipeline_query
from crm.deals.calendar import Group
from crm.foundation import money
from crm.foundation.errors import CrmError
from crm.foundation.language import plural, tr
from crm.ui import refusals, session, undo, words
from crm.ui.board.moves import acks, apply, write_move
from crm.ui.calendar import calendar, payload
from crm.ui.components import address
from crm.ui.deals import drawer
from crm.ui.views.url_state import ViewState


def show(state: ViewState, *, readonly: bool, today: date, locale: str) -> None:
    first = _first(today)
    try:
        drawn = session.read(payload.drawn, state.query, first, readonly=readonly, locale=locale)
    except CrmError as refusal:
        if state.query.filter is None:
            raise
        query = state.query.model_copy(update={"filter": None})
        # What refuses this too is said once, by the page.
        drawn = session.read(payload.drawn, query, first, readonly=readonly, locale=locale)
        refusals.show(refusal)
    found = drawn.month
    key = f"calendar-{state.pipeline.id}"
    _head(first, found.month, found.closed, today, locale)

    def opened() -> None:
        drawer.open_(st.session_state[key].opened)

    def more() -> None:
        address.put("show", "table")
        address.put("period", str(st.session_state[key].more))

    calendar(
        drawn.payload,
        acks=acks(),
        key=key,
        on_moves=lambda: apply(st.session_state[key].moves, _to_day),
        on_opened=opened,
        on_more=more,
    )


def _to_day(move: dict[str, Any]) -> None:
    day = {"expected_close": date.fromisoformat(str(move["day"]))}
    undo.offer_edit(*write_move(move, deals.get, deals.edit, **day), day)


def _first(today: date) -> date:
    """The first day of the month that the address names, of this one where it names none."""
    word = address.get("month")
    if not re.fullmatch(r"(19[7-9]\d|2[01]\d\d)-(0[1-9]|1[0-2])", word, re.ASCII):
        return today.replace(day=1)
    return date.fromisoformat(f"{word}-01")


def _head(first: date, month: Group, closed: int, today: date, locale: str) -> None:
    """Draw the month's name with its count and sums, and the way to other months."""
    with st.container(horizontal=True, vertical_alignment="center"):
        before = first - timedelta(days=1)
        after = pipeline_query.days_of_month(first)[1] + timedelta(days=1)
        _to("chevron_left", tr("The month before"), before, today, key="month-before")
        _to("chevron_right", tr("The month after"), after, today, key="month-after")
        if (first.year, first.month) != (today.year, today.month):
            st.button(tr("Today"), key="month-today", on_click=address.put, args=("month", ""))
        name = str(format_skeleton("yMMMM", first, locale=locale))
        st.subheader(words.plain(name[:1].upper() + name[1:]), anchor=False, width="content")
        sums = [words.plain(money.shown(total.value, total.currency, locale)) for total in month.sums]
        parts = [plural("{count:,} deal expected", "{count:,} deals expected", month.count), *sums]
        if closed:
            parts.append(plural("{count:,} closed, not shown", "{count:,} closed, not shown", closed))
        st.caption(" · ".join(parts), width="content")


def _to(icon: str, help: str, day: date, today: date, *, key: str) -> None:
    word = "" if (day.year, day.month) == (today.year, today.month) else f"{day:%Y-%m}"
    st.button("", icon=f":material/{icon}:", help=help, key=key, on_click=address.put, args=("month", word))
