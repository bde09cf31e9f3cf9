"""The popover that finds a product and puts it into the grid."""

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from crm import catalog
from crm.foundation import money
from crm.store import Row
from crm.ui import session, words
from crm.ui.components import lazy
from crm.ui.deals.lines.sheet import Cells
from crm.ui.records import record_state

SHOWN = 8


def popover(deal_id: int, currency: str, locale: str, *, on_pick: Callable[[int, Cells], None]) -> None:
    prefix = f"{record_state.of('deal', deal_id)}-product"
    find = partial(_find, deal_id, currency, locale, on_pick, prefix)
    lazy.popover("Add a product", find, key=prefix, icon=":material/add_shopping_cart:")


def _find(deal_id: int, currency: str, locale: str, on_pick: Callable[[int, Cells], None], prefix: str) -> None:
    query = st.text_input("Product", type="search", live=True, placeholder="Name or SKU", key=f"{prefix}-query").strip()
    with session.reading() as tx:
        found = catalog.named(tx, query, SHOWN)
    for row in found:
        about = f":small[:gray[{words.plain(row['sku'])} · {_price(row, currency, locale)}]]"
        st.button(
            f"{words.plain(row['name'])} {about}",
            key=f"{prefix}-{row['id']}",
            type="tertiary",
            icon=":material/add:",
            # As a callback it changes the sheet before the grid is drawn.
            on_click=on_pick,
            args=(deal_id, _cells(row, currency)),
        )
    if not found:
        st.caption("No product matches." if query else "The catalog is empty.")


def _cells(row: Row, currency: str) -> Cells:
    price: Any = row["prices"].get(currency)
    return {
        "sku": row["sku"],
        "name": row["name"],
        "quantity": 1.0,
        "price": None if price is None else float(price),
    }


def _price(row: Row, currency: str, locale: str) -> str:
    price = row["prices"].get(currency)
    if price is not None:
        return words.plain(money.shown_exactly(price, currency, locale))
    others = ", ".join(row["prices"])
    return f"no price in {currency}" + (f", only in {others}" if others else "")
