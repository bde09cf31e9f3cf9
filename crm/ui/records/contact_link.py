"""The popovers of a company's page that link a contact to it and unlink one."""

from functools import partial

import streamlit as st

from crm import contacts
from crm.companies import Company
from crm.foundation.errors import CrmError
from crm.foundation.language import tr
from crm.records.filters import Rule
from crm.records.listing import ListQuery
from crm.store import Row
from crm.ui import session, words
from crm.ui.components import lazy, picker
from crm.ui.records import record_state

SHOWN = 8


def show(company: Company) -> None:
    prefix = record_state.of("company", company.id)
    with st.container(horizontal=True):
        link, unlink = partial(_link, company), partial(_unlink, company)
        lazy.popover(tr("Link a contact"), link, key=f"{prefix}-link-contact", icon=":material/person_add:")
        if company.contact_count:
            key = f"{prefix}-unlink-contact"
            lazy.popover(tr("Unlink one"), unlink, key=key, icon=":material/link_off:", type="tertiary")


def _link(company: Company) -> None:
    key = f"{record_state.of('company', company.id)}-find-contact"

    def link(contact_id: int) -> None:
        try:
            session.do(contacts.edit, contact_id, company_id=company.id)
        except CrmError as refusal:
            picker.refuse(key, refusal)

    picker.action(tr("Contact"), "contact", key=key, on_pick=link, placeholder=tr("Name, email or phone"))


def _unlink(company: Company) -> None:
    query = _query(tr("Contact"), f"find-to-unlink-{company.id}")
    for row in _found(query, Rule(field="company_id", op="is", value=company.id)):
        if st.button(
            words.plain(_name(row)), key=f"unlink-contact-{row['id']}", type="tertiary", icon=":material/link_off:"
        ):
            _set_company(row["id"], None)


def _query(label: str, key: str) -> str:
    return st.text_input(label, type="search", live=True, placeholder=tr("Name, email or phone"), key=key).strip()


def _found(query: str, where: Rule) -> list[Row]:
    with session.reading() as tx:
        return contacts.find(tx, ListQuery(where, search=query, sort="name", limit=SHOWN)).items


def _name(row: Row) -> str:
    return str(row["name"] or row["email"] or row["phone"])


def _set_company(contact_id: int, company_id: int | None) -> None:
    if session.done(contacts.edit, contact_id, company_id=company_id):
        st.rerun()
