"""What nouns are related to: the children of a record, or the one company or contact it belongs to. Modules that are
off have none."""

from crm.access import Module
from crm.criteria import companies, contacts, deals, notes
from crm.filters import Relation
from crm.store import Reading


def of_contacts(tx: Reading) -> list[Relation]:
    return [*_deals(tx, "contact"), _notes(tx, "contact"), *_company(tx, "contact")]


def of_companies(tx: Reading) -> list[Relation]:
    people = Relation(
        key="contacts",
        one="contact",
        many="contacts",
        table="contacts",
        alias="contact",
        owner="company.id",
        child="contact.company_id",
        fields=contacts.own(tx),
    )
    return [people, *_deals(tx, "company"), _notes(tx, "company")]


def of_deals(tx: Reading) -> list[Relation]:
    person = Relation(
        key="contact",
        one="contact",
        many="contacts",
        table="contacts",
        alias="contact",
        owner="deal.contact_id",
        child="contact.id",
        fields=contacts.own(tx),
        single=True,
    )
    return [_notes(tx, "deal"), person, *_company(tx, "deal")]


def _deals(tx: Reading, of: str) -> list[Relation]:
    if not tx.actor.has(Module.CRM):
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
            fields=deals.own(tx),
        )
    ]


def _notes(tx: Reading, of: str) -> Relation:
    return Relation(
        key="notes",
        one="note",
        many="notes",
        table="notes",
        alias="note",
        owner=f"{of}.id",
        child="note.subject_id",
        where=f"note.subject_kind = '{of}'",
        fields=notes.fields(tx),
    )


def _company(tx: Reading, of: str) -> list[Relation]:
    if not tx.actor.has(Module.COMPANIES):
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
            fields=companies.fields(tx),
            single=True,
        )
    ]
