"""The form of a company, new or edited, in a drawer."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from crm import attributes, companies, users
from crm.access import Role
from crm.companies import Company
from crm.ui import drawer_form, record_fields, session
from crm.ui.contact_form import owner_choice

NEW, EDIT = "new-company", "edit-company"


def new_if_started() -> None:
    if drawer_form.is_open(NEW):
        _new()


def edit_if_started(company: Company) -> None:
    if drawer_form.is_open(EDIT):
        _edit(company)


@st.dialog("New company", width="medium", position="right", icon=":material/domain_add:", on_dismiss=drawer_form.close)
def _new() -> None:
    actor = session.actor()
    with st.form("new-company", border=False):
        given, values = _fields({"owner_id": actor.id if actor.role is Role.REP else None, "attributes": {}})
        submitted = st.form_submit_button("Add company", type="primary", icon=":material/check:")
    if submitted:
        company = drawer_form.save(companies.create, **given, attributes=values)
        if company:
            st.switch_page("pages/company.py", query_params={"company": str(company.id)})


@st.dialog("Edit company", width="medium", position="right", icon=":material/edit:", on_dismiss=drawer_form.close)
def _edit(company: Company) -> None:
    base = drawer_form.seen(company)
    with st.form("edit-company", border=False):
        given, values = _fields(base)
        submitted = st.form_submit_button("Save", type="primary", icon=":material/save:")
    if submitted:
        saved = drawer_form.save(
            companies.edit,
            company.id,
            version=base["version"],
            attributes=values,
            **drawer_form.differing(base, given),
        )
        if saved:
            st.rerun()


def _fields(base: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The widgets: standard fields as they stand now, and attributes."""
    with session.reading() as tx:
        people = {person.id: person.name for person in users.everyone(tx) if person.active}
        definitions = attributes.definitions(tx, "company")
    given: dict[str, Any] = {
        "name": st.text_input("Name", base.get("name") or "", key=drawer_form.key("name")),
        "domain": st.text_input(
            "Domain", base.get("domain") or "", placeholder="example.com", key=drawer_form.key("domain")
        ),
        "description": st.text_area("Description", base.get("description") or "", key=drawer_form.key("description")),
        "owner_id": owner_choice(people, base.get("owner_id"), base.get("owner_name")),
    }
    return given, record_fields.widgets(definitions, base["attributes"], key=drawer_form.key("attribute"))
