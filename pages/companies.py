"""Companies: find one among any number of them, open it, add one."""

import streamlit as st

from crm import attributes, companies
from crm.access import Permission
from crm.ui import drawer_form, just_binned, live, record_form, record_list, session, words
from crm.ui.quick_filters import Quick

KEY = "companies"
NAME = "name"
SORTS = {
    NAME: "Name, A to Z",
    "-name": "Name, Z to A",
    "-created_at": "Newest first",
    "created_at": "Oldest first",
    "-updated_at": "Last changed first",
    "domain": "Domain",
    "owner": "Owner",
}
QUICK = (
    Quick("owner_id", "Owner", "is", nobody="Nobody"),
    Quick("domain", "Domain contains", "contains"),
    Quick("description", "Description contains", "contains"),
    Quick("created_at", "Created", "in_last_days"),
)


def title() -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title("Companies", anchor=False)
        if session.actor().may(Permission.MANAGE_CONTACTS):
            st.button(
                "New company",
                type="primary",
                icon=":material/add:",
                shortcut="n",
                on_click=drawer_form.start,
                args=(record_form.COMPANY.new,),
            )


@st.fragment
def whole_list() -> None:
    live.on_change("company", "contact", key="companies-live")
    wanted = record_list.asked(SORTS, NAME)
    with session.reading() as tx:
        fields = companies.fields(tx)
        definitions = attributes.definitions(tx, "company")
        page = record_list.read(tx, companies.find, wanted)
        zone = tx.actor.time_zone
    record_list.toolbar(
        QUICK, fields, SORTS, kind="companies", placeholder="Name or domain", default_sort=NAME, key=KEY
    )
    record_list.standing(page, wanted, fields, "company", "companies", key=KEY)
    if not page.items:
        narrowed = bool(wanted.search or wanted.filter)
        record_list.nothing(narrowed=narrowed, one="company", many="companies", form=record_form.COMPANY.new)
        return
    columns = {
        "Name": lambda row: row["name"],
        "Domain": lambda row: row["domain"],
        "Contacts": lambda row: row["contact_count"],
        "Owner": lambda row: row["owner_name"],
        "Created": lambda row: words.moment(row["created_at"], zone),
        **record_list.attribute_columns(definitions),
    }
    config = {"Name": st.column_config.TextColumn(width=280)}
    record_list.table(page.items, columns, config, record="company", alt="Companies", key=KEY)
    record_list.pager(page, key=KEY)


title()
just_binned.offer()
whole_list()
record_form.new_if_started(record_form.COMPANY)
