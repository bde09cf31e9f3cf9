"""What nouns are related to: the children of a record, or the one company or contact it belongs to. What belongs to a
module that is off is not there, nor what is not wanted."""

from crm.foundation.access import Module
from crm.records.filter_fields import companies, contacts, deals, lines, notes, orders
from crm.records.filter_fields.context import Look
from crm.records.filters import Relation


def of_contacts(look: Look) -> list[Relation]:
    return [
        *_deals(look, "contact"),
        *_orders(look, "contact"),
        *_notes(look, "contact"),
        *_company(look, "contact"),
    ]


def of_companies(look: Look) -> list[Relation]:
    return [
        *_contacts(look),
        *_deals(look, "company"),
        *_orders(look, "company", _ORDERS_OF_COMPANIES, "purchase.company_id"),
        *_notes(look, "company"),
    ]


def of_deals(look: Look) -> list[Relation]:
    return [
        *_lines(look),
        *_orders(look, "deal"),
        *_notes(look, "deal"),
        *_contact(look, "deal"),
        *_company(look, "deal"),
    ]


def of_orders(look: Look) -> list[Relation]:
    return [*_contact(look, "purchase"), *_deal(look)]


def _contacts(look: Look) -> list[Relation]:
    if not look.wants("contacts"):
        return []
    return [
        Relation(
            key="contacts",
            one="contact",
            many="contacts",
            table="contacts",
            alias="contact",
            owner="company.id",
            child="contact.company_id",
            fields=contacts.own(look),
        )
    ]


def _contact(look: Look, of: str) -> list[Relation]:
    if not look.wants("contact"):
        return []
    return [
        Relation(
            key="contact",
            one="contact",
            many="contacts",
            table="contacts",
            alias="contact",
            owner=f"{of}.contact_id",
            child="contact.id",
            fields=contacts.own(look),
            single=True,
        )
    ]


def _deals(look: Look, of: str) -> list[Relation]:
    if not look.wants("deals") or not look.tx.actor.has(Module.CRM):
        return []
    return [
        Relation(
            key="deals",
            one="deal",
            many="deals",
            table="deals",
            alias="deal",
            owner=f"{of}.id",
            child=f"deal.{of}_id",
            fields=deals.own(look),
        )
    ]


def _deal(look: Look) -> list[Relation]:
    if not look.wants("deal") or not look.tx.actor.has(Module.CRM):
        return []
    return [
        Relation(
            key="deal",
            one="deal",
            many="deals",
            table="deals",
            alias="deal",
            owner="purchase.deal_id",
            child="deal.id",
            fields=deals.own(look),
            single=True,
        )
    ]


_ORDERS_OF_COMPANIES = (
    "(SELECT sold.*, buyer.company_id FROM orders AS sold JOIN contacts AS buyer ON buyer.id = sold.contact_id)"
)
"""An order is a company's through its contact."""


def _orders(look: Look, of: str, table: str = "orders", child: str = "") -> list[Relation]:
    if not look.wants("orders") or not look.tx.actor.has(Module.ORDERS):
        return []
    return [
        Relation(
            key="orders",
            one="order",
            many="orders",
            table=table,
            alias="purchase",
            owner=f"{of}.id",
            child=child or f"purchase.{of}_id",
            fields=orders.own(look),
        )
    ]


def _lines(look: Look) -> list[Relation]:
    if not look.wants("lines"):
        return []
    return [
        Relation(
            key="lines",
            one="line",
            many="lines",
            table=lines.TABLE,
            alias="line",
            owner="deal.id",
            child="line.deal_id",
            fields=lines.fields(look),
        )
    ]


def _notes(look: Look, of: str) -> list[Relation]:
    if not look.wants("notes"):
        return []
    return [
        Relation(
            key="notes",
            one="note",
            many="notes",
            table="notes",
            alias="note",
            owner=f"{of}.id",
            child="note.subject_id",
            where=f"note.subject_kind = '{of}'",
            fields=notes.fields(look),
        )
    ]


def _company(look: Look, of: str) -> list[Relation]:
    if not look.wants("company") or not look.tx.actor.has(Module.COMPANIES):
        return []
    return [
        Relation(
            key="company",
            one="company",
            many="companies",
            table="companies",
            alias="company",
            owner=f"{of}.company_id",
            child="company.id",
            fields=companies.fields(look),
            single=True,
        )
    ]
