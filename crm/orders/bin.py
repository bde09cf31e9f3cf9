"""Deleting orders, and bringing them back within 30 days."""

from crm.foundation.access import Module, Permission
from crm.orders.model import Order, get
from crm.orders.validation import external_key, refuse_taken
from crm.records import bin as the_bin
from crm.records.bin import Bin
from crm.store import Writing

BIN = Bin("order", "orders", ("external_key",))


def delete(tx: Writing, order_id: int, *, version: int | None = None) -> None:
    """Into the bin, from which `restore` brings it back for 30 days. Its external id is free again at once: where its
    source tells of it once more, it is a new order."""
    tx.require(Permission.MANAGE_CRM, Module.ORDERS)
    order = get(tx, order_id, version=version)
    the_bin.put(tx, BIN, order_id, title=order.title)


def restore(tx: Writing, order_id: int) -> Order:
    """Back from the bin; Duplicate where its source has told of it anew since."""
    tx.require(Permission.MANAGE_CRM, Module.ORDERS)
    found = the_bin.waiting(tx, BIN, order_id)
    refuse_taken(tx, found["source"], found["external_id"])
    key = external_key(found["source"], found["external_id"])
    the_bin.take_out(tx, BIN, order_id, {"external_key": key}, title=found["title"])
    return get(tx, order_id)
