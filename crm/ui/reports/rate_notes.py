"""The notes under a report's figures: at which rates deals in other currencies are counted, and which are left out."""

from itertools import groupby

import streamlit as st

from crm.foundation.language import listed, plural, tr
from crm.reports import wording
from crm.reports.amounts import RateUsed
from crm.ui import words
from crm.ui.reports import report_cards

counts, without_rate = wording.counts, wording.without_rate


def draw(rates: list[RateUsed], currency: str, locale: str, *, csv: str, pipeline_id: int | None = None) -> None:
    """Draw the rates that amounts were converted into `currency` at, with their file for those who may export."""
    if not rates:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            tr("Converted into {currency}: {deals}.", currency=currency, deals=converted(rates, locale)),
            width="content",
        )
        report_cards.csv_link(csv, tr("Rates"), pipeline_id=pipeline_id)


def converted(rates: list[RateUsed], locale: str) -> str:
    """How many deals of each currency were converted, and at what: the rate and its day, or how many rates of when."""
    return listed(
        [_of_currency(code, list(used), locale) for code, used in groupby(rates, key=lambda used: used.currency)]
    )


def _of_currency(code: str, used: list[RateUsed], locale: str) -> str:
    count, values = sum(each.deals for each in used), [each.rate for each in used]
    first, last = words.day(used[0].day, locale), words.day(used[-1].day, locale)
    if len(used) == 1:
        return plural(
            "{count:,} deal in {currency} at {rate} ({day})",
            "{count:,} deals in {currency} at {rate} ({day})",
            count,
            currency=code,
            rate=words.rate(values[0], locale),
            day=first,
        )
    return tr(
        "{count:,} deals in {currency} at {rates:,} rates from {lowest} to {highest} ({first} – {last})",
        count=count,
        currency=code,
        rates=len(used),
        lowest=words.rate(min(values), locale),
        highest=words.rate(max(values), locale),
        first=first,
        last=last,
    )
