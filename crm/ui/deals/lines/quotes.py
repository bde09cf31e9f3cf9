"""Making a quote of the lines, and the list of those that were made, each as a PDF."""

from collections.abc import Sequence
from datetime import date, timedelta

import streamlit as st

from crm.deals import Deal, quote
from crm.deals.quote import Quote
from crm.foundation import money
from crm.ui import session, words
from crm.ui.components import days

FIRST = 5


def popover(deal: Deal, today: date, *, ready: bool) -> None:
    with st.popover(
        "Make a quote",
        icon=":material/picture_as_pdf:",
        # A quote is made of the stored lines: what is only typed would be missing in it.
        disabled=not ready,
        help=None if ready else "Save the lines first.",
        key=f"make-quote-{deal.id}",
    ):
        until = days.ask("Valid until", today + timedelta(days=quote.USUAL_DAYS), key=f"quote-until-{deal.id}")
        note = st.text_area(
            "Note on the quote",
            placeholder="Terms of payment, delivery …",
            max_chars=2000,
            key=f"quote-note-{deal.id}",
        )
        if st.button("Make it", type="primary", icon=":material/check:", key=f"quote-issue-{deal.id}"):
            made = session.attempt(quote.issue, deal.id, valid_until=until, note=note)
            if made:
                st.toast(f"Quote {made.number} is ready below.", icon=":material/check:")
                st.rerun()


def listed(quotes: Sequence[Quote], locale: str) -> None:
    """Draw the last quotes; the timeline and the API have all."""
    for issued in quotes[:FIRST]:
        total = words.plain(money.shown(issued.total, issued.currency, locale))
        with st.container(horizontal=True, vertical_alignment="center"):
            st.link_button(
                f"Quote {issued.number}",
                f"/quotes/{issued.deal_id}/{issued.id}.pdf",
                icon=":material/picture_as_pdf:",
                key=f"quote-link-{issued.id}",
            )
            made = words.plain(words.day(issued.issued_on, locale))
            until = words.plain(words.day(issued.valid_until, locale))
            st.caption(f"{total} · {made} by {words.plain(issued.issued_by_name)} · valid until {until}")
    if len(quotes) > FIRST:
        st.caption(f"{len(quotes) - FIRST} older ones are told of in the timeline.")
