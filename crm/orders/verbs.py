"""Making and editing orders, and taking them in from other systems. The bin is in bin.py."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypedDict

from pydantic import BaseModel

from crm import contacts
from crm.foundation import identity
from crm.foundation.access import Module, Permission
from crm.foundation.errors import Invalid
from crm.orders.model import Order, as_left, find_one, get
from crm.orders.validation import EDITABLE, REQUIRED, checked, duplicate, external_key, holder_of, refuse_taken
from crm.records.changes import differences
from crm.store import Reading, Writing


class Buyer(TypedDict, total=False):
    """Who bought, as another system knows them: found by identifier, then email, then phone, else made."""

    identifier: str | None
    email: str | None
    phone: str | None
    name: str | None


class Upserted(BaseModel, frozen=True):
    order: Order
    created: bool


def create(
    tx: Writing,
    *,
    title: str,
    value: Decimal | int | str,
    contact_id: int | None = None,
    contact: Buyer | None = None,
    deal_id: int | None = None,
    currency: str | None = None,
    status: str = "pending",
    source: str = "manual",
    external_id: str | None = None,
    ordered_on: date | None = None,
    paid_on: date | None = None,
    note: str | None = None,
) -> Order:
    """A new order of a contact, which is made where `contact` is nobody's yet; Duplicate where the source has an order
    with that external id. Left out, the currency is the workspace's and the order date today."""
    tx.require(Permission.MANAGE_CRM, Module.ORDERS)
    given = {
        "title": title,
        "value": value,
        "contact_id": contact_id,
        "deal_id": deal_id,
        "currency": currency or tx.actor.currency,
        "status": status,
        "source": source,
        "external_id": external_id,
        "ordered_on": ordered_on or tx.today,
        "paid_on": paid_on,
        "note": note,
    }
    kept = checked(tx, given if contact_id is not None else _but(given, "contact_id"), currency=tx.actor.currency)
    refuse_taken(tx, kept["source"], kept["external_id"])
    if contact_id is None:
        kept["contact_id"] = _buyer(tx, contact)
    order_id = _insert(tx, kept)
    _record_step(tx, order_id, None, kept["status"])
    order = find_one(tx, order_id)
    if order is None:
        raise Invalid("You would not see this order: give it to a contact or deal that you see.", "contact_id")
    tx.record("order.created", "order", order_id, **_told(order))
    return order


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
    """The order that the source calls `external_id`, made or brought up to date: the same one again never doubles. What
    is None is left as it is in one that exists. Nothing is written where nothing differs. Duplicate where the actor may
    not see the order, or the contact that holds what `contact` names."""
    tx.require(Permission.MANAGE_CRM, Module.ORDERS)
    asked = checked(tx, {"source": source, "external_id": external_id}, currency=tx.actor.currency)
    if not asked["external_id"]:
        raise Invalid("An order is found again by its external id: give one.", "external_id")
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
    holder = holder_of(tx, asked["source"], asked["external_id"])
    if holder is None:
        given["status"] = status or "pending"
        return Upserted(order=create(tx, **given, **asked, contact=contact), created=True)
    before = find_one(tx, holder)
    if before is None:
        raise duplicate(tx, asked["source"], asked["external_id"], holder)
    changes = {field: given[field] for field in given if given[field] is not None}
    if contact_id is None and contact:
        changes["contact_id"] = _buyer(tx, contact)
    return Upserted(order=edit(tx, holder, **changes), created=False)


def known_as(tx: Reading, source: str, external_id: str) -> int | None:
    """The order that the source calls `external_id`, whether or not the actor may see it."""
    asked = checked(tx, {"source": source, "external_id": external_id}, currency=tx.actor.currency)
    return holder_of(tx, asked["source"], asked["external_id"])


def edit(tx: Writing, order_id: int, *, version: int | None = None, **changes: Any) -> Order:
    """Set some fields, the status among them, which its history keeps. Stale where somebody changed the order after
    `version`; nothing is written where nothing differs. An order handed to a contact whom the actor may not see comes
    back as it was left."""
    tx.require(Permission.MANAGE_CRM, Module.ORDERS)
    before = get(tx, order_id, version=version)
    kept = checked(
        tx,
        {name: value for name, value in changes.items() if getattr(before, name, ...) != value},
        currency=before.currency,
    )
    if "currency" in kept and "value" not in kept:
        kept |= checked(tx, {"value": before.value}, currency=kept["currency"])
    if before.model_copy(update=kept) == before:
        return before
    before = before.model_copy(update={"deal_id": _linked(tx, order_id)})
    wanted = before.model_copy(update=kept)
    refuse_taken(tx, wanted.source, wanted.external_id, own_id=order_id)
    _update(tx, wanted)
    if wanted.status != before.status:
        _record_step(tx, order_id, before.status, wanted.status)
    after = as_left(tx, order_id)
    event = "order.changed" if after.status == before.status else "order.status_changed"
    told = after.model_copy(update={"deal_id": wanted.deal_id})  # the log has it, whoever sees the deal
    tx.record(event, "order", order_id, changes=differences(before, told))
    return after


def set_status(
    tx: Writing, order_id: int, status: str, *, paid_on: date | None = None, version: int | None = None
) -> Order:
    """Put the order into a status. One that becomes paid was paid on `paid_on`, today where nobody says when."""
    tx.require(Permission.MANAGE_CRM, Module.ORDERS)
    order = get(tx, order_id, version=version)
    changes: dict[str, Any] = {"status": status}
    if paid_on is not None:
        changes["paid_on"] = paid_on
    elif status == "paid" and order.paid_on is None:
        changes["paid_on"] = tx.today
    return edit(tx, order_id, **changes)


def search_of(fields: Mapping[str, Any]) -> str:
    """What the search box looks in. Set-based imports write the same, in this order."""
    return identity.search_text(fields["title"], fields["external_id"])


def _buyer(tx: Writing, contact: Buyer | None) -> int:
    """The contact that the buyer is, made where nobody is it yet."""
    if not contact or not any(contact.get(key) for key in ("identifier", "email", "phone")):
        raise Invalid(REQUIRED["contact_id"], "contact_id")
    return contacts.find_or_create(tx, **contact).id


def _linked(tx: Reading, order_id: int) -> int | None:
    """The order's deal, also where the actor may not see that: an edit of something else must not cut it off."""
    found: int | None = tx.value("SELECT deal_id FROM base.orders WHERE id = $id", id=order_id)
    return found


def _but(given: Mapping[str, Any], field: str) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name != field}


def _told(order: Order) -> dict[str, Any]:
    """What the log keeps of a new order."""
    return order.model_dump(include={*EDITABLE, "contact_name"}, exclude_none=True)


def _insert(tx: Writing, fields: Mapping[str, Any]) -> int:
    return tx.insert(
        """
        INSERT INTO base.orders (
            title, contact_id, deal_id, value, currency, status, source, external_id, external_key, ordered_on, paid_on,
            note, search, created_at, updated_at
        )
        VALUES (
            $title, $contact_id, $deal_id, $value, $currency, $status, $source, $external_id, $external_key,
            $ordered_on, $paid_on, $note, $search, $now, $now
        )
        RETURNING id
        """,
        **fields,
        external_key=external_key(fields["source"], fields["external_id"]),
        search=search_of(fields),
        now=tx.now,
    )


def _update(tx: Writing, order: Order) -> None:
    fields = order.model_dump(include={*EDITABLE})
    tx.run(
        """
        UPDATE base.orders SET
            title = $title,
            contact_id = $contact_id,
            deal_id = $deal_id,
            value = $value,
            currency = $currency,
            status = $status,
            source = $source,
            external_id = $external_id,
            external_key = $external_key,
            ordered_on = $ordered_on,
            paid_on = $paid_on,
            note = $note,
            search = $search,
            updated_at = $now,
            version = version + 1
        WHERE id = $id
        """,
        **fields,
        external_key=external_key(order.source, order.external_id),
        search=search_of(fields),
        now=tx.now,
        id=order.id,
    )


def _record_step(tx: Writing, order_id: int, from_status: str | None, to_status: str) -> None:
    tx.run(
        """
        INSERT INTO base.order_statuses (order_id, from_status, to_status, happened_at, by_id)
        VALUES ($order_id, $from_status, $to_status, $now, $by)
        """,
        order_id=order_id,
        from_status=from_status,
        to_status=to_status,
        now=tx.now,
        by=tx.actor.id,
    )
