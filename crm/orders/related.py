"""The orders of one contact, company or deal, newest first, and what they come to, for the pages of those."""

from pydantic import BaseModel

from crm.errors import Invalid
from crm.orders.model import fill_warnings
from crm.orders.overview import Total, totals_where
from crm.store import Reading, Row

OF = {
    "contact": "purchase.contact_id = $id",
    "company": "purchase.contact_id IN (SELECT id FROM contacts WHERE company_id = $id)",
    "deal": "purchase.deal_id = $id",
}
"""Which orders are a record's. Those of a company are its contacts'."""

SHOWN = 20


class Orders(BaseModel, frozen=True):
    rows: tuple[Row, ...]
    """The newest: the fields of `Order`."""
    totals: tuple[Total, ...]
    """Over all of them, one a currency."""

    @property
    def count(self) -> int:
        return sum(total.count for total in self.totals)


def of(tx: Reading, kind: str, record_id: int, limit: int = SHOWN) -> Orders:
    """The caller has found the record through its visible view."""
    if kind not in OF:
        raise Invalid(f"A {kind} has no orders, only {', '.join(OF)}.", "kind")
    totals = totals_where(tx, OF[kind], {"id": record_id})
    rows = _rows(tx, OF[kind], record_id, limit) if totals else []
    fill_warnings(tx, rows)
    return Orders(rows=tuple(rows), totals=totals)


def _rows(tx: Reading, condition: str, record_id: int, limit: int) -> list[Row]:
    """The names of contacts and deals are looked up for these few alone."""
    return tx.rows(
        f"""
        WITH newest AS MATERIALIZED (
            SELECT purchase.* EXCLUDE (search)
            FROM orders AS purchase
            WHERE {condition}
            ORDER BY purchase.ordered_on DESC, purchase.id DESC
            LIMIT $limit
        )
        SELECT
            newest.*,
            coalesce(contact.name, contact.email, contact.phone) AS contact_name,
            deal.title AS deal_title
        FROM newest
        LEFT JOIN contacts AS contact ON contact.id = newest.contact_id
        LEFT JOIN deals AS deal ON deal.id = newest.deal_id
        ORDER BY newest.ordered_on DESC, newest.id DESC
        """,
        id=record_id,
        limit=limit,
    )
