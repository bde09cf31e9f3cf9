"""An order in a drawer: a new one, or the one that the address names as `order`, with its status history."""

from typing import Any

import polars as pl
import streamlit as st

from crm import orders
from crm.foundation import money
from crm.foundation.access import Module, Permission
from crm.foundation.errors import NotFound
from crm.orders import Order, Step
from crm.orders.declaration import SOURCE_NAMES
from crm.orders.statuses import STATUS_NAMES
from crm.platform import workspace
from crm.ui import refusals, session, words
from crm.ui.components import address
from crm.ui.forms import drawer_form, record_form
from crm.ui.forms.draft import forget
from crm.ui.orders import table
from crm.ui.orders.form import LAYOUT
from crm.ui.records import record_labels

_PRESET = "order-preset"


def start_new(**preset: Any) -> None:
    """Callback: open the form of a new order; `preset` are fields that it begins with, names of records beside ids."""
    close()
    drawer_form.start(LAYOUT.new)
    st.session_state[_PRESET] = preset


def close() -> None:
    forget(LAYOUT.new)
    forget(LAYOUT.edited(address.record_id("order")))
    st.query_params.pop("order", None)
    drawer_form.close()


def is_open() -> bool:
    return bool(address.record_id("order")) or drawer_form.is_open(LAYOUT.new)


def show() -> None:
    """Draw the drawer that is open, if one is."""
    order_id = address.record_id("order")
    # One dialog at a time: an order that the address names goes first.
    if order_id:
        _one(order_id)
    elif drawer_form.is_open(LAYOUT.new):
        _new()


@st.dialog("New order", width="medium", position="right", icon=":material/add_shopping_cart:", on_dismiss=close)
def _new() -> None:
    form = record_form.begin(LAYOUT, LAYOUT.new, preset=st.session_state.get(_PRESET))
    record_form.draw(form)
    _finish(record_form.create_button(form))


@st.dialog("Order", width="medium", position="right", icon=":material/receipt_long:", on_dismiss=close)
def _one(order_id: int) -> None:
    with session.reading() as tx:
        try:
            order = orders.get(tx, order_id)
        except NotFound as refusal:
            refusals.show(refusal)
            return
        steps = orders.history(tx, order_id)
        every_label = record_labels.names(tx)
        actor, locale = tx.actor, workspace.get(tx).locale
    for warning in order.warnings:
        st.warning(words.plain(warning), icon=":material/warning:")
    may_change = actor.may(Permission.MANAGE_CRM)
    if may_change:
        _edit(order)
    else:
        _facts(order, locale)
    record_labels.choice("order", order, every_label, orders.set_labels, may=may_change)
    _history(steps, actor.time_zone, locale)
    _links(order, with_deals=actor.has(Module.CRM))


def _edit(order: Order) -> None:
    form = record_form.begin(LAYOUT, LAYOUT.edited(order.id), order)
    record_form.draw(form)
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        saved = record_form.save_button(form)
        if st.button("Delete", icon=":material/delete:", type="tertiary", key=f"{form.draft.key}-delete"):
            with st.spinner("Into the bin …"):
                # The version that the person saw, older than the record's where somebody else was quicker.
                deleted = session.done(orders.delete, order.id, version=form.draft.base_version)
            if deleted:
                close()
                st.toast("In the bin for 30 days.", icon=":material/delete:")
                st.rerun()
    _finish(saved)


def _finish(saved: Order | None) -> None:
    """Close the drawer of an order that was saved, and say what makes no sense about it."""
    if saved is None:
        return
    close()
    st.toast("Saved.", icon=":material/check:")
    for warning in saved.warnings:
        st.toast(words.plain(warning), icon=":material/warning:")
    st.rerun()


def _facts(order: Order, locale: str) -> None:
    shown = {
        "Title": order.title,
        "Contact": order.contact_name or "–",
        "Value": money.shown(order.value, order.currency, locale),
        "Status": table.status(order.status),
        "Ordered": words.day(order.ordered_on, locale),
        "Paid on": words.day(order.paid_on, locale),
        "Source": SOURCE_NAMES[order.source],
        "External id": order.external_id or "–",
        "Deal": order.deal_title or "–",
        "Note": order.note or "–",
    }
    st.table({label: words.plain(value) for label, value in shown.items()}, border="horizontal")


def _history(steps: list[Step], zone: str, locale: str) -> None:
    """Draw the statuses of the order, newest first."""
    st.subheader("Status history", anchor=False)
    shown = steps[::-1]
    st.dataframe(
        pl.DataFrame(
            {
                "Status": [table.status(step.to_status) for step in shown],
                "Before": [STATUS_NAMES[step.from_status] if step.from_status else "–" for step in shown],
                "When": [words.moment(step.at, zone, locale) for step in shown],
                "By": [step.by_name for step in shown],
            }
        ),
        hide_index=True,
        height="content",
        alt="Every status this order was in",
    )


def _links(order: Order, *, with_deals: bool) -> None:
    with st.container(horizontal=True):
        if order.contact_name:
            st.page_link(
                "pages/contact.py",
                label=words.plain(order.contact_name),
                icon=":material/person:",
                query_params={"contact": str(order.contact_id)},
            )
        if order.deal_title and with_deals:
            st.page_link(
                "pages/deal.py",
                label=words.plain(order.deal_title),
                icon=":material/handshake:",
                query_params={"deal": str(order.deal_id)},
            )
