"""The grid itself, with totals, and names and prices of products, filled in while one types."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import polars as pl
import streamlit as st

from crm import catalog
from crm.deals import quote
from crm.deals.quote import Lines
from crm.foundation import money
from crm.foundation.errors import Invalid
from crm.ui import session
from crm.ui.deals.lines.sheet import Cells, Row, Sheet, fields, is_blank

SCHEMA = {
    "place": pl.Float64(),
    "sku": pl.String(),
    "name": pl.String(),
    "quantity": pl.Float64(),
    "price": pl.Float64(),
    "percent": pl.Float64(),
    "off": pl.Float64(),
    "total": pl.String(),
    "gone": pl.Boolean(),
}
LARGEST = 99_999_999_999_999.0


@dataclass
class Shown:
    """What the rows come to as they stand, and what is wrong with which, by number from 0."""

    gross: Decimal = Decimal(0)
    total: Decimal = Decimal(0)
    totals: dict[int, Decimal] = field(default_factory=dict)
    faults: dict[int, str] = field(default_factory=dict)


def editor(sheet: Sheet, now: Sequence[Cells], currency: str, key: str, *, has_catalog: bool, locale: str) -> Shown:
    """The grid over the sheet. Its values may change under what is typed; its rows never do, or it would lose it."""
    brought = _of_products(sheet, now, currency) if has_catalog else {}
    rows_now = enumerate(zip(sheet.rows, now, strict=True))
    filled = [mine | _untyped(mine, row, brought.get(n, {})) for n, (row, mine) in rows_now]
    shown = _worked_out(filled, currency)
    rows = [
        row.start
        | brought.get(n, {})
        | ({"quantity": 1.0} if row.line is None and not is_blank(now[n]) and row.start["quantity"] is None else {})
        | {"total": money.shown(shown.totals[n], currency, locale) if n in shown.totals else ""}
        for n, row in enumerate(sheet.rows)
    ]
    st.data_editor(
        pl.DataFrame([{name: row[name] for name in SCHEMA} for row in rows], schema=SCHEMA),
        column_config=_columns(currency, has_catalog=has_catalog),
        hide_index=True,
        num_rows="fixed",
        placeholder="",
        key=key,
        alt="The lines of this deal: type in any cell",
    )
    return shown


def of_lines(lines: Lines, locale: str) -> None:
    """For those who may not change them."""
    if not lines.items:
        st.caption("No lines.")
        return
    code = lines.currency
    st.dataframe(
        pl.DataFrame(
            {
                "SKU": [line.sku or "" for line in lines.items],
                "Item": [line.name for line in lines.items],
                "Quantity": [float(line.quantity) for line in lines.items],
                "Unit price": [money.shown_exactly(line.unit_price, code, locale) for line in lines.items],
                "Discount": [_discount(line.discount_kind, line.discount, code, locale) for line in lines.items],
                "Total": [money.shown(line.total, code, locale) for line in lines.items],
            }
        ),
        hide_index=True,
        alt="The lines of this deal",
    )


def said(mine: Cells) -> str:
    """As `quote.said`, of what is typed."""
    less = f", less {mine['percent']:g} %" if mine["percent"] else f", less {mine['off']:,g}" if mine["off"] else ""
    quantity = 1 if mine["quantity"] is None else mine["quantity"]
    return f"{quantity:,g} × {mine['price']:,g}{less}" if mine["price"] is not None else f"{quantity:,g}{less}"


def _columns(currency: str, *, has_catalog: bool) -> dict[str, Any]:
    config = st.column_config
    number: dict[str, Any] = {"min_value": 0.0, "max_value": LARGEST, "format": "localized"}
    return {
        "place": config.NumberColumn("№", width=50, help="Type another number to move a line.", format="%g"),
        "sku": config.TextColumn("SKU", width=130, max_chars=80, help="Of a product: its name and price follow.")
        if has_catalog
        else config.TextColumn("SKU", width=130, disabled=True),
        "name": config.TextColumn("Item", width=260, max_chars=500),
        "quantity": config.NumberColumn("Quantity", width=90, **number),
        "price": config.NumberColumn(f"Price, {currency}", width=105, **number),
        "percent": config.NumberColumn(
            "Less %", width=80, help="Discount in percent.", **number | {"max_value": 100.0}
        ),
        "off": config.NumberColumn(f"Less {currency}", width=95, help="Discount as an amount, off the line.", **number),
        "total": config.TextColumn("Total", width=115, disabled=True, alignment="right"),
        "gone": config.CheckboxColumn("Remove", width=75),
    }


def _of_products(sheet: Sheet, now: Sequence[Cells], currency: str) -> dict[int, Cells]:
    """Name and price of the products whose SKU was typed, by row."""
    asked = {n: mine["sku"] for n, (row, mine) in enumerate(zip(sheet.rows, now, strict=True)) if _wants(row, mine)}
    if not asked:
        return {}
    with session.reading() as tx:
        found = {n: catalog.by_sku(tx, sku) for n, sku in asked.items()}
    brought = {}
    for n, product in found.items():
        if product and product.active:
            price = product.prices.get(currency)
            brought[n] = {"name": product.name, "price": None if price is None else float(price)}
    return brought


def _wants(row: Row, mine: Cells) -> bool:
    return bool(mine["sku"]) and mine["sku"] != row.base["sku"] and not mine["gone"]


def _untyped(mine: Cells, row: Row, brought: Cells) -> Cells:
    """What a product brings into cells that were not typed in."""
    return {cell: value for cell, value in brought.items() if mine[cell] == row.start[cell]}


def _worked_out(filled: Sequence[Cells], currency: str) -> Shown:
    shown = Shown()
    for number, mine in enumerate(filled):
        if mine["gone"] or is_blank(mine):
            continue
        if mine["percent"] and mine["off"]:
            shown.faults[number] = "Give one discount: percent, or an amount."
            continue
        try:
            line = quote.checked(fields(mine), currency)
        except Invalid as refusal:
            shown.faults[number] = str(refusal)
            continue
        shown.totals[number] = line["total"]
        shown.total += line["total"]
        shown.gross += money.rounded(quote.gross(line["quantity"], line["unit_price"]), currency)
    return shown


def _discount(kind: str | None, discount: Decimal, currency: str, locale: str) -> str:
    if kind is None:
        return ""
    return f"{discount.normalize():f} %" if kind == "percent" else money.shown_exactly(discount, currency, locale)
