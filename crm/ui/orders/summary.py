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
from crm.foundation.language import later, plural, tr
from crm.orders import Bar, Overview, Total
from crm.orders.statuses import STATUS_NAMES
from crm.records import filters
from crm.records.filters import All, Filter, Rule
from crm.ui import refusals, session
from crm.ui.components import address, filter_builder
from crm.ui.lists.url_state import ListState
from crm.ui.orders import order_chart
from crm.ui.reports import charts, report_cards, report_tables

ABOUT = later("""
The value of the orders of this list by the day they were ordered, of one currency at a time: **amounts of two
currencies are never added.** Select a bar to narrow the list to it.
""")


def show(state: ListState) -> None:
    """Draw the sums of everything that the list holds, on whatever page."""
    locale = session.actor().language
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
                plural(
                    "{count:,} order in {currency}",
                    "{count:,} orders in {currency}",
                    total.count,
                    currency=total.currency,
                ),
                money.compact(total.value, total.currency, locale),
                tr(
                    "{count:,} paid: {amount}",
                    count=total.paid_count,
                    amount=money.compact(total.paid_value, total.currency, locale),
                ),
                delta_arrow="off",
                delta_color="off",
                border=True,
                icon=":material/receipt_long:",
                help=money.shown(total.value, total.currency, locale),
            )


def over_time(found: Overview, state: ListState, locale: str) -> None:
    codes = {total.currency: total.currency for total in found.totals}
    grain = report_tables.grain(found.grain)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        report_cards.headline(tr("By {grain} and status", grain=grain), ABOUT)
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            code = address.choice(tr("Currency"), "in", codes, default=next(iter(codes)), key="orders-chart-currency")
            _file(state)
    bars = found.of(code)
    tabs = {"bar_chart": tr("Chart"), "table": tr("Table")}
    chart, table = st.tabs([f":material/{icon}: {name}" for icon, name in tabs.items()], key="orders-picture")
    with chart:
        st.plotly_chart(
            order_chart.figure(bars, found.grain, charts.palette(), locale),
            config=charts.QUIET,
            on_select=lambda: _narrow(code),
            selection_mode="points",
            key=f"orders-chart-{st.session_state.get('orders-chart-picked', 0)}",
            alt=tr("Value of orders in {currency} by {grain} and status", currency=code, grain=grain),
        )
    with table:
        figures = _table(bars, found, locale)
        st.dataframe(
            figures,
            hide_index=True,
            column_config=report_tables.columns(figures, ("Value",)),
            height=300,
            alt=tr("Orders in {currency} by {grain} and status", currency=code, grain=grain),
        )


def _table(bars: Sequence[Bar], found: Overview, locale: str) -> pl.DataFrame:
    shown = bars[::-1]
    return pl.DataFrame(
        {
            found.grain.title(): [order_chart.label(bar.start, found.grain, locale) for bar in shown],
            later("Status"): [tr(STATUS_NAMES[bar.status]) for bar in shown],
            later("Orders"): [bar.count for bar in shown],
            later("Value"): [money.shown(bar.value, bar.currency, locale) for bar in shown],
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
            help=tr("These figures, of every currency"),
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
