"""The head of an order's page: the way back to the list, title and status, and what can be done."""

import streamlit as st

from crm import orders
from crm.foundation.language import tr
from crm.orders import ORDER, STATUSES, Order
from crm.orders.statuses import STATUS_NAMES
from crm.ui import record_links, session, words
from crm.ui.records import record_actions, record_layout

COLOURS: dict[str, words.Colour] = {
    "pending": "blue",
    "paid": "green",
    "partially_paid": "orange",
    "overdue": "red",
    "refunded": "gray",
    "cancelled": "gray",
    "failed": "red",
}
ICONS = {
    "pending": "schedule",
    "paid": "check_circle",
    "partially_paid": "clock_loader_40",
    "overdue": "event_busy",
    "refunded": "undo",
    "cancelled": "cancel",
    "failed": "error",
}
AWAITING = ("pending", "partially_paid", "overdue", "failed")
"""Statuses that a payment ends."""


def show(order: Order, *, may_change: bool) -> None:
    with st.container(key="record-back"):
        record_links.link_to_list(ORDER, tr("Orders"), icon=":material/chevron_left:")
    badge = words.badge(tr(STATUS_NAMES[order.status]), COLOURS[order.status], ICONS[order.status])
    with (
        record_layout.title_row(order.title, badge),
        st.container(horizontal=True, vertical_alignment="center", gap="xsmall", width="content", key="record-actions"),
    ):
        if may_change:
            _actions(order)
    for warning in order.warnings:
        st.warning(words.plain(warning), icon=":material/warning:")


def _actions(order: Order) -> None:
    if order.status in AWAITING:
        st.button(
            tr("Paid"),
            icon=f":material/{ICONS['paid']}:",
            key="order-paid",
            help=tr("Paid today, in full"),
            on_click=session.on_press,
            args=(orders.set_status, order.id, "paid"),
            kwargs={"version": order.version},
        )
    chosen = st.menu_button(
        tr("Status"),
        [status for status in STATUSES if status != order.status],
        format_func=lambda status: f":material/{ICONS[status]}: {tr(STATUS_NAMES[status])}",
        key="order-status",
    )
    if chosen and session.done(orders.set_status, order.id, chosen, version=order.version):
        st.rerun()
    record_actions.menu(ORDER, order)
