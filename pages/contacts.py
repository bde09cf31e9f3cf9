"""Contacts: find anybody among any number of them, narrow the list, open one, add one."""

import streamlit as st

from crm import attributes, contacts
from crm.access import Permission
from crm.ui import drawer_form, just_binned, live, record_form, record_list, session, words
from crm.ui.quick_filters import Quick

KEY = "contacts"
NEWEST = "-created_at"
SORTS = {
    NEWEST: "Newest first",
    "created_at": "Oldest first",
    "-updated_at": "Last changed first",
    "name": "Name, A to Z",
    "-name": "Name, Z to A",
    "company": "Company",
    "city": "City",
    "owner": "Owner",
}
QUICK = (
    Quick("owner_id", "Owner", "is", nobody="Nobody"),
    Quick("company.name", "Company contains", "contains"),
    Quick("country", "Country contains", "contains"),
    Quick("city", "City contains", "contains"),
    Quick("label", "Label", "is", nobody="No label"),
    Quick("blocked", "Blocked", "is"),
    Quick("created_at", "Created", "in_last_days"),
)


def title() -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title("Contacts", anchor=False)
        if session.actor().may(Permission.MANAGE_CONTACTS):
            st.button(
                "New contact",
                type="primary",
                icon=":material/add:",
                shortcut="n",
                on_click=drawer_form.start,
                args=(record_form.CONTACT.new,),
            )


@st.fragment
def whole_list() -> None:
    live.on_change("contact", key="contacts-live")
    wanted = record_list.asked(SORTS, NEWEST)
    with session.reading() as tx:
        fields = contacts.fields(tx)
        definitions = attributes.definitions(tx, "contact")
        page = record_list.read(tx, contacts.find, wanted)
        zone = tx.actor.time_zone
    record_list.toolbar(
        QUICK,
        fields,
        SORTS,
        kind="contacts",
        placeholder="Name, email, phone, identifier, company",
        default_sort=NEWEST,
        key=KEY,
    )
    record_list.standing(page, wanted, fields, "contact", "contacts", key=KEY)
    if not page.items:
        narrowed = bool(wanted.search or wanted.filter)
        record_list.nothing(narrowed=narrowed, one="contact", many="contacts", form=record_form.CONTACT.new)
        return
    columns = {
        "Name": lambda row: row["name"] or row["email"] or row["phone"],
        "Company": lambda row: row["company_name"],
        "Email": lambda row: row["email"],
        "Phone": lambda row: row["phone"],
        "City": lambda row: row["city"],
        "Labels": lambda row: row["labels"],
        "Owner": lambda row: row["owner_name"],
        "Created": lambda row: words.moment(row["created_at"], zone),
        **record_list.attribute_columns(definitions),
    }
    config = {
        "Name": st.column_config.TextColumn(width=210),
        "Company": st.column_config.TextColumn(width=170),
        "Email": st.column_config.TextColumn(width=220),
        "Labels": st.column_config.ListColumn(width=140),
        "Created": st.column_config.TextColumn(width=150),
    }
    record_list.table(page.items, columns, config, record="contact", alt="Contacts", key=KEY)
    record_list.pager(page, key=KEY)


title()
just_binned.offer()
whole_list()
record_form.new_if_started(record_form.CONTACT)
