"""The deals under one cause of a difference: what each was before, what it is after, and what it makes."""

from collections.abc import Callable
from decimal import Decimal
from typing import Protocol

import polars as pl
import streamlit as st

from crm.foundation.language import later, plural, tr
from crm.reports.bridge import BridgedDeals
from crm.store import Reading
from crm.ui import session, words
from crm.ui.reports import report_drawer, report_tables


class LookUp(Protocol):
    """A page of the deals, and the sum over all of them."""

    def __call__(self, tx: Reading, *, limit: int, offset: int) -> BridgedDeals: ...


def draw(look_up: LookUp, shown: Callable[[Decimal | None], str], *, amounts: bool = True, key: str, alt: str) -> None:
    """`shown` writes an amount; without `amounts` each deal counts as one. Another `key` starts at its first page."""
    page_key = f"page-of-{key}"
    page = st.session_state.get(page_key, 1)
    with session.reading() as tx:
        found = look_up(tx, limit=report_drawer.DEALS_A_PAGE, offset=(page - 1) * report_drawer.DEALS_A_PAGE)
    with st.container(horizontal=True):
        count = plural("{count:,} deal", "{count:,} deals", found.total.count)
        st.badge(count, color="gray", icon=":material/handshake:")
        if amounts:
            st.badge(words.plain(shown(found.total.amount)), color="primary")
    if not found.items:
        st.info(tr("No deals here now."), icon=":material/inbox:")
        return
    fields = {later("Before"): "before", later("After"): "after", later("Difference"): "amount"} if amounts else {}
    table = pl.DataFrame(
        {
            "": [f"/deal?deal={deal.deal_id}" for deal in found.items],
            "Deal": [deal.title for deal in found.items],
            **{name: [shown(getattr(deal, field)) for deal in found.items] for name, field in fields.items()},
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        column_config=report_tables.columns(table, right=list(fields)) | {"": report_tables.link()},
        height="content",
        key=f"deals-of-{key}",
        alt=alt,
    )
    pages = -(-found.total.count // report_drawer.DEALS_A_PAGE)
    if pages > 1:
        st.pagination(pages, key=page_key)
