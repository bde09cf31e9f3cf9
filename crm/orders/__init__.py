"""Orders: what customers bought, as people and other systems tell it. A log; nothing is charged."""

from crm.listing import Asked, Page
from crm.orders.bin import delete, restore
from crm.orders.history import Step, history
from crm.orders.listing import count, fields, find
from crm.orders.model import SOURCES, STATUSES, Order, Source, Status, get
from crm.orders.verbs import Buyer, Upserted, create, edit, set_status, upsert

__all__ = [
    "SOURCES",
    "STATUSES",
    "Asked",
    "Buyer",
    "Order",
    "Page",
    "Source",
    "Status",
    "Step",
    "Upserted",
    "count",
    "create",
    "delete",
    "edit",
    "fields",
    "find",
    "get",
    "history",
    "restore",
    "set_status",
    "upsert",
]
