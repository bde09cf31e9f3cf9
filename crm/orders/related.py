"""The orders of one contact, company or deal, newest first, and their totals, for those records' pages."""

from datetime import date
from decimal import Decimal

from pydantic import BaseModel

from crm.foundation.errors import Invalid
from crm.orders.declaration import complete
from crm.orders.overview import Total, totals_of
from crm.store import Reading, Row
from crm.store.kept import kept

OF = {
    "contact": "purchase.contact_id = $id",
    "company": "purchase.contact_id IN (SELECT id FROM contacts WHERE company_id = $id)",
    "deal": "purchase.deal_id = $id",
}
"""{kind of record: condition on its orders}. A company's orders are its contacts'."""

SHOWN = 20


class Sum(BaseModel, frozen=True):
    """The orders of one currency and status, summed."""

    currency: str
    status: str
    count: int
    value: Decimal
    last_on: date


class Orders(BaseModel, frozen=True):
    kind: str
    """The kind of the record: contact, company or deal."""
    rows: tuple[Row, ...]
    """The newest orders, with the fields of `Order`."""
    sums: tuple[Sum, ...]
    """Over all of them."""
    totals: tuple[Total, ...]
    """One a currency."""

    @property
    def count(self) -> int:
        return sum(total.count for total in self.totals)


@kept
def of(tx: Reading, kind: str, record_id: int, limit: int = SHOWN) -> Orders:
    """The orders of a record, in one scan. The caller has found the record through its visible view."""
    if kind not in OF:
        raise Invalid(f"A {kind} has no orders, only {', '.join(OF)}.", "kind")
    found = tx.rows(
        f"""
        SELECT
            purchase.currency,
            purchase.status,
            count(*) AS count,
            sum(purchase.value) AS value,
            max(purchase.ordered_on) AS last_on,
            max_by((purchase.ordered_on, purchase.id), (purchase.ordered_on, purchase.id), $limit) AS newest
        FROM orders AS purchase
        WHERE {OF[kind]}
        GROUP BY ALL
        ORDER BY ALL
        """,
        id=record_id,
        limit=limit,
    )
    # The newest of each currency and status contain the newest of all.
    newest = sorted((each for row in found for each in row.pop("newest")), reverse=True)[:limit]
    return Orders(
        kind=kind,
        rows=tuple(_rows(tx, [order_id for _, order_id in newest])),
        sums=tuple(Sum(**row) for row in found),
        totals=totals_of(found),
    )


def _rows(tx: Reading, ids: list[int]) -> list[Row]:
    """The rows of these orders, with the names of their contacts and deals."""
    if not ids:
        return []
    rows = tx.rows(
        """
        WITH newest AS MATERIALIZED (
            SELECT purchase.* EXCLUDE (search)
            FROM orders AS purchase
            WHERE purchase.id IN (SELECT unnest($ids::BIGINT[]))
            LIMIT $many  -- tells the engine how few they are: it would read every contact and deal otherwise
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
        ids=ids,
        many=len(ids),
    )
    complete(tx, rows)
    return rows
