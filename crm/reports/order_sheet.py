"""Orders over time as CSV: one row per currency, month (quarter, year) and status of the orders of a query."""

from collections.abc import Iterable, Mapping

from crm import orders
from crm.foundation.access import Module, Permission
from crm.records import filters
from crm.records.listing import ListQuery
from crm.reports.sheets import csv_of
from crm.store import Reading, Row


def sheet(tx: Reading, query: Mapping[str, str]) -> bytes:
    """The figures under the chart of the orders page, for its search `q` and its `filter`."""
    tx.require(Permission.EXPORT, Module.ORDERS)
    orders_query = ListQuery(filter=filters.parse(query.get("filter")), search=query.get("q", ""))
    return csv_of(_rows(orders.overview(tx, orders_query)))


def _rows(found: orders.Overview) -> Iterable[Row]:
    for bar in found.bars:
        yield {
            found.grain.value: bar.start,
            "currency": bar.currency,
            "status": bar.status,
            "orders": bar.count,
            "value": bar.value,
        }
