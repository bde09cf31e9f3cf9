"""The company on a contact's page: the linked one, the one its email suggests, and a search for another."""

from functools import partial

import streamlit as st

from crm import companies, contacts
from crm.contacts import Contact
from crm.foundation.errors import CrmError
from crm.foundation.language import tr
from crm.ui import session, words
from crm.ui.components import lazy, picker
from crm.ui.records import record_state


def show(contact: Contact, *, may_edit: bool) -> None:
    if contact.company_id and contact.company_name:
        _linked(contact, may_edit)
        return
    with session.reading() as tx:
        suggested = companies.suggested_for(tx, contact.email) if may_edit else None
    if suggested:
        st.markdown(tr("Works at **{name}**? The email’s domain is theirs.", name=words.plain(suggested.name)))
        if st.button(
            tr("Link to {name}", name=words.plain(suggested.name)), icon=":material/link:", key="link-suggested"
        ):
            _link(contact, suggested.id)
    else:
        st.caption(tr("No company."))
    if may_edit:
        key = f"{record_state.of('contact', contact.id)}-link-company"
        lazy.popover(tr("Link a company"), partial(_find, contact), key=key, icon=":material/add_link:")


def _linked(contact: Contact, may_edit: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.page_link(
            "pages/company.py",
            label=words.plain(contact.company_name),
            icon=":material/apartment:",
            query_params={"company": str(contact.company_id)},
        )
        if may_edit and st.button(tr("Unlink"), type="tertiary", icon=":material/link_off:", key="unlink-company"):
            _link(contact, None)


def _find(contact: Contact) -> None:
    key = f"{record_state.of('contact', contact.id)}-find-company"

    def link(company_id: int) -> None:
        try:
            session.do(contacts.edit, contact.id, company_id=company_id)
        except CrmError as refusal:
            picker.refuse(key, refusal)

    picker.action(tr("Company"), "company", key=key, on_pick=link, placeholder=tr("Name or domain"))


def _link(contact: Contact, company_id: int | None) -> None:
    if session.done(contacts.edit, contact.id, company_id=company_id):
        st.rerun()
