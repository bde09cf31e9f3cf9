"""The list of contacts: what it is searched, sorted and filtered by."""

import re

from crm.foundation.access import Module
from crm.records import attributes as custom
from crm.records import filter_fields, labels, listing
from crm.records.filters import Clause, Criteria, Filter
from crm.records.listing import Asked, Page, Sort, Source
from crm.store import Reading

_IN_COMPANY = "contact.company_id IN (SELECT id FROM companies WHERE contains(search, {word}))"


def fields(tx: Reading, asked: Filter | None = None) -> Criteria:
    """What contacts can be filtered by; given a filter, what that one mentions."""
    return filter_fields.fields(tx, "contacts", asked)


def searched(query: str) -> Clause:
    """Every word in name, email, phone, identifier or the company's name and domain; or, for what looks like a phone
    number however it is written, its digits."""
    clause = listing.words(query, f"contains(contact.search, {{word}}) OR coalesce({_IN_COMPANY}, false)")
    digits = re.sub(r"\D", "", query).lstrip("0")
    if len(digits) < 4 or not re.fullmatch(r"[\d\s()+./-]+", query.strip()):
        return clause
    return Clause(
        f"(contains(contact.search, $digits) OR ({clause.sql}))",
        {**clause.params, "digits": digits},
    )


SOURCE = Source(
    table="contacts",
    alias="contact",
    columns="""
            contact.* EXCLUDE (search),
            company.name AS company_name,
            owner.name AS owner_name,
            team.name AS team_name""",
    joins="""
        LEFT JOIN companies AS company ON company.id = contact.company_id
        LEFT JOIN users AS owner ON owner.id = contact.owner_id
        LEFT JOIN teams AS team ON team.id = contact.team_id""",
    sorts={
        "created_at": Sort("contact.created_at", "TIMESTAMPTZ"),
        "updated_at": Sort("contact.updated_at", "TIMESTAMPTZ"),
        "last_activity_at": Sort(
            "(SELECT last_activity_at FROM contact_activity WHERE contact_id = contact.id)", "TIMESTAMPTZ"
        ),
        "name": Sort("contact.search", "VARCHAR"),  # begins with the folded name, or with what stands in for it
        "email": Sort("contact.email", "VARCHAR"),
        "city": Sort("contact.city", "VARCHAR"),
        "country": Sort("contact.country", "VARCHAR"),
        "company": Sort(
            "(SELECT lower(name) FROM companies WHERE id = contact.company_id)", "VARCHAR", Module.COMPANIES
        ),
        "owner": Sort("(SELECT lower(name) FROM users WHERE id = contact.owner_id)", "VARCHAR"),
    },
    fields=fields,
    searched=searched,
)


def find(tx: Reading, asked: Asked) -> Page:
    """A page of contacts, each a row with the fields of `Contact`."""
    page = listing.find(tx, SOURCE, asked)
    ids = [row["id"] for row in page.items]
    labelled, values = labels.on(tx, "contact", ids), custom.values_of(tx, "contact", ids)
    for row in page.items:
        row["labels"] = [label.name for label in labelled.get(row["id"], ())]
        row["attributes"] = values[row["id"]]
    return page


def count(tx: Reading, asked: Asked) -> int:
    return listing.count(tx, SOURCE, asked)
