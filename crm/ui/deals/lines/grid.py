"""The grid of lines: totals, and names and prices of products, are filled in while one types."""

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
from crm.foundation.language import tr
from crm.ui import session
from crm.ui.deals.lines.sheet import Cells, Row, Sheet, fields, is_blank

SCHEMA = {
    # Floats only within the grid, which knows no decimals: `sheet.number` gives back what was typed.
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
# What DECIMAL(18, 4) holds before the point.
LARGEST = 99_999_999_999_999.0


@dataclass
class Totals:
    """The sums of the rows as they stand, and what is wrong with which, by the row's number from 0."""

    gross: Decimal = Decimal(0)
    total: Decimal = Decimal(0)
    totals: dict[int, Decimal] = field(default_factory=dict)
    faults: dict[int, str] = field(default_factory=dict)


def editor(sheet: Sheet, now: Sequence[Cells], currency: str, key: str, *, has_catalog: bool, locale: str) -> Totals:
    """Draw the grid over the sheet; the totals and faults of what it holds."""
    products = _product_cells(sheet, now, currency) if has_catalog else {}
    rows_now = enumerate(zip(sheet.rows, now, strict=True))
    filled = [cells | _fill_ins(cells, row, products.get(n, {})) for n, (row, cells) in rows_now]
    totals = _totals(filled, currency)
    rows = [
        row.start
        | products.get(n, {})
        # A new line counts one piece, unless another number is typed.
        | ({"quantity": 1.0} if row.line is None and not is_blank(now[n]) and row.start["quantity"] is None else {})
        | {"total": money.shown(totals.totals[n], currency, locale) if n in totals.totals else ""}
        for n, row in enumerate(sheet.rows)
    ]
    st.data_editor(
        pl.DataFrame([{name: row[name] for name in SCHEMA} for row in rows], schema=SCHEMA),
        column_config=_columns(currency, has_catalog=has_catalog),
        hide_index=True,
        # Streamlit keeps what is typed while the values under it change, but not when rows do: in a grid that adds rows
        # by itself, totals and product names could not be filled in meanwhile.
        num_rows="fixed",
        placeholder="",
        key=key,
        alt=tr("The lines of this deal: type in any cell"),
    )
    return totals


def read_only(lines: Lines, locale: str) -> None:
    """Draw the lines for those who may not change them."""
    if not lines.items:
        st.caption(tr("No lines."))
        return
    code = lines.currency
    st.dataframe(
        pl.DataFrame(
            {
                tr("SKU"): [line.sku or "" for line in lines.items],
                tr("Item"): [line.name for line in lines.items],
                tr("Quantity"): [float(line.quantity) for line in lines.items],
                tr("Unit price"): [money.shown_exactly(line.unit_price, code, locale) for line in lines.items],
                tr("Discount"): [
                    discount_text(line.discount_kind, line.discount, code, locale) for line in lines.items
                ],
                tr("Total"): [money.shown(line.total, code, locale) for line in lines.items],
            }
        ),
        hide_index=True,
        alt=tr("The lines of this deal"),
    )


def describe(cells: Cells) -> str:
    """Quantity, price and discount of typed cells, as `quote.in_short` has them of a line."""
    less = ""
    if cells["percent"]:
        less = tr(", less {discount:g} %", discount=cells["percent"])
    elif cells["off"]:
        less = tr(", less {discount:,g}", discount=cells["off"])
    quantity = 1 if cells["quantity"] is None else cells["quantity"]
    return f"{quantity:,g} × {cells['price']:,g}{less}" if cells["price"] is not None else f"{quantity:,g}{less}"


def _columns(currency: str, *, has_catalog: bool) -> dict[str, Any]:
    config = st.column_config
    number: dict[str, Any] = {"min_value": 0.0, "max_value": LARGEST, "format": "localized"}
    return {
        "place": config.NumberColumn("№", width=50, help=tr("Type another number to move a line."), format="%g"),
        "sku": config.TextColumn(
            tr("SKU"), width=130, max_chars=80, help=tr("Of a product: its name and price follow.")
        )
        if has_catalog
        else config.TextColumn(tr("SKU"), width=130, disabled=True),
        "name": config.TextColumn(tr("Item"), width=230, max_chars=500),
        "quantity": config.NumberColumn(tr("Quantity"), width=105, **number),
        "price": config.NumberColumn(tr("Price, {currency}", currency=currency), width=105, **number),
        "percent": config.NumberColumn(
            tr("Discount %"), width=110, help=tr("Discount in percent."), **number | {"max_value": 100.0}
        ),
        "off": config.NumberColumn(
            tr("Discount, {currency}", currency=currency),
            width=130,
            help=tr("Discount as an amount, off the line."),
            **number,
        ),
        "total": config.TextColumn(tr("Total"), width=115, disabled=True, alignment="right"),
        "gone": config.CheckboxColumn(tr("Remove"), width=75),
    }


def _product_cells(sheet: Sheet, now: Sequence[Cells], currency: str) -> dict[int, Cells]:
    """Name and price of the products whose SKU was typed, by the row's number."""
    skus = {
        n: cells["sku"] for n, (row, cells) in enumerate(zip(sheet.rows, now, strict=True)) if _has_new_sku(row, cells)
    }
    if not skus:
        return {}
    with session.reading() as tx:
        found = {n: catalog.by_sku(tx, sku) for n, sku in skus.items()}
    cells_by_row = {}
    for n, product in found.items():
        if product and product.active:
            price = product.prices.get(currency)
            cells_by_row[n] = {"name": product.name, "price": None if price is None else float(price)}
    return cells_by_row


def _has_new_sku(row: Row, cells: Cells) -> bool:
    return bool(cells["sku"]) and cells["sku"] != row.base["sku"] and not cells["gone"]


def _fill_ins(typed: Cells, row: Row, product: Cells) -> Cells:
    """The cells of a product that nobody typed anything else into."""
    return {cell: value for cell, value in product.items() if typed[cell] == row.start[cell]}


def _totals(filled: Sequence[Cells], currency: str) -> Totals:
    totals = Totals()
    for number, cells in enumerate(filled):
        if cells["gone"] or is_blank(cells):
            continue
        if cells["percent"] and cells["off"]:
            totals.faults[number] = tr("Give one discount: percent, or an amount.")
            continue
        try:
            line = quote.checked(fields(cells), currency)
        except Invalid as refusal:
            totals.faults[number] = str(refusal)
            continue
        totals.totals[number] = line["total"]
        totals.total += line["total"]
        totals.gross += money.rounded(quote.gross(line["quantity"], line["unit_price"]), currency)
    return totals


def discount_text(kind: str | None, discount: Decimal, currency: str, locale: str) -> str:
    if kind is None:
        return ""
    return f"{discount.normalize():f} %" if kind == "percent" else money.shown_exactly(discount, currency, locale)
