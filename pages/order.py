"""Order: one order with its status, facts, note, contact, company, deal and history."""

import streamlit as st

from crm import companies, orders
from crm.foundation import money
from crm.foundation.access import Module
from crm.foundation.language import tr
from crm.orders import ORDER, Order
from crm.ui import live, record_links, session, words
from crm.ui.forms import record_form
from crm.ui.orders import head, status_history
from crm.ui.orders.form import LAYOUT
from crm.ui.records import record_layout, record_page, related_cards
from crm.ui.records.record_page import Context, Tab

ELSEWHERE = ("title", "status", "value", "currency", "contact_id", "deal_id", "note")
"""Fields that the page shows in another place than among the details."""

order_id = record_page.named_in_address("order")


def body() -> None:
    live.on_change("order", "contact", "company", "deal", key="order-live")
    with session.reading() as tx:
        order = record_page.found(orders.get, tx, order_id, "order")
        context = record_page.context(tx, ORDER, order_id)
        may_change = record_page.may_change(ORDER, order)
        contact = related_cards.read_contact(tx, order.contact_id)
        company_id = contact.company_id if contact and tx.actor.has(Module.COMPANIES) else None
        company = companies.card(tx, company_id) if company_id else None
    head.show(order, may_change=may_change)
    left, middle, right = record_layout.columns()
    with left:
        value_card(order, context)
        record_page.details(LAYOUT, order, {}, context, without=ELSEWHERE)
    with middle, record_layout.main():
        note_card(order, may_change)
        record_page.tabs(ORDER, order, context, own=[Tab(tr("Statuses"), lambda: statuses(context))])
    with right:
        related_cards.contact_card(order.contact_id, contact, may_change=may_change)
        if company:
            with record_layout.card("company", tr("Company")):
                record_links.link("company", company.id, words.plain(company.name), icon=":material/apartment:")
        if context.actor.has(Module.CRM):
            deal_card(order, may_change)


def value_card(order: Order, context: Context) -> None:
    with record_layout.card("value"):
        st.metric(tr("Value"), money.shown(order.value, order.currency, context.locale))
        facts = [order.currency]
        if order.paid_on:
            facts.append(tr("paid {day}", day=words.day(order.paid_on, context.locale)))
        st.caption(words.plain(" · ".join(facts)))


def note_card(order: Order, may_change: bool) -> None:
    """Draw the order's note, its lines as they were typed; nothing where there is none to read or to write."""
    if not order.note and not may_change:
        return
    with record_layout.card("note"):
        with record_layout.titled_row(tr("Note")):
            if may_change:
                label = tr("Change") if order.note else tr("Write")
                st.button(label, type="tertiary", key="change-note", on_click=record_form.start_edit)
        if order.note:
            st.markdown("\n".join(words.plain(line) for line in order.note.splitlines()))


def statuses(context: Context) -> None:
    status_history.show(session.read(orders.history, order_id), context.actor.time_zone, context.locale)


def deal_card(order: Order, may_change: bool) -> None:
    with record_layout.card("deals"):
        with record_layout.titled_row(tr("Deal")):
            if may_change:
                label = tr("Change") if order.deal_id else tr("Choose")
                st.button(label, type="tertiary", key="change-deal", on_click=record_form.start_edit)
        if order.deal_title:
            record_links.link("deal", order.deal_id, words.plain(order.deal_title), icon=":material/handshake:")
        else:
            st.caption(tr("The deal is in the bin.") if order.deal_id else tr("No deal."))


record_page.show(LAYOUT, order_id, body)
