"""The quotes that were made of a deal, each as a PDF."""

from collections.abc import Sequence

import streamlit as st

from crm.deals.quote import Quote
from crm.foundation import money
from crm.foundation.language import tr
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
            st.caption(
                tr(
                    "{total} · {made} by {name} · valid until {until}",
                    total=total,
                    made=made,
                    name=words.plain(issued.issued_by_name),
                    until=until,
                )
            )
    if len(quotes) > FIRST:
        st.caption(tr("{count} older ones are told of in the timeline.", count=len(quotes) - FIRST))


def link(issued: Quote, *, place: str = "list") -> None:
    st.link_button(
        tr("Quote {number}", number=issued.number),
        f"/quotes/{issued.deal_id}/{issued.id}.pdf",
        icon=":material/picture_as_pdf:",
        key=f"quote-{place}-{issued.id}",
    )
