"""The verbs that only orders have: the upsert by external id for other systems, and the change of status."""

from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.orders.declaration import ORDER, Buyer, Order, buyer
from crm.records import validation, writing
from crm.records.verbs import Verbs
from crm.store import Reading, Writing

_verbs = Verbs(ORDER)
get, find_one, edit, delete, restore = _verbs.get, _verbs.find_one, _verbs.edit, _verbs.delete, _verbs.restore
set_labels = _verbs.set_labels
find, count, fields = _verbs.find, _verbs.count, _verbs.fields


class Upserted(BaseModel, frozen=True):
    order: Order
    created: bool


def create(tx: Writing, /, *, contact: Buyer | None = None, **given: Any) -> Order:
    """Create an order of a contact, who is created too where `contact` matches nobody. Raises Duplicate where the
    source has an order with that external id."""
    return _verbs.create(tx, **given, contact=contact)


def upsert(
    tx: Writing,
    *,
    source: str,
    external_id: str,
    title: str,
    value: Decimal | int | str,
    status: str | None,
    currency: str | None = None,
    contact_id: int | None = None,
    contact: Buyer | None = None,
    deal_id: int | None = None,
    ordered_on: date | None = None,
    paid_on: date | None = None,
    note: str | None = None,
) -> Upserted:
    """Create or update the order with this `external_id` in the source, so that a repeated message never duplicates it.
    None leaves a field of an existing order as it is; nothing is written where nothing differs. Raises Duplicate where
    the actor may not see the order, or the contact that `contact` matches."""
    tx.require(ORDER.permission, ORDER.module)
    name = _name(tx, source, external_id)
    given: dict[str, Any] = {
        "title": title,
        "value": value,
        "status": status,
        "currency": currency,
        "contact_id": contact_id,
        "deal_id": deal_id,
        "ordered_on": ordered_on,
        "paid_on": paid_on,
        "note": note,
    }
    holder = _holder(tx, name)
    if holder is None:
        # Without a status an existing order keeps its own; a new one has none to keep.
        given["status"] = status or "pending"
        made = writing.create(tx, ORDER, {**given, **name, "contact": contact}, keys_free=True)
        return Upserted(order=made, created=True)
    # By key past privacy, then by the visible view: a hidden holder is refused without being named, not doubled.
    before = find_one(tx, holder)
    if before is None:
        raise validation.duplicate(tx, ORDER, "external_id", name, holder)
    # What the source leaves out stays as it is: to empty a field it edits the order.
    changes = {field: value for field, value in given.items() if value is not None}
    if contact_id is None and contact:
        changes["contact_id"] = buyer(tx, contact)
    return Upserted(order=edit(tx, holder, **changes), created=False)


def known_as(tx: Reading, source: str, external_id: str) -> int | None:
    """The id of the order with this `external_id` in the source, visible to the actor or not."""
    return _holder(tx, validation.checked(tx, ORDER, {"source": source, "external_id": external_id}))


def set_status(
    tx: Writing, order_id: int, status: str, *, paid_on: date | None = None, version: int | None = None
) -> Order:
    """Set the order's status. One that becomes paid gets `paid_on`, by default today."""
    tx.require(ORDER.permission, ORDER.module)
    order = get(tx, order_id, version=version)
    changes: dict[str, Any] = {"status": status}
    if paid_on is not None:
        changes["paid_on"] = paid_on
    # A day of payment that the order has already is kept.
    elif status == "paid" and order.paid_on is None:
        changes["paid_on"] = tx.today
    return edit(tx, order_id, **changes)


def _name(tx: Reading, source: str, external_id: str) -> dict[str, Any]:
    """The source and external id in their stored form."""
    found = validation.checked(tx, ORDER, {"source": source, "external_id": external_id})
    if not found["external_id"]:
        raise Invalid(tr("An order is found again by its external id: give one."), "external_id")
    return found


def _holder(tx: Reading, name: dict[str, Any]) -> int | None:
    return next((holder for _, holder in validation.holders(tx, ORDER, name)), None)
