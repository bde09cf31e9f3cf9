"""Company: one company with its contacts, its deals and their sums, its orders and its history."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from crm import companies, contacts, deals
from crm.companies import COMPANY, Company
from crm.foundation import money
from crm.foundation.access import Module, Permission
from crm.foundation.language import plural, tr
from crm.records.filters import Rule, dump
from crm.store import Row
from crm.ui import live, session
from crm.ui.deals import new as new_deal
from crm.ui.forms import company_form
from crm.ui.orders import new as new_order
from crm.ui.orders import related
from crm.ui.records import contact_link, linked_records, record_layout, record_page, related_cards
from crm.ui.records.record_page import Context, Tab

company_id = record_page.named_in_address("company")
OF_COMPANY = Rule(field="company_id", op="is", value=company_id)


def body() -> None:
    live.on_change("company", "contact", "deal", "order", key="company-live")
    with session.reading() as tx:
        company = record_page.found(companies.get, tx, company_id, "company")
        people, total = contacts.of_company(tx, company_id, related_cards.SHOWN)
        has_deals = tx.actor.has(Module.CRM)
        their_deals = deals.of_company(tx, company_id) if has_deals else []
        totals = deals.totals_of_company(tx, company_id) if has_deals else []
        context = record_page.context(tx, COMPANY, company_id)
        linked = linked_records.read(tx, "company", company_id)
    record_page.head(company_form.LAYOUT, company)
    left, middle, right = record_layout.columns()
    with left:
        figures(totals, context.locale)
        record_page.details(company_form.LAYOUT, company, {}, context, without=("name",))
    with middle, record_layout.main():
        own = record_page.deals_tab(their_deals, context.locale, key="company-deals")
        if context.actor.has(Module.ORDERS):
            own.append(Tab(tr("Orders"), lambda: orders(context)))
        record_page.tabs(COMPANY, company, context, own=own)
    with right:
        contacts_card(company, people, total, context)
        if has_deals:
            add_deal = {"title": company.name, "company_id": company.id, "company_name": company.name}
            on_new = partial(new_deal.ask, **add_deal) if context.actor.may(Permission.MANAGE_CRM) else None
            related_cards.deals_card(their_deals, context.locale, on_new=on_new)
        linked_records.card("company", company_id, linked, context.locale)


def figures(totals: list[Row], locale: str) -> None:
    """Draw the sums of the deals, each currency for itself: amounts of two are never added."""
    if not totals:
        return
    with record_layout.card("value"):
        for total in totals:
            code = total["currency"]
            won = plural(
                "{count:,} won: {amount}",
                "{count:,} won: {amount}",
                total["won_count"],
                amount=money.compact(total["won_value"], code, locale),
            )
            st.metric(
                plural(
                    "{count:,} open in {currency}", "{count:,} open in {currency}", total["open_count"], currency=code
                ),
                money.compact(total["open_value"], code, locale),
                won if total["won_count"] else None,
                delta_arrow="off",
            )


def orders(context: Context) -> None:
    with session.reading() as tx:
        found = related.read(tx, "company", company_id)
    if found:
        related.show("company", company_id, found, context.locale, may_add=False)


def contacts_card(company: Company, people: Sequence[contacts.Card], total: int, context: Context) -> None:
    title = tr("Contacts :gray[{count:,}]", count=total) if total else tr("Contacts")
    with record_layout.card("contact", title):
        if not people:
            st.caption(tr("No contacts yet."))
        for person in people:
            related_cards.person(person)
        if total > len(people):
            st.page_link(
                "pages/contacts.py",
                label=tr("All {count:,} contacts of the company", count=total),
                icon=":material/arrow_forward:",
                query_params={"filter": dump(OF_COMPANY), "sort": "name"},
            )
        if context.actor.may(Permission.MANAGE_CONTACTS):
            contact_link.show(company)


record_page.show(company_form.LAYOUT, company_id, body, dialogs=(new_deal, new_order))
