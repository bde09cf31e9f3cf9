"""The form of a contact or a company, new or edited, in a drawer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st
from pydantic import BaseModel

from crm import companies, contacts
from crm.foundation.access import Role
from crm.platform.people import users
from crm.records import attributes
from crm.ui import session
from crm.ui.forms import drawer_form, record_clash, record_fields

Fields = dict[str, Any]


@dataclass(frozen=True)
class Form:
    """What the forms of two nouns differ in."""

    kind: str
    icon: str
    draw: Callable[[Mapping[str, Any]], Fields]
    create: Callable[..., Any]
    edit: Callable[..., Any]

    @property
    def new(self) -> str:
        """What `drawer_form.start` takes, to begin a new record."""
        return f"new-{self.kind}"

    @property
    def edited(self) -> str:
        return f"edit-{self.kind}"


def new_if_started(form: Form) -> None:
    if not drawer_form.is_open(form.new):
        return

    @_drawer(f"New {form.kind}", form.icon)
    def ask() -> None:
        actor = session.actor()
        with st.form(form.new, border=False):
            given, values = _fields(form, {"owner_id": actor.id if actor.role is Role.REP else None, "attributes": {}})
            submitted = st.form_submit_button(f"Add {form.kind}", type="primary", icon=":material/check:")
        if submitted:
            made = drawer_form.save(form.create, **given, attributes=values)
            if made:
                st.switch_page(f"pages/{form.kind}.py", query_params={form.kind: str(made.id)})

    ask()


def edit_if_started(form: Form, record: BaseModel) -> None:
    if not drawer_form.is_open(form.edited):
        return

    @_drawer(f"Edit {form.kind}", ":material/edit:")
    def ask() -> None:
        base = drawer_form.seen(record)
        with session.reading() as tx:
            names = {one.key: one.name for one in attributes.definitions(tx, form.kind)}
        clashes = record_clash.settle(base, names)
        with st.form(form.edited, border=False):
            given, values = _fields(form, base)
            submitted = st.form_submit_button(
                "Save",
                type="primary",
                icon=":material/save:",
                disabled=clashes,
                help="Choose whose values to keep first." if clashes else None,
            )
        if submitted and record_clash.save(form.edit, base, drawer_form.differing(base, given), values):
            st.rerun()

    ask()


def _drawer(title: str, icon: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    return st.dialog(title, width="medium", position="right", icon=icon, on_dismiss=drawer_form.close)


def _fields(form: Form, base: Mapping[str, Any]) -> tuple[Fields, Fields]:
    """The widgets: standard fields as they stand now, and attributes."""
    with session.reading() as tx:
        definitions = attributes.definitions(tx, form.kind)
    given = form.draw(base)
    return given, record_fields.widgets(definitions, base["attributes"], key=drawer_form.key("attribute"))


def _contact(base: Mapping[str, Any]) -> Fields:
    given: Fields = {"name": _text("Name", "name", base)}
    left, right = st.columns(2)
    with left:
        given["email"] = _text("Email", "email", base, type="email")
        given["city"] = _text("City", "city", base)
        given["identifier"] = _text("Identifier", "identifier", base, help="The customer’s key in another system")
    with right:
        given["phone"] = _text("Phone", "phone", base, type="phone", placeholder="+55 11 98765-4321")
        given["country"] = _text("Country", "country", base)
        given["owner_id"] = _owner(base)
    return given


def _company(base: Mapping[str, Any]) -> Fields:
    return {
        "name": _text("Name", "name", base),
        "domain": _text("Domain", "domain", base, placeholder="example.com"),
        "description": st.text_area("Description", key=_begun("description", base.get("description") or "")),
        "owner_id": _owner(base),
    }


def _owner(base: Mapping[str, Any]) -> int | None:
    """Whose record it is; an owner who has left stays to be seen until another is chosen."""
    owner_id = base.get("owner_id")
    with session.reading() as tx:
        people = {person.id: person.name for person in users.everyone(tx) if person.active}
    if owner_id is not None:
        people = {owner_id: base.get("owner_name") or "Former user"} | people
    return st.selectbox(
        "Owner",
        list(people),
        index=None,
        format_func=people.__getitem__,
        placeholder="Nobody",
        key=_begun("owner_id", owner_id),
    )


def _text(label: str, field: str, base: Mapping[str, Any], **options: Any) -> str:
    typed: str = st.text_input(label, key=_begun(field, base.get(field) or ""), **options)
    return typed


def _begun(field: str, value: Any) -> str:
    """The key of the field's widget, in which the value stands until the person types."""
    key = drawer_form.key(field)
    if key not in st.session_state:
        st.session_state[key] = value
    return key


CONTACT = Form("contact", ":material/person_add:", _contact, contacts.create, contacts.edit)
COMPANY = Form("company", ":material/domain_add:", _company, companies.create, companies.edit)
OF = {form.kind: form for form in (CONTACT, COMPANY)}
