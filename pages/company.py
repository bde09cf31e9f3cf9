"""Company: one company with its contacts, its deals and their sums, its orders and its history."""

import polars as pl
import streamlit as st

from crm import companies, contacts, deals
from crm.companies import Company
from crm.foundation import money
from crm.foundation.access import Module, Permission
from crm.records.filters import Rule, dump
from crm.records.listing import ListQuery, Page
from crm.store import Row
from crm.ui import live, refusals, session
from crm.ui.forms import company_form
from crm.ui.orders import drawer as order_drawer
from crm.ui.orders import related
from crm.ui.records import contact_link, record_page

SHOWN_CONTACTS = 20

company_id = record_page.named_in_address("company")
OF_COMPANY = Rule(field="company_id", op="is", value=company_id)


@refusals.fragment
def body() -> None:
    live.on_change("company", "contact", "deal", "order", key="company-live")
    with session.reading() as tx:
        company = record_page.found(companies.get, tx, company_id, "company")
        people = contacts.find(tx, ListQuery(OF_COMPANY, sort="name", limit=SHOWN_CONTACTS))
        has_deals = tx.actor.has(Module.CRM)
        their_deals = deals.of_company(tx, company_id) if has_deals else []
        totals = deals.totals_of_company(tx, company_id) if has_deals else []
        their_orders = related.read(tx, "company", company_id)
        context = record_page.context(tx, companies.COMPANY, company_id)
    figures(company, totals, context.locale)
    left, right = st.columns([2, 3], gap="large")
    with left:
        record_page.details(company_form.LAYOUT, company, {}, context, without=("name",))
        st.subheader("Contacts", anchor=False)
        contact_table(people)
        if context.actor.may(Permission.MANAGE_CONTACTS):
            contact_link.show(company)
    with right:
        if has_deals:
            st.subheader("Deals", anchor=False)
            record_page.deals_table(their_deals, context.locale, key="company-deals")
        if their_orders is not None:
            related.show("company", company.id, their_orders, context.locale, may_add=False)
        record_page.tabs(companies.COMPANY, company, context)
    order_drawer.show()


def figures(company: Company, totals: list[Row], locale: str) -> None:
    """Draw a card for the contacts and one for each currency: amounts of two are never added."""
    with st.grid(min_column_width=220, row_height=118):
        st.metric("Contacts", f"{company.contact_count:,}", border=True, icon=":material/group:", height="stretch")
        for total in totals:
            code = total["currency"]
            won = f"{total['won_count']:,} won: {money.compact(total['won_value'], code, locale)}"
            st.metric(
                f"{total['open_count']:,} open in {code}",
                money.compact(total["open_value"], code, locale),
                won if total["won_count"] else None,
                delta_arrow="off",
                border=True,
                icon=":material/handshake:",
                height="stretch",
            )


def contact_table(people: Page) -> None:
    if not people.items:
        st.caption("No contacts yet.")
        return
    frame = pl.DataFrame(
        {
            "Name": [row["name"] or row["email"] or row["phone"] for row in people.items],
            "Email": [row["email"] for row in people.items],
            "Phone": [row["phone"] for row in people.items],
        }
    )
    record_page.opening_table(
        frame, "contact", [row["id"] for row in people.items], alt="Contacts of the company", key="company-contacts"
    )
    if people.total > len(people.items):
        st.page_link(
            "pages/contacts.py",
            label=f"All {people.total:,} contacts of the company",
            icon=":material/arrow_forward:",
            query_params={"filter": dump(OF_COMPANY), "sort": "name"},
        )


record_page.show(company_form.LAYOUT, company_id, body)
