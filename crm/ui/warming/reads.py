"""What the pages of records and the drawer of a deal read, read ahead of them: the answers are kept, and what is opened
finds them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from crm import companies, contacts, deals, orders, pipelines
from crm.companies import COMPANY
from crm.contacts import CONTACT
from crm.deals import DEAL, health, quote
from crm.foundation.access import Module, Permission
from crm.orders import ORDER
from crm.records import checklists, duplicates, merging, notes
from crm.records.declaration import RecordType, Trait
from crm.records.history import history
from crm.store import Reading
from crm.ui.deals import form as deal_form
from crm.ui.forms import company_form, contact_form, form_fields
from crm.ui.forms.layout import FormLayout
from crm.ui.orders import form as order_form
from crm.ui.records import facts, linked_records, record_page, related_cards


def deal(tx: Reading, record_id: int) -> None:
    found = deals.get(tx, record_id)
    pipelines.get(tx, found.pipeline_id)
    deals.movements(tx, record_id)
    if found.owner_id != tx.actor.id:
        deals.follows(tx, record_id)
    if found.is_open:
        health.of(tx, record_id)
    checklists.of(tx, record_id)
    notes.of(tx, "deal", record_id)  # its page opens on them, where others open on what happened
    if found.has_lines:
        quote.of(tx, record_id)
    related_cards.read_contact(tx, found.contact_id)
    if found.company_id and found.company_name:
        deals.totals_of_company(tx, found.company_id)
    linked_records.read(tx, "deal", record_id)
    _shared(tx, DEAL, deal_form.LAYOUT, found)


def drawer(tx: Reading, record_id: int) -> None:
    """What the drawer of a deal shows, which its card opens."""
    found = deals.get(tx, record_id)
    pipelines.get(tx, found.pipeline_id)
    related_cards.read_contact(tx, found.contact_id)
    checklists.of(tx, record_id)
    health.at_a_glance(tx, (record_id,))
    notes.of(tx, "deal", record_id)
    form_fields.read(tx, deal_form.LAYOUT, deal_form.SHORT, deal_form.LAYOUT.absent(found))


def contact(tx: Reading, record_id: int) -> None:
    found = contacts.get(tx, record_id)
    contacts.last_activity(tx, record_id)
    if tx.actor.has(Module.CRM):
        deals.of_contact(tx, record_id)
    history(tx, "contact", record_id)
    linked_records.read(tx, "contact", record_id)
    _shared(tx, CONTACT, contact_form.LAYOUT, found)


def company(tx: Reading, record_id: int) -> None:
    found = companies.get(tx, record_id)
    contacts.of_company(tx, record_id, related_cards.SHOWN)
    if tx.actor.has(Module.CRM):
        deals.of_company(tx, record_id)
        deals.totals_of_company(tx, record_id)
    history(tx, "company", record_id)
    linked_records.read(tx, "company", record_id)
    _shared(tx, COMPANY, company_form.LAYOUT, found)


def order(tx: Reading, record_id: int) -> None:
    found = orders.get(tx, record_id)
    contact = related_cards.read_contact(tx, found.contact_id)
    if contact and contact.company_id and tx.actor.has(Module.COMPANIES):
        companies.card(tx, contact.company_id)
    history(tx, "order", record_id)
    _shared(tx, ORDER, order_form.LAYOUT, found)


def _shared(tx: Reading, of: RecordType[Any], form: FormLayout, record: Any) -> None:
    """What every page of a record reads."""
    beside = record_page.context(tx, of, record.id)
    facts.of_record(tx, form, record, beside.locale, without=())
    if of.has(Trait.MERGE) and tx.actor.may(Permission.MANAGE_CONTACTS):
        duplicates.of_record(tx, of.key, record.id)
        merging.absorbed_any(tx, of.key, record.id)


@dataclass(frozen=True)
class Ahead:
    """What reads a record ahead, of the type with this key. It raises NotFound where the actor may not see it."""

    kind: str
    read: Callable[[Reading, int], None]


READS: Mapping[str, Ahead] = {
    "deal": Ahead(DEAL.key, deal),
    "drawer": Ahead(DEAL.key, drawer),
    "contact": Ahead(CONTACT.key, contact),
    "company": Ahead(COMPANY.key, company),
    "order": Ahead(ORDER.key, order),
}
"""{what is opened: what reads it}: the pages of records by their types, and the drawer of a deal."""
