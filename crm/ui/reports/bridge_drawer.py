"""The deals behind one cause of the bridge, in a drawer."""

import polars as pl
import streamlit as st

from crm.foundation import money
from crm.foundation.language import later, plural, tr
from crm.reports import bridge
from crm.reports.bridge import Bridge
from crm.reports.causes import Cause
from crm.ui import session, words
from crm.ui.components.dialogs import dialog
from crm.ui.reports import report_drawer, report_tables


@dialog(later("Deals"), width="medium", position="right", icon=":material/list_alt:", on_dismiss=report_drawer.close)
def drawer(title: str, report: Bridge, cause: Cause, locale: str) -> None:
    st.subheader(words.plain(title), anchor=False)
    page_key = f"deals-of-cause-{cause}"
    page = st.session_state.get(page_key, 1)
    with session.reading() as tx:
        found = bridge.drill_down(
            tx, report, cause, limit=report_drawer.DEALS_A_PAGE, offset=(page - 1) * report_drawer.DEALS_A_PAGE
        )
    with st.container(horizontal=True):
        count = plural("{count:,} deal", "{count:,} deals", found.total.count)
        st.badge(count, color="gray", icon=":material/handshake:")
        st.badge(words.plain(money.shown(found.total.amount, report.currency, locale)), color="primary")
    if not found.items:
        st.info(tr("No deals here now."), icon=":material/inbox:")
        return
    amounts = {later("Before"): "before", later("After"): "after", later("Difference"): "amount"}
    table = pl.DataFrame(
        {
            "": [f"/deal?deal={deal.deal_id}" for deal in found.items],
            "Deal": [deal.title for deal in found.items],
            **{
                name: [money.shown(getattr(deal, field), report.currency, locale) for deal in found.items]
                for name, field in amounts.items()
            },
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        column_config=report_tables.columns(table, right=list(amounts)) | {"": report_tables.link()},
        height="content",
        key="deals-of-cause",
        alt=title,
    )
    pages = -(-found.total.count // report_drawer.DEALS_A_PAGE)
    if pages > 1:
        st.pagination(pages, key=page_key)
