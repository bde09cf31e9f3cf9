"""What an order is, and finding one."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal, get_args

from pydantic import BaseModel

from crm.foundation.errors import NotFound
from crm.orders.warnings import warnings_of
from crm.records.changes import refuse_stale
from crm.store import Reading, Row, Writing

Status = Literal["pending", "paid", "partially_paid", "overdue", "refunded", "cancelled", "failed"]
Source = Literal["manual", "webhook", "api", "payments", "commerce"]

STATUSES: tuple[str, ...] = get_args(Status)
SOURCES: tuple[str, ...] = get_args(Source)


class Order(BaseModel, frozen=True):
    id: int
    title: str
    contact_id: int | None
    """None only once its contact has left the bin for good."""
    contact_name: str | None
    """None too where the actor may not see the contact."""
    deal_id: int | None
    """None too where the actor may not see the deal; an edit leaves such a link as it is."""
    deal_title: str | None
    value: Decimal
    currency: str
    status: Status
    source: Source
    external_id: str | None
    """What the source calls it; unique among the orders of that source."""
    ordered_on: date
    paid_on: date | None
    note: str | None
    created_at: datetime
    updated_at: datetime
    version: int
    warnings: tuple[str, ...] = ()
    """What makes no sense about its status and days, a sentence each."""


def get(tx: Reading, order_id: int, *, version: int | None = None) -> Order:
    """The order; NotFound where the actor may not see it, Stale where `version` is not its current one."""
    found = find_one(tx, order_id)
    if found is None:
        raise NotFound("order")
    refuse_stale(tx, "order", found, found.title, version)
    return found


def find_one(tx: Reading, order_id: int) -> Order | None:
    """None where the actor may not see it."""
    return _found(tx, "orders", order_id)


def as_left(tx: Writing, order_id: int) -> Order:
    """The order as the actor's own change has left it, also where that change, another contact, hides it from them."""
    found = _found(tx, "base.orders", order_id)
    if found is None:
        raise NotFound("order")
    return found


def _found(tx: Reading, table: str, order_id: int) -> Order | None:
    """Names are looked up by key, one by one: joined, planning alone takes longer than all of these."""
    rows = tx.rows(f"SELECT * FROM {table} WHERE id = $id", id=order_id)
    if not rows:
        return None
    row = {name: value for name, value in rows[0].items() if name in Order.model_fields}
    row["contact_name"] = _name(tx, "contacts", row["contact_id"], "coalesce(name, email, phone)")
    row["deal_title"] = _name(tx, "deals", row["deal_id"], "title")
    complete(tx, [row])
    return Order(**row)


def _name(tx: Reading, table: str, key: int | None, name: str) -> str | None:
    if key is None:
        return None
    found: str | None = tx.value(f"SELECT {name} FROM {table} WHERE id = $id", id=key)
    return found


def complete(tx: Reading, rows: list[Row]) -> None:
    """Put `warnings` into rows of orders that were found, and take out the `deal_id` of deals that the actor may not
    see."""
    found = warnings_of(tx, rows)
    for row in rows:
        row["warnings"] = tuple(found[row["id"]])
    unnamed = {row["deal_id"] for row in rows if row["deal_id"] is not None and row["deal_title"] is None}
    hidden = unnamed - _in_bin(tx, unnamed)
    for row in rows:
        if row["deal_id"] in hidden:
            row["deal_id"] = None


def _in_bin(tx: Reading, deal_ids: set[int]) -> set[int]:
    """Those that lie in the bin, for the actor to see: they have no title here, and can come back."""
    if not deal_ids:
        return set()
    found = tx.rows("SELECT id FROM deal_bin WHERE id IN (SELECT unnest($ids::BIGINT[]))", ids=list(deal_ids))
    return {row["id"] for row in found}
