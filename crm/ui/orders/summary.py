"""What a list of orders comes to: a card for each currency, and a chart over time with its table and file."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import urlencode

import polars as pl
import streamlit as st

from crm import orders
from crm.foundation import money
from crm.foundation.access import Permission
from crm.foundation.errors import CrmError
from crm.orders import Bar, Overview, Total
from crm.orders.statuses import STATUS_NAMES
from crm.platform import workspace
from crm.records import filters
from crm.records.filters import All, Filter, Rule
from crm.ui import refusals, session
from crm.ui.components import address, filter_builder
from crm.ui.lists.url_state import ListState
from crm.ui.orders import order_chart
from crm.ui.reports import charts, report_cards

ABOUT = """
The value of the orders of this list by the day they were ordered, of one currency at a time: **amounts of two
currencies are never added.** Select a bar to narrow the list to it.
"""


def show(state: ListState) -> None:
    """Draw the sums of everything that the list holds, on whatever page."""
    locale = session.read(workspace.get).locale
    try:
        # Without sort and page, which change no sum: one cached result serves all of them.
        found = session.read(orders.overview, replace(state.query, sort="", offset=0))
    except CrmError as refusal:
        refusals.show(refusal)
        return
    if not found.totals:
        return
    cards(found.totals, locale)
    over_time(found, state, locale)


def cards(totals: Sequence[Total], locale: str) -> None:
    """Draw a card for each currency: amounts of two are never added."""
    with st.grid(min_column_width=200):
        for total in totals:
            st.metric(
                f"{total.count:,} {'order' if total.count == 1 else 'orders'} in {total.currency}",
                money.compact(total.value, total.currency, locale),
                f"{total.paid_count:,} paid: {money.compact(total.paid_value, total.currency, locale)}",
                delta_arrow="off",
                delta_color="off",
                border=True,
                icon=":material/receipt_long:",
                help=money.shown(total.value, total.currency, locale),
            )


def over_time(found: Overview, state: ListState, locale: str) -> None:
    codes = {total.currency: total.currency for total in found.totals}
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        report_cards.headline(f"By {found.grain} and status", ABOUT)
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            code = address.choice("Currency", "in", codes, default=next(iter(codes)), key="orders-chart-currency")
            _file(state)
    bars = found.of(code)
    chart, table = st.tabs([":material/bar_chart: Chart", ":material/table: Table"], key="orders-picture")
    with chart:
        st.plotly_chart(
            order_chart.figure(bars, found.grain, charts.palette(), locale),
            config=charts.QUIET,
            on_select=lambda: _narrow(code),
            selection_mode="points",
            key=f"orders-chart-{st.session_state.get('orders-chart-picked', 0)}",
            alt=f"Value of orders in {code} by {found.grain} and status",
        )
    with table:
        st.dataframe(
            _table(bars, found, locale),
            hide_index=True,
            column_config={"Value": st.column_config.TextColumn(alignment="right")},
            height=300,
            alt=f"Orders in {code} by {found.grain} and status",
        )


def _table(bars: Sequence[Bar], found: Overview, locale: str) -> pl.DataFrame:
    shown = bars[::-1]
    return pl.DataFrame(
        {
            found.grain.title(): [order_chart.label(bar.start, found.grain, locale) for bar in shown],
            "Status": [STATUS_NAMES[bar.status] for bar in shown],
            "Orders": [bar.count for bar in shown],
            "Value": [money.shown(bar.value, bar.currency, locale) for bar in shown],
        }
    )


def _file(state: ListState) -> None:
    if session.actor().may(Permission.EXPORT):
        query = {"q": state.whole_search, "filter": filters.dump(state.whole_filter)}
        query = {name: word for name, word in query.items() if word}
        st.link_button(
            "CSV",
            f"/reports/orders.csv?{urlencode(query)}",
            icon=":material/download:",
            type="tertiary",
            help="These figures, of every currency",
        )


def _narrow(code: str) -> None:
    """Callback: narrow the list to what the picked bar stands for."""
    picked = st.session_state.get("orders-chart-picked", 0)
    points = st.session_state[f"orders-chart-{picked}"].selection.points
    if not points or not points[0].get("customdata"):
        return
    first, end, status, *_ = points[0]["customdata"]
    # `between` takes both days in.
    last = date.fromisoformat(end) - timedelta(days=1)
    of: tuple[Filter, ...] = (
        Rule(field="ordered_on", op="between", value=(date.fromisoformat(first), last)),
        Rule(field="status", op="is", value=status),
        Rule(field="currency", op="is", value=code),
    )
    now = filter_builder.in_address()
    address.put("filter", filters.dump(All(of=(now, *of) if now else of)))
    # Another key is a chart without a selection, so that the same bar can be picked again.
    st.session_state["orders-chart-picked"] = picked + 1
