"""The customers behind a cell, in a drawer, with the way to their list and to a segment of them."""

import polars as pl
import streamlit as st

from crm.foundation import money
from crm.foundation.language import later, plural, tr
from crm.records import filters, segments
from crm.records.filters import Filter
from crm.reports import customer_people
from crm.reports.customer_people import Cell, People, Picture
from crm.reports.customers import Buyers, Customers
from crm.reports.periods import Grain
from crm.ui import record_links, session, words
from crm.ui.components import lazy
from crm.ui.components.dialogs import dialog
from crm.ui.reports import charts, customer_charts, report_drawer, report_tables

PAGE = 50


@dialog(later("Customers"), width="medium", position="right", icon=":material/group:", on_dismiss=report_drawer.close)
def drawer(report: Customers, cell: Cell, locale: str) -> None:
    st.subheader(words.plain(title(report, cell, locale)), anchor=False)
    if limits := report.grid.at(cell.recency, cell.frequency):
        st.caption(
            " · ".join(
                (
                    tr("Last order: {days}", days=customer_charts.days_of(limits, locale)),
                    tr("Orders: {many}", many=customer_charts.orders_of(limits)),
                )
            )
        )
    page_key = f"customers-behind-{cell}"
    page = st.session_state.get(page_key, 1)
    found = session.read(
        customer_people.people,
        scope=report.scope,
        period=report.period,
        grain=report.grain,
        cell=cell,
        limit=PAGE,
        offset=(page - 1) * PAGE,
    )
    with st.container(horizontal=True):
        count = plural("{count:,} customer", "{count:,} customers", found.count)
        st.badge(count, color="gray", icon=":material/group:")
        st.badge(words.plain(money.shown(found.spent, report.currency, locale)), color="primary")
    if not found.items:
        st.info(tr("No customer is here now."), icon=":material/inbox:")
        return
    _to_list(report, cell)
    table = _table(found, report, locale)
    st.dataframe(
        table,
        hide_index=True,
        column_config=report_tables.columns(table, right=("Orders", "Value"))
        | {"": report_tables.link()}
        | {name: report_tables.day(name) for name in ("First order", "Last order")},
        height="content",
        key="customers-behind",
        alt=title(report, cell, locale),
    )
    pages = -(-found.count // PAGE)
    if pages > 1:
        st.pagination(pages, key=page_key)
    st.caption(tr("All purchases up to today. RFM: groups of recency, frequency and value, 5 the best."))


def title(report: Customers, cell: Cell, locale: str) -> str:
    if cell.picture is Picture.RFM:
        return tr("Recency {recency}, frequency {frequency}", recency=cell.recency, frequency=cell.frequency)
    cohort = next((each.period for each in report.cohorts if each.period.first == cell.cohort), report.period)
    name = charts.label(cohort, report.grain, locale)
    if not cell.number:
        return tr("First order in {period}", period=name)
    if report.grain is Grain.QUARTER:
        return plural(
            "First order in {period}, bought {count} quarter later",
            "First order in {period}, bought {count} quarters later",
            cell.number,
            period=name,
        )
    return plural(
        "First order in {period}, bought {count} month later",
        "First order in {period}, bought {count} months later",
        cell.number,
        period=name,
    )


def _to_list(report: Customers, cell: Cell) -> None:
    of = report.scope.of
    with session.reading() as tx:
        found, search = customer_people.criteria_of(
            tx, scope=report.scope, period=report.period, grain=report.grain, grid=report.grid, cell=cell
        )
    query = {"filter": filters.dump(found)} | ({"q": search} if search else {})
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(
            record_links.page(of.value),
            label=tr("Open in Companies") if of is Buyers.COMPANIES else tr("Open in Contacts"),
            icon=":material/arrow_forward:",
            query_params=query,
            width="content",
        )
        lazy.popover(
            tr("Save as segment"),
            lambda: _save(of, found, search),
            key="customers-segment",
            icon=":material/bookmark_add:",
            type="tertiary",
        )


def _save(of: Buyers, found: Filter, search: str) -> None:
    st.caption(tr("With the limits of today: who comes within them later is in it too."))
    with st.form("customers-segment-form", border=False):
        name = st.text_input(tr("Name"), max_chars=80, placeholder=tr("VIPs in Recife"))
        shared = st.toggle(tr("Share with everybody"))
        pressed = st.form_submit_button(tr("Save"), type="primary", icon=":material/save:")
    if not pressed:
        return
    made = session.attempt(segments.create, kind=of.value, name=name or "", filter=found, search=search, shared=shared)
    if made:
        st.success(tr("Saved."), icon=":material/check:")
        st.page_link(record_links.page(of.value), label=words.plain(made.name), query_params={"segment": str(made.id)})


def _table(found: People, report: Customers, locale: str) -> pl.DataFrame:
    kind = report.scope.of.type.key
    return pl.DataFrame(
        {
            "": [f"/{kind}?{kind}={each.id}" for each in found.items],
            later("Customer"): [each.name or "–" for each in found.items],
            later("Value"): [money.shown(each.spent, report.currency, locale) for each in found.items],
            later("Orders"): [words.number(each.orders) for each in found.items],
            later("Last order"): [each.last_on for each in found.items],
            "RFM": [f"{each.recency} {each.frequency} {each.monetary}" for each in found.items],
            later("First order"): [each.first_on for each in found.items],
        }
    )
