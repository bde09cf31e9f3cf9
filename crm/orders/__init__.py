"""Orders: what customers bought, as people and other systems tell it. A log; nothing is charged."""

from crm.orders.bin import delete, restore
from crm.orders.customer import Figures, Rfm, figures
from crm.orders.history import Step, history
from crm.orders.listing import count, fields, find
from crm.orders.model import SOURCES, STATUSES, Order, Source, Status, get
from crm.orders.overview import Bar, Grain, Overview, Total, overview, totals
from crm.orders.related import Orders, of
from crm.orders.verbs import Buyer, Upserted, create, edit, known_as, set_status, upsert
from crm.records.listing import Asked, Page

__all__ = [
    "SOURCES",
    "STATUSES",
    "Asked",
    "Bar",
    "Buyer",
    "Figures",
    "Grain",
    "Order",
    "Orders",
    "Overview",
    "Page",
    "Rfm",
    "Source",
    "Status",
    "Step",
    "Total",
    "Upserted",
    "count",
    "create",
    "delete",
    "edit",
    "fields",
    "figures",
    "find",
    "get",
    "history",
    "known_as",
    "of",
    "overview",
    "restore",
    "set_status",
    "totals",
    "upsert",
]
