"""Orders: what customers bought, found among any number, with what they come to in each currency and over time."""

import streamlit as st

from crm import orders
from crm.foundation.access import Permission
from crm.foundation.errors import CrmError
from crm.platform import workspace
from crm.records.listing import ListQuery
from crm.ui import live, refusals, session
from crm.ui.components import address, quick_filters
from crm.ui.components.quick_filters import Quick
from crm.ui.lists import exporting
from crm.ui.orders import drawer, summary, table

ROWS = 50
KEY = "orders"
SORTS = {
    "-ordered_on": "Newest first",
    "ordered_on": "Oldest first",
    "-value": "Value, high to low",
    "value": "Value, low to high",
    "-paid_on": "Last paid first",
    "title": "Title, A to Z",
    "-updated_at": "Last changed first",
}
QUICK = (
    Quick("status", "Status", "is"),
    Quick("source", "Source", "is"),
    Quick("contact_name", "Contact contains", "contains"),
    Quick("currency", "Currency contains", "contains"),
    Quick("ordered_on", "Ordered", "in_last_days"),
    Quick("paid_on", "Paid", "in_last_days"),
)


def title() -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title("Orders", anchor=False)
        if may_change:
            st.button(
                "New order", type="primary", icon=":material/add:", shortcut="n", on_click=drawer.start_new, key="new"
            )


def asked() -> ListQuery:
    sort = address.get("sort", "-ordered_on")
    return ListQuery(
        filter=quick_filters.asked(),
        search=address.get("q"),
        sort=sort if sort in SORTS else "-ordered_on",
        limit=ROWS,
        offset=(address.number("page", 1, most=200_000) - 1) * ROWS,
    )


def toolbar() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        address.search("Title, external id, contact", key=f"{KEY}-search")
        quick_filters.popover(QUICK, fields, key=KEY)
        address.choice("Sort", "sort", SORTS, default="-ordered_on", key=f"{KEY}-sort")
        query = {name: address.get(name) for name in ("q", "filter") if address.get(name)}
        query["sort"] = address.get("sort", "-ordered_on")
        exporting.links("orders", "All orders of this list, as filtered,", query, key=KEY)


def page_summary(page: orders.Page, query: ListQuery) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"above-{KEY}"):
        first = query.offset + 1
        shown = f"{first:,}–{first + len(page.items) - 1:,} of {page.total:,} orders" if page.items else "No orders"
        st.caption(shown, width="content")
        quick_filters.sentence(fields, key=KEY)


def nothing(*, narrowed: bool) -> None:
    with st.container(border=True, horizontal_alignment="center"):
        if narrowed:
            st.subheader("No order matches", anchor=False, width="content")
            st.caption("Try fewer words, or clear the filters.", width="content")
            return
        st.subheader("No orders yet", anchor=False, width="content")
        st.caption("They arrive from your shop by the API, or are added by hand.", width="content")
        if may_change:
            st.button("Add an order", icon=":material/add:", on_click=drawer.start_new, key="first-order")


def body() -> None:
    query = asked()
    try:
        with session.reading() as tx:
            page = orders.find(tx, query)
        found = session.cached(orders.overview, ListQuery(filter=query.filter, search=query.search))
    except CrmError as refusal:
        refusals.show(refusal)
        return
    if not page.total:
        page_summary(page, query)
        nothing(narrowed=bool(query.filter or query.search))
        return
    summary.cards(found.totals, locale)
    summary.over_time(found, locale)
    page_summary(page, query)
    table.show(page.items, locale, key=KEY)
    with st.container(horizontal=True, horizontal_alignment="right"):
        address.pages(page.total, ROWS, key=f"{KEY}-page")


live.on_change("order", "contact", key="orders-live")
with session.reading() as tx:
    may_change = tx.actor.may(Permission.MANAGE_CRM)
    locale = workspace.get(tx).locale
fields = session.cached(orders.fields)
title()
toolbar()
body()
drawer.show()
