"""The customers report as CSV: its months, its cohorts, and the customers with their RFM groups."""

import io
from collections.abc import Callable, Iterable, Mapping

from crm.foundation.access import Module, Permission
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.reports import customer_people, customers
from crm.reports import query as report_query
from crm.reports.customers import Customers
from crm.reports.query import CustomerFilters
from crm.reports.sheets import csv_of
from crm.store import Reading, Row


def sheet(tx: Reading, name: str, query: Mapping[str, str]) -> bytes:
    """One of SHEETS as CSV in UTF-8 with a byte-order mark; `query` are URL parameters, see
    `report_query.parse_customers`."""
    tx.require(Permission.EXPORT, Module.ORDERS)
    if name not in SHEETS:
        raise Invalid(tr("There is no report called “{name}”.", name=name))
    return SHEETS[name](tx, report_query.parse_customers(query, tx.today))


def _months(tx: Reading, query: CustomerFilters) -> Iterable[Row]:
    report = _report(tx, query)
    for bucket in report.buckets:
        parts = {"new": bucket.new, "returning": bucket.returning, "nobody": bucket.nobody, "all": bucket.total}
        yield {
            "period": bucket.period.first,
            "currency": report.currency,
            **{f"{name}_revenue": part.revenue for name, part in parts.items()},
            **{f"{name}_orders": part.orders for name, part in parts.items()},
        }


def _cohorts(tx: Reading, query: CustomerFilters) -> Iterable[Row]:
    """A row per cohort and month: a table of many columns would change its columns every month."""
    report = _report(tx, query)
    for cohort in report.cohorts:
        for cell in cohort.cells:
            yield {
                "cohort": cohort.period.first,
                "number": cell.number,
                "customers": cell.customers,
                "share": cohort.share(cell.number),
                "currency": report.currency,
                "revenue": cell.revenue,
                "revenue_kept": cohort.kept(cell.number),
                "over": cell.over,
            }


def _people(tx: Reading, query: CustomerFilters) -> bytes:
    text = io.StringIO()
    found = customer_people.everyone(tx, scope=query.scope, period=query.period)
    found.write_csv(text, line_terminator="\r\n")
    return text.getvalue().encode("utf-8-sig")


def _report(tx: Reading, query: CustomerFilters) -> Customers:
    return customers.report(tx, period=query.period, grain=query.grain, scope=query.scope)


SHEETS: dict[str, Callable[[Reading, CustomerFilters], bytes]] = {
    "customers": lambda tx, query: csv_of(_months(tx, query)),
    "customer-cohorts": lambda tx, query: csv_of(_cohorts(tx, query)),
    "customer-rfm": _people,
}
