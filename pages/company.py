"""One company: what it is, who works there, its deals and what they come to, and everything that happened to it."""

import polars as pl
import streamlit as st

from crm import attributes, companies, contacts, deals, events, money, workspace
from crm.access import Module, Permission
from crm.companies import Company
from crm.filters import Rule
from crm.listing import Asked
from crm.ui import company_form, drawer_form, live, record_fields, record_page, session, timeline, words

SHOWN_CONTACTS = 20

company_id = record_page.named_in_address("company")


def head(company: Company) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", wrap=False):
        st.title(words.plain(company.name), anchor=False)
        if not session.actor().may(Permission.MANAGE_CONTACTS):
            return
        with st.container(horizontal=True, width="content"):
            st.button(
                "Edit", icon=":material/edit:", shortcut="e", on_click=drawer_form.start, args=(company_form.EDIT,)
            )
            chosen = st.menu_button("More", ["Delete"], icon=":material/more_horiz:", key="company-more")
    if chosen == "Delete":
        record_page.confirm_delete(
            "company", company.id, company.name, companies.delete, "Its contacts and deals stay where they are."
        )


@st.fragment
def body() -> None:
    live.on_change("company", "contact", "deal", key="company-live")
    with session.reading() as tx:
        company = record_page.found(companies.get, tx, company_id, "company")
        definitions = attributes.definitions(tx, "company")
        people = contacts.find(
            tx, Asked(Rule(field="company_id", op="is", value=company_id), sort="name", limit=SHOWN_CONTACTS)
        )
        has_deals = tx.actor.has(Module.CRM)
        their_deals = deals.of_company(tx, company_id) if has_deals else []
        totals = deals.totals_of_company(tx, company_id) if has_deals else []
        history = events.history(tx, "company", company_id)
        locale = workspace.get(tx).locale
        actor, now = tx.actor, tx.now
    figures(company, totals, locale)
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.subheader("Details", anchor=False)
        details(company, definitions, actor.time_zone, actor.currency, locale)
        st.subheader("Contacts", anchor=False)
        contact_table(people)
    with right:
        if has_deals:
            st.subheader("Deals", anchor=False)
            record_page.deals_table(their_deals, locale, key="company-deals")
        st.subheader("Timeline", anchor=False)
        timeline.show(
            history,
            created_at=company.created_at,
            time_zone=actor.time_zone,
            now=now,
            locale=locale,
            key="company-timeline",
        )


def figures(company: Company, totals, locale: str) -> None:
    """One card for the people and one for each currency: amounts of two currencies are never added."""
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


def details(company: Company, definitions, time_zone: str, currency: str, locale: str) -> None:
    rows = {
        ":material/language: Domain": company.domain,
        ":material/notes: Description": company.description,
        ":material/person: Owner": company.owner_name,
        ":material/group: Team": company.team_name,
        ":material/schedule: Created": words.moment(company.created_at, time_zone, locale),
        ":material/update: Changed": words.moment(company.updated_at, time_zone, locale),
    }
    shown = {label: words.plain(value) if value else "–" for label, value in rows.items()}
    for one in definitions:
        value = company.attributes.get(one.key)
        shown[words.plain(one.name)] = record_fields.shown(one, value, currency, locale)
    st.table(shown, border="horizontal", alt="Details of the company")


def contact_table(people) -> None:
    if not people.items:
        st.caption("No contacts. Link one from the contact’s own page.")
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
        st.caption(
            f"{len(people.items)} of {people.total:,} contacts. The list of contacts finds the others by company."
        )


with session.reading() as tx:
    company = record_page.found(companies.get, tx, company_id, "company")
head(company)
body()
company_form.edit_if_started(company)
