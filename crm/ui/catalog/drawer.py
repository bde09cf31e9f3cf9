"""One product in a drawer: its fields, its prices by currency, and what it cost before."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl
import streamlit as st

from crm import catalog
from crm.catalog import PriceChange, Product
from crm.foundation import money
from crm.foundation.access import Actor
from crm.foundation.errors import CrmError
from crm.platform import workspace
from crm.ui import refusals, session, words
from crm.ui.components import address
from crm.ui.deals.lines.sheet import number
from crm.ui.forms import drawer_form

NEW, EDITED = "new-product", "edit-product"
CURRENCY, PRICE = "Currency", "Price"


def show_if_open(actor: Actor) -> None:
    product_id = address.record_id("product")
    if product_id:
        _one(product_id, may_change=catalog.may_change(actor))
    elif drawer_form.is_open(NEW) and catalog.may_change(actor):
        _new(actor)


def open_product(product_id: int) -> None:
    drawer_form.start(EDITED)
    st.query_params["product"] = str(product_id)


def _close() -> None:
    drawer_form.close()
    st.query_params.pop("product", None)


@st.dialog("New product", width="medium", position="right", icon=":material/inventory_2:", on_dismiss=_close)
def _new(actor: Actor) -> None:
    with st.form(NEW, border=False):
        given, prices = _fields({"active": True, "prices": {}}, actor.currency)
        submitted = st.form_submit_button("Add product", type="primary", icon=":material/check:")
    if submitted and prices is not None:
        made = drawer_form.save(catalog.create, **given, prices=prices)
        if made:
            st.toast(f"{words.plain(made.name)} is in the catalog.", icon=":material/check:")
            st.rerun()


def _one(product_id: int, *, may_change: bool) -> None:
    @st.dialog("Product", width="medium", position="right", icon=":material/inventory_2:", on_dismiss=_close)
    def ask() -> None:
        try:
            with session.reading() as tx:
                product = catalog.get(tx, product_id)
                history = catalog.price_history(tx, product_id)
                zone, locale = tx.actor.time_zone, workspace.get(tx).locale
                currency = tx.actor.currency
        except CrmError as refusal:
            refusals.show(refusal)
            return
        if may_change:
            _edit(product, currency)
        else:
            _facts(product, locale)
        _history(history, zone, locale)

    ask()


def _edit(product: Product, currency: str) -> None:
    if not drawer_form.is_open(EDITED):
        drawer_form.start(EDITED)  # reached by a link
    base = drawer_form.seen(product)
    with st.form(EDITED, border=False):
        given, prices = _fields(base, currency)
        submitted = st.form_submit_button("Save", type="primary", icon=":material/save:")
    if not submitted or prices is None:
        return
    gone = dict.fromkeys(base["prices"].keys() - prices.keys())
    saved = drawer_form.save(
        catalog.edit,
        base["id"],
        version=base["version"],
        prices={code: price for code, price in prices.items() if Decimal(price) != base["prices"].get(code)} | gone,
        **drawer_form.differing(base, given),
    )
    if saved:
        _close()
        st.toast("Saved.", icon=":material/check:")
        st.rerun()


def _fields(base: Mapping[str, Any], currency: str) -> tuple[dict[str, Any], dict[str, str] | None]:
    """The widgets; the prices are None where they make no sense, which is said."""
    key = drawer_form.key
    left, right = st.columns([1, 2])
    given: dict[str, Any] = {
        "sku": left.text_input("SKU", base.get("sku") or "", max_chars=80, key=key("sku"), required=True),
        "name": right.text_input("Name", base.get("name") or "", max_chars=300, key=key("name"), required=True),
        "description": st.text_area("Description", base.get("description") or "", key=key("description")),
        "active": st.toggle("Active: offered for new lines", base["active"], key=key("active")),
    }
    st.caption("Prices, one a currency. Lines that were made before keep theirs.")
    return given, _prices(base["prices"], currency)


def _prices(prices: Mapping[str, Decimal], currency: str) -> dict[str, str] | None:
    frame = pl.DataFrame(
        {CURRENCY: list(prices) or [currency], PRICE: [float(one) for one in prices.values()] or [None]},
        schema={CURRENCY: pl.String(), PRICE: pl.Float64()},
    )
    typed = st.data_editor(
        frame,
        num_rows="dynamic",
        hide_index=True,
        placeholder="",
        key=drawer_form.key("prices"),
        column_config={
            CURRENCY: st.column_config.SelectboxColumn(options=sorted(money.CURRENCIES)),
            PRICE: st.column_config.NumberColumn(min_value=0.0, format="localized"),
        },
        alt="Prices by currency",
    )
    rows = [(code, price) for code, price in typed.iter_rows() if price is not None]
    codes = [code for code, _ in rows]
    if None in codes:
        st.error("A price has no currency: choose one in its row.", icon=":material/error:")
        return None
    twice = {code for code in codes if codes.count(code) > 1}
    if twice:
        st.error(f"{', '.join(sorted(twice))} has more than one price.", icon=":material/error:")
        return None
    return {code: number(price) for code, price in rows}


def _facts(product: Product, locale: str) -> None:
    prices = ", ".join(money.shown_exactly(price, code, locale) for code, price in product.prices.items())
    shown = {
        "SKU": product.sku,
        "Name": product.name,
        "Description": product.description or "–",
        "Prices": prices or "–",
        "Active": "yes" if product.active else "no",
    }
    st.table({label: words.plain(text) for label, text in shown.items()}, border="horizontal")


def _history(history: list[PriceChange], zone: str, locale: str) -> None:
    if not history:
        return
    st.subheader("What it cost", anchor=False)

    def amount(price: Decimal | None, code: str) -> str:
        return "–" if price is None else money.shown_exactly(price, code, locale)

    st.dataframe(
        pl.DataFrame(
            {
                "When": [words.moment(one.happened_at, zone, locale) for one in history],
                "By": [one.actor_name for one in history],
                "From": [amount(one.before, one.currency) for one in history],
                "To": [amount(one.after, one.currency) for one in history],
            }
        ),
        hide_index=True,
        alt="Every change of a price, newest first",
    )
