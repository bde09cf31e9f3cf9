"""The orders of a contact, company or deal on its page: figures of the customer or totals, and the newest orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl
import streamlit as st

from crm import orders
from crm.foundation import money
from crm.foundation.access import Module
from crm.foundation.language import later, plural, tr
from crm.orders import Figures, Orders, Rfm
from crm.records import filters
from crm.records.filters import Filter, Related, Rule
from crm.store import Reading
from crm.ui import words
from crm.ui.lists.cells import Column
from crm.ui.orders import new, table
from crm.ui.reports import report_tables

ABOUT_RFM = later("""
**RFM** (Hughes, 1994): customers in five groups of equal size by how **recently**, how **often** (frequency) and for
how much (**monetary**) they bought; 5 is the best fifth. Ranked among the customers of the same currency whom you may
see. Orders that were cancelled, failed or refunded are no purchase.
""")


@dataclass(frozen=True)
class RelatedOrders:
    found: Orders
    figures: tuple[Figures, ...]
    columns: list[Column]


def read(tx: Reading, kind: str, record_id: int) -> RelatedOrders | None:
    """None where the module is off."""
    if not tx.actor.has(Module.ORDERS):
        return None
    found = orders.of(tx, kind, record_id)
    without = (kind, "source", "external_id", "paid_on")
    # A deal is no customer: recency and frequency mean nothing for it.
    figures = orders.figures(tx, found) if kind != "deal" else ()
    return RelatedOrders(found, figures, table.columns(tx, found.rows, without=without))


def show(kind: str, record_id: int, related: RelatedOrders, locale: str, *, may_add: bool, **preset: Any) -> None:
    """`preset` is what a new order of this record begins with."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader(tr("Orders"), anchor=False, width="content")
        if may_add:
            st.button(
                tr("New order"),
                icon=":material/add:",
                type="tertiary",
                key=f"new-order-{kind}-{record_id}",
                on_click=new.start,
                kwargs=preset,
            )
    if not related.found.rows:
        st.caption(tr("No orders."))
        return
    if related.figures:
        _customer(related.figures, locale, key=f"{kind}-orders")
    else:
        _totals(related.found, locale)
    table.show(related.found.rows, related.columns, key=f"{kind}-orders")
    if related.found.count > len(related.found.rows):
        st.page_link(
            "pages/orders.py",
            label=tr("All {count:,} orders", count=related.found.count),
            icon=":material/arrow_forward:",
            query_params={"filter": filters.dump(_all(kind, record_id))},
        )


def _all(kind: str, record_id: int) -> Filter:
    """The filter under which the list of orders shows those of the record."""
    rule = Rule(field=f"{kind}_id", op="is", value=record_id)
    # An order has no company of its own, its contact has.
    return Related(relation="contact", of=(rule,)) if kind == "company" else rule


def _customer(figures: Sequence[Figures], locale: str, *, key: str) -> None:
    """Draw a customer's figures, a line for each currency: amounts of two are never added."""
    columns: dict[str, list[str]] = {
        later("Bought"): [money.shown(each.value, each.currency, locale) for each in figures],
        later("Orders"): [words.number(each.count) for each in figures],
        later("Average"): [money.shown(_rounded(each), each.currency, locale) for each in figures],
        later("Last order"): [_since(each.days_since) for each in figures],
    }
    if any(each.rfm for each in figures):
        columns["RFM"] = [rfm(each.rfm) for each in figures]
    if any(each.left_out for each in figures):
        columns[later("Not bought")] = [words.number(each.left_out) for each in figures]
    with st.container(key=f"records-{key}-figures"):
        lines = pl.DataFrame(columns)
        st.dataframe(
            lines,
            hide_index=True,
            column_config=report_tables.columns(lines, ("Bought", "Orders", "Average"))
            | {
                "RFM": st.column_config.TextColumn(help=tr(ABOUT_RFM)),
                "Not bought": st.column_config.TextColumn(
                    tr("Not bought"), help=tr("Cancelled, failed or refunded"), alignment="right"
                ),
            },
            height="content",
            alt=tr("What this customer has bought, a line a currency"),
        )


def _rounded(figures: Figures) -> Decimal | None:
    return None if figures.average is None else money.rounded(figures.average, figures.currency)


def rfm(groups: Rfm | None) -> str:
    return f"{groups.recency} · {groups.frequency} · {groups.monetary}" if groups else "–"


def _since(days: int | None) -> str:
    if days is None:
        return "–"
    if days < 0:
        return tr("ahead")
    return plural("{count:,} day ago", "{count:,} days ago", days) if days else tr("today")


def _totals(found: Orders, locale: str) -> None:
    with st.container(horizontal=True):
        for total in found.totals:
            text = tr(
                "{count:,} in {currency}: {amount}",
                count=total.count,
                currency=total.currency,
                amount=money.shown(total.value, total.currency, locale),
            )
            st.badge(words.plain(text), color="gray", icon=":material/receipt_long:")
