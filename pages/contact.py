"""Contact: one contact with its company, labels, deals, orders and history."""

from datetime import datetime
from functools import partial

from crm import contacts, deals
from crm.contacts import CONTACT, Contact
from crm.foundation.access import Module, Permission
from crm.foundation.language import tr
from crm.records.listing import ListQuery
from crm.ui import live, session, words
from crm.ui.deals import new as new_deal
from crm.ui.forms import contact_form
from crm.ui.lists import to_pipeline
from crm.ui.lists.picking import Picked
from crm.ui.orders import new as new_order
from crm.ui.orders import related
from crm.ui.records import company_link, linked_records, record_layout, record_page, related_cards
from crm.ui.records.record_page import Context, Tab

contact_id = record_page.named_in_address("contact")


def body() -> None:
    live.on_change("contact", "deal", "company", "order", key="contact-live")
    with session.reading() as tx:
        contact = record_page.found(contacts.get, tx, contact_id, "contact")
        their_deals = deals.of_contact(tx, contact_id) if tx.actor.has(Module.CRM) else []
        active = contacts.last_activity(tx, contact_id)
        context = record_page.context(tx, CONTACT, contact_id)
        linked = linked_records.read(tx, "contact", contact_id)
    blocked = words.badge(tr("Blocked"), "red", "block") if contact.blocked else ""
    record_page.head(contact_form.LAYOUT, contact, badges=blocked)
    left, middle, right = record_layout.columns()
    with left:
        details(contact, active, context)
    with middle, record_layout.main():
        own = record_page.deals_tab(their_deals, context.locale, key="contact-deals")
        if context.actor.has(Module.ORDERS):
            own.append(Tab(tr("Orders"), lambda: orders(contact, context)))
        record_page.tabs(CONTACT, contact, context, own=own)
    with right:
        if context.actor.has(Module.COMPANIES):
            with record_layout.card("company", tr("Company")):
                company_link.show(contact, may_edit=record_page.may_change(CONTACT, contact))
        if context.actor.has(Module.CRM):
            add_deal = {"title": contact.shown_name, "contact_id": contact.id, "contact_name": contact.shown_name}
            add_deal |= {"company_id": contact.company_id, "company_name": contact.company_name}
            on_new = partial(new_deal.ask, **add_deal) if context.actor.may(Permission.MANAGE_CRM) else None
            this = Picked(ListQuery(ids=(contact.id,)), 1, False)
            add = partial(to_pipeline.button, this, key="contact", type="tertiary")
            related_cards.deals_card(their_deals, context.locale, on_new=on_new, below=add)
        linked_records.card("contact", contact_id, linked, context.locale)


def details(contact: Contact, active: datetime | None, context: Context) -> None:
    own = {
        tr("Email"): record_layout.mail_link(contact.email),
        tr("Phone"): record_layout.phone_link(contact.phone),
        tr("Identifier"): words.plain(contact.identifier),
        tr("Place"): words.plain(", ".join(filter(None, (contact.city, contact.country)))),
        tr("Last activity"): words.plain(words.ago(active, context.now, context.locale)) if active else None,
    }
    without = ("name", "email", "phone", "identifier", "city", "country", "blocked", "company_id")
    record_page.details(contact_form.LAYOUT, contact, own, context, without=without)


def orders(contact: Contact, context: Context) -> None:
    with session.reading() as tx:
        found = related.read(tx, "contact", contact.id)
    if found:
        buyer = {"contact_id": contact.id, "contact_name": contact.shown_name}
        may_add = context.actor.may(Permission.MANAGE_CRM)
        related.show("contact", contact.id, found, context.locale, may_add=may_add, **buyer)


record_page.show(contact_form.LAYOUT, contact_id, body, dialogs=(new_deal, new_order, to_pipeline))
