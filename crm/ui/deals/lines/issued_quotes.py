"""The quotes that were made of a deal, each as a PDF."""

from collections.abc import Sequence

import streamlit as st

from crm.deals.quote import Quote
from crm.foundation import money
from crm.ui import words

FIRST = 5


def show(quotes: Sequence[Quote], locale: str) -> None:
    """Draw the last ones; the timeline and the API have all."""
    for issued in quotes[:FIRST]:
        total = words.plain(money.shown(issued.total, issued.currency, locale))
        with st.container(horizontal=True, vertical_alignment="center"):
            link(issued)
            made = words.plain(words.day(issued.issued_on, locale))
            until = words.plain(words.day(issued.valid_until, locale))
            st.caption(f"{total} · {made} by {words.plain(issued.issued_by_name)} · valid until {until}")
    if len(quotes) > FIRST:
        st.caption(f"{len(quotes) - FIRST} older ones are told of in the timeline.")


def link(issued: Quote, *, place: str = "list") -> None:
    st.link_button(
        f"Quote {issued.number}",
        f"/quotes/{issued.deal_id}/{issued.id}.pdf",
        icon=":material/picture_as_pdf:",
        key=f"quote-{place}-{issued.id}",
    )
