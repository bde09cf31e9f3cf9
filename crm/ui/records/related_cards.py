"""The cards of related records: the contact and the company that a record belongs to, its deals, its people."""

from collections.abc import Callable, Sequence

import streamlit as st

from crm import contacts
from crm.contacts import Card as ContactCard
from crm.foundation import money
from crm.foundation.language import plural, tr
from crm.store import Reading, Row
from crm.ui import record_links, words
from crm.ui.forms import record_form
from crm.ui.records import record_layout

SHOWN = 5
DEAL_ICONS = {"open": ":material/handshake:", "won": ":material/emoji_events:", "lost": ":material/heart_broken:"}


def contact_card(contact_id: int | None, found: ContactCard | None, *, may_change: bool) -> None:
    """Draw the card of the contact that a record belongs to; `found` is None where there is none that is seen."""
    with record_layout.card("contact"):
        with record_layout.titled_row(tr("Contact")):
            if may_change:
                label = tr("Change") if contact_id else tr("Choose")
                st.button(label, type="tertiary", key="change-contact", on_click=record_form.start_edit)
        if found:
            contact(found)
        else:
            st.caption(tr("You may not see this contact.") if contact_id else tr("No contact."))


def contact(found: ContactCard) -> None:
    """Draw how to reach the contact."""
    record_links.link("contact", found.id, words.plain(found.shown_name), icon=":material/person:")
    reached = []
    if found.email and found.email != found.shown_name:
        reached.append(f":material/mail: {record_layout.mail_link(found.email)}")
    if found.phone:
        reached.append(f":material/call: {record_layout.phone_link(found.phone)}")
    about = ", ".join(part for part in (found.city, found.country) if part)
    reached += [f":material/location_on: {words.plain(about)}"] if about else []
    if found.blocked:
        reached.append(words.badge(tr("Blocked"), "red", "block"))
    if reached:
        st.markdown("  \n".join(reached))


def company(company_id: int, name: str, totals: list[Row], locale: str) -> None:
    """Draw the company with its deals in figures; `totals` are theirs by currency."""
    with record_layout.card("company", tr("Company")):
        record_links.link("company", company_id, words.plain(name), icon=":material/apartment:")
        st.caption(words.plain(deals_in_figures(totals, locale)))


def deals_in_figures(totals: list[Row], locale: str) -> str:
    """2 open deals · R$61,200.00 won; amounts of two currencies are never added."""
    opened = plural("{count:,} open deal", "{count:,} open deals", sum(total["open_count"] for total in totals))
    won = [money.shown(total["won_value"], total["currency"], locale) for total in totals if total["won_count"]]
    return " · ".join([opened, *([tr("{amount} won", amount=" + ".join(won))] if won else [])])


def read_contact(tx: Reading, contact_id: int | None) -> ContactCard | None:
    """The contact, where there is one that this person sees."""
    return contacts.card(tx, contact_id) if contact_id else None


def deals_card(
    rows: Sequence[Row],
    locale: str,
    *,
    on_new: Callable[[], None] | None,
    below: Callable[[], None] | None = None,
) -> None:
    """Draw the card of a record's deals, open ones first; `rows` as `deals.of_contact` reads them. `on_new` is the
    callback of the button that makes one; `below` draws what else the card offers."""
    title = tr("Deals")
    with record_layout.card("deals"):
        with record_layout.titled_row(f"{title} :gray[{len(rows)}]" if rows else title):
            if on_new:
                st.button(
                    tr("New deal"),
                    icon=":material/add:",
                    type="tertiary",
                    shortcut="n",
                    key="new-deal-of-record",
                    on_click=on_new,
                )
        if not rows:
            st.caption(tr("No deals."))
        for row in rows[:SHOWN]:
            ends = row["closed_on"] or row["expected_close"]
            about = [money.shown(row["value"], row["currency"], locale)] if row["value"] is not None else []
            about += [row["stage_name"], *([words.day(ends, locale)] if ends else [])]
            label = f"{words.plain(row['title'])}  \n:small[:gray[{words.plain(' · '.join(about))}]]"
            record_links.link("deal", row["id"], label, icon=DEAL_ICONS[row["status"]])
        if len(rows) > SHOWN:
            st.caption(tr("{count} more under “Deals”.", count=len(rows) - SHOWN))
        if below:
            below()


def person(found: ContactCard) -> None:
    """Draw the link to a contact of a list."""
    name = found.shown_name
    reached = found.email if found.email != name else found.phone
    about = f"  \n:small[:gray[{words.plain(reached)}]]" if reached and reached != name else ""
    record_links.link("contact", found.id, f"{words.plain(name)}{about}", icon=":material/person:")
