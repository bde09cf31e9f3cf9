"""The value of a deal: the amount, the lines that it is the sum of, and what it is worth at its stage's probability."""

import streamlit as st

from crm.deals import Deal
from crm.foundation import money
from crm.foundation.language import plural, tr
from crm.ui import words
from crm.ui.records import record_layout


def show(deal: Deal, line_count: int, locale: str) -> None:
    with record_layout.card("value"):
        shown = "–" if deal.value is None else money.shown(deal.value, deal.currency, locale)
        st.metric(tr("Value"), shown)
        about = [plural("{count:,} line", "{count:,} lines", line_count)] if line_count else []
        if deal.is_open and deal.value is not None:
            weighted = money.rounded(deal.value * deal.probability / 100, deal.currency)
            about.append(
                tr(
                    "weighted {amount} at {probability:g} %",
                    amount=money.shown(weighted, deal.currency, locale),
                    probability=float(deal.probability),
                )
            )
        if about:
            st.caption(words.plain(" · ".join(about)))
