"""The list of orders: what it shows, searches and sorts by."""

from crm.orders.model import complete
from crm.records import filter_fields, listing
from crm.records.filters import Clause, Criteria, Filter
from crm.records.listing import Asked, Page, Sort, Source
from crm.store import Reading


def fields(tx: Reading, asked: Filter | None = None) -> Criteria:
    """What orders can be filtered by; given a filter, what that one mentions."""
    return filter_fields.fields(tx, "orders", asked)


def find(tx: Reading, asked: Asked) -> Page:
    """A page of orders, each a row with the fields of `Order`."""
    page = listing.find(tx, SOURCE, asked)
    complete(tx, page.items)
    return page


def count(tx: Reading, asked: Asked) -> int:
    return listing.count(tx, SOURCE, asked)


def _searched(query: str) -> Clause:
    """Every word is in the order's own words or in its contact's."""
    return listing.words(
        query,
        """
        contains(purchase.search, {word})
        OR purchase.contact_id IN (SELECT id FROM contacts WHERE contains(search, {word}))
        """,
    )


SOURCE = Source(
    table="orders",
    alias="purchase",
    columns="""
        purchase.* EXCLUDE (search),
        coalesce(contact.name, contact.email, contact.phone) AS contact_name,
        deal.title AS deal_title
    """,
    joins="""
        LEFT JOIN contacts AS contact ON contact.id = purchase.contact_id
        LEFT JOIN deals AS deal ON deal.id = purchase.deal_id
    """,
    sorts={
        "ordered_on": Sort("purchase.ordered_on", "DATE"),
        "paid_on": Sort("purchase.paid_on", "DATE"),
        "value": Sort("purchase.value", "DECIMAL(18, 4)"),
        "title": Sort("lower(purchase.title)", "VARCHAR"),
        "status": Sort("purchase.status", "VARCHAR"),
        "created_at": Sort("purchase.created_at", "TIMESTAMPTZ"),
        "updated_at": Sort("purchase.updated_at", "TIMESTAMPTZ"),
        "id": Sort("purchase.id", "BIGINT"),
    },
    fields=fields,
    searched=_searched,
)
