"""The form of a contact, new or edited, in a drawer."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from crm import attributes, contacts, users
from crm.access import Role
from crm.contacts import Contact
from crm.ui import drawer_form, record_fields, session

NEW, EDIT = "new-contact", "edit-contact"


def new_if_started() -> None:
    if drawer_form.is_open(NEW):
        _new()


def edit_if_started(contact: Contact) -> None:
    if drawer_form.is_open(EDIT):
        _edit(contact)


@st.dialog("New contact", width="medium", position="right", icon=":material/person_add:", on_dismiss=drawer_form.close)
def _new() -> None:
    actor = session.actor()
    with st.form("new-contact", border=False):
        given, values = _fields({"owner_id": actor.id if actor.role is Role.REP else None, "attributes": {}})
        submitted = st.form_submit_button("Add contact", type="primary", icon=":material/check:")
    if submitted:
        contact = drawer_form.save(contacts.create, **given, attributes=values)
        if contact:
            st.switch_page("pages/contact.py", query_params={"contact": str(contact.id)})


@st.dialog("Edit contact", width="medium", position="right", icon=":material/edit:", on_dismiss=drawer_form.close)
def _edit(contact: Contact) -> None:
    base = drawer_form.seen(contact)
    with st.form("edit-contact", border=False):
        given, values = _fields(base)
        submitted = st.form_submit_button("Save", type="primary", icon=":material/save:")
    if submitted:
        saved = drawer_form.save(
            contacts.edit,
            contact.id,
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
        definitions = attributes.definitions(tx, "contact")
    given: dict[str, Any] = {"name": _text("Name", "name", base)}
    left, right = st.columns(2)
    with left:
        given["email"] = _text("Email", "email", base, type="email")
        given["city"] = _text("City", "city", base)
        given["identifier"] = _text("Identifier", "identifier", base, help="The customer’s key in another system")
    with right:
        given["phone"] = _text("Phone", "phone", base, type="phone", placeholder="+55 11 98765-4321")
        given["country"] = _text("Country", "country", base)
        given["owner_id"] = owner_choice(people, base.get("owner_id"), base.get("owner_name"))
    return given, record_fields.widgets(definitions, base["attributes"], key=drawer_form.key("attribute"))


def owner_choice(people: dict[int, str], owner_id: int | None, owner_name: str | None) -> int | None:
    """Whose record it is; an owner who has left stays to be seen until another is chosen."""
    options = people if owner_id is None or owner_id in people else {**people, owner_id: owner_name or "Former user"}
    ids = list(options)
    return st.selectbox(
        "Owner",
        ids,
        index=ids.index(owner_id) if owner_id is not None else None,
        format_func=options.__getitem__,
        placeholder="Nobody",
        key=drawer_form.key("owner"),
    )


def _text(label: str, field: str, base: Mapping[str, Any], **options: Any) -> str:
    return st.text_input(label, base.get(field) or "", key=drawer_form.key(field), **options)
