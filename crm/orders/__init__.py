"""Orders: a log of what customers bought, from people and other systems. Nothing is charged."""

from crm.orders.customer import Figures, Rfm, figures
from crm.orders.declaration import ORDER, SOURCES, STATUSES, Buyer, Order, Source, Status
from crm.orders.history import Step, history
from crm.orders.overview import Bar, Grain, Overview, Total, overview, totals
from crm.orders.related import Orders, of
from crm.orders.verbs import (
    Upserted,
    count,
    create,
    delete,
    edit,
    fields,
    find,
    find_one,
    get,
    known_as,
    restore,
    set_labels,
    set_status,
    upsert,
)
from crm.records.listing import ListQuery, Page

__all__ = [
    "ORDER",
    "SOURCES",
    "STATUSES",
    "Bar",
    "Buyer",
    "Figures",
    "Grain",
    "ListQuery",
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
    "find_one",
    "get",
    "history",
    "known_as",
    "of",
    "overview",
    "restore",
    "set_labels",
    "set_status",
    "totals",
    "upsert",
]
