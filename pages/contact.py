"""Contact: one contact with its company, labels, deals, orders and history."""

from datetime import datetime

import streamlit as st

from crm import contacts, deals
from crm.contacts import Contact
from crm.foundation.access import Module, Permission
from crm.ui import live, refusals, session, words
from crm.ui.forms import contact_form
from crm.ui.orders import drawer as order_drawer
from crm.ui.orders import related
from crm.ui.records import company_link, record_labels, record_page

contact_id = record_page.named_in_address("contact")
may_edit = session.actor().may(Permission.MANAGE_CONTACTS)


@refusals.fragment
def body() -> None:
    live.on_change("contact", "deal", "company", "order", key="contact-live")
    with session.reading() as tx:
        contact = record_page.found(contacts.get, tx, contact_id, "contact")
        their_deals = deals.of_contact(tx, contact_id) if tx.actor.has(Module.CRM) else None
        every_label = record_labels.names(tx)
        their_orders = related.read(tx, "contact", contact_id)
        active = contacts.last_activity(tx, contact_id)
        context = record_page.context(tx, contacts.CONTACT, contact_id)
    left, right = st.columns([2, 3], gap="large")
    with left:
        details(contact, active, context)
        if context.actor.has(Module.COMPANIES):
            st.subheader("Company", anchor=False)
            company_link.show(contact, may_edit=may_edit)
        st.subheader("Labels", anchor=False)
        record_labels.choice("contact", contact, every_label, contacts.set_labels, may=may_edit)
    with right:
        if their_deals is not None:
            st.subheader("Deals", anchor=False)
            record_page.deals_table(their_deals, context.locale, key="contact-deals")
        if their_orders is not None:
            buyer = {"contact_id": contact.id, "contact_name": contact.shown_name}
            may_add = context.actor.may(Permission.MANAGE_CRM)
            related.show("contact", contact.id, their_orders, context.locale, may_add=may_add, **buyer)
        record_page.tabs(contacts.CONTACT, contact, context)
    order_drawer.show()


def details(contact: Contact, active: datetime | None, context: record_page.Context) -> None:
    fields = {
        ":material/mail: Email": contact.email,
        ":material/call: Phone": contact.phone,
        ":material/key: Identifier": contact.identifier,
        ":material/location_on: Place": ", ".join(filter(None, (contact.city, contact.country))),
        ":material/bolt: Last activity": words.ago(active, context.now, context.locale) if active else None,
    }
    without = ("name", "email", "phone", "identifier", "city", "country", "blocked")
    record_page.details(contact_form.LAYOUT, contact, fields, context, without=without)


def blocked(contact: Contact) -> None:
    if contact.blocked:
        st.badge("Blocked", color="red", icon=":material/block:")


record_page.show(contact_form.LAYOUT, contact_id, body, under_title=blocked)
