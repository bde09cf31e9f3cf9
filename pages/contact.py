"""One contact: who they are, where they work, their deals, and everything that ever happened to them."""

import streamlit as st

from crm import attributes, contacts, deals, events, labels, workspace
from crm.access import Module, Permission
from crm.contacts import Contact
from crm.ui import company_link, contact_form, drawer_form, live, record_fields, record_page, session, timeline, words

contact_id = record_page.named_in_address("contact")
may_edit = session.actor().may(Permission.MANAGE_CONTACTS)


def head(contact: Contact) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", wrap=False):
        st.title(words.plain(contact.shown_name), anchor=False)
        if may_edit:
            actions(contact)
    if contact.blocked:
        st.badge("Blocked", color="red", icon=":material/block:")


def actions(contact: Contact) -> None:
    with st.container(horizontal=True, width="content"):
        st.button("Edit", icon=":material/edit:", shortcut="e", on_click=drawer_form.start, args=(contact_form.EDIT,))
        turn = "Unblock" if contact.blocked else "Block"
        chosen = st.menu_button("More", [turn, "Delete"], icon=":material/more_horiz:", key="contact-more")
    if chosen == turn and session.attempt(contacts.unblock if contact.blocked else contacts.block, contact.id):
        st.rerun()
    if chosen == "Delete":
        record_page.confirm_delete(
            "contact", contact.id, contact.shown_name, contacts.delete, "Its deals stay where they are."
        )


@st.fragment
def body() -> None:
    live.on_change("contact", "deal", "company", key="contact-live")
    with session.reading() as tx:
        contact = record_page.found(contacts.get, tx, contact_id, "contact")
        definitions = attributes.definitions(tx, "contact")
        their_deals = deals.of_contact(tx, contact_id) if tx.actor.has(Module.CRM) else None
        history = events.history(tx, "contact", contact_id)
        every_label = [label.name for label in labels.all_of(tx)]
        locale = workspace.get(tx).locale
        actor, now = tx.actor, tx.now
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.subheader("Details", anchor=False)
        details(contact, definitions, actor.time_zone, actor.currency, locale)
        if actor.has(Module.COMPANIES):
            st.subheader("Company", anchor=False)
            company_link.show(contact, may_edit=may_edit)
        st.subheader("Labels", anchor=False)
        label_choice(contact, every_label)
    with right:
        if their_deals is not None:
            st.subheader("Deals", anchor=False)
            record_page.deals_table(their_deals, locale, key="contact-deals")
        st.subheader("Timeline", anchor=False)
        timeline.show(
            history,
            created_at=contact.created_at,
            time_zone=actor.time_zone,
            now=now,
            locale=locale,
            key="contact-timeline",
        )


def details(contact: Contact, definitions, time_zone: str, currency: str, locale: str) -> None:
    rows = {
        ":material/mail: Email": contact.email,
        ":material/call: Phone": contact.phone,
        ":material/key: Identifier": contact.identifier,
        ":material/location_on: Place": ", ".join(filter(None, (contact.city, contact.country))),
        ":material/person: Owner": contact.owner_name,
        ":material/group: Team": contact.team_name,
        ":material/schedule: Created": words.moment(contact.created_at, time_zone, locale),
        ":material/update: Changed": words.moment(contact.updated_at, time_zone, locale),
    }
    shown = {label: words.plain(value) if value else "–" for label, value in rows.items()}
    for one in definitions:
        value = contact.attributes.get(one.key)
        shown[words.plain(one.name)] = record_fields.shown(one, value, currency, locale)
    st.table(shown, border="horizontal", alt="Details of the contact")


def label_choice(contact: Contact, every_label: list[str]) -> None:
    key = f"labels-{contact.id}-{contact.version}"
    chosen = st.multiselect(
        "Labels",
        sorted({*every_label, *contact.labels}, key=str.casefold),
        default=list(contact.labels),
        accept_new_options=True,
        placeholder="Add a label",
        label_visibility="collapsed",
        disabled=not may_edit,
        key=key,
    )
    if set(chosen) != set(contact.labels) and session.attempt(contacts.set_labels, contact.id, chosen):
        st.rerun()


with session.reading() as tx:
    contact = record_page.found(contacts.get, tx, contact_id, "contact")
head(contact)
body()
contact_form.edit_if_started(contact)
