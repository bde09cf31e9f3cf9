"""The drawer of one product: its fields, its prices by currency, and their history."""

from decimal import Decimal

import polars as pl
import streamlit as st

from crm import catalog
from crm.catalog import PRODUCT, PriceChange, Product
from crm.foundation import money
from crm.foundation.errors import CrmError
from crm.foundation.language import later, tr
from crm.ui import refusals, session, words
from crm.ui.catalog import prices
from crm.ui.components import address
from crm.ui.components.dialogs import dialog
from crm.ui.forms import drawer_form, record_form
from crm.ui.forms.draft import forget
from crm.ui.forms.layout import FormLayout

LAYOUT = FormLayout(
    PRODUCT,
    order=("sku", "name", "description", "active"),
    wide=frozenset({"sku"}),
    labels={"active": later("Active: offered for new lines")},
    begins=lambda tx: {"active": True},
)


def show_if_open() -> None:
    """The product that the address names, or the form of a new one if it was started."""
    product_id = address.record_id("product")
    may_change = catalog.may_change(session.actor())
    if product_id:
        _one(product_id, may_change=may_change)
    elif drawer_form.is_open(LAYOUT.new) and may_change:
        _new()


def start_new() -> None:
    drawer_form.start(LAYOUT.new)


def open_product(product_id: int) -> None:
    """The address names the product, and `show_if_open` opens it."""
    st.query_params["product"] = str(product_id)


def _close() -> None:
    forget(LAYOUT.new)
    forget(LAYOUT.edited(address.record_id("product")))
    drawer_form.close()
    st.query_params.pop("product", None)


@dialog(later("New product"), width="medium", position="right", icon=":material/inventory_2:", on_dismiss=_close)
def _new() -> None:
    form = record_form.begin(LAYOUT, LAYOUT.new, extra_fields=prices.fields({}, LAYOUT.new))
    record_form.draw(form)
    typed = prices.draw(form)
    made = record_form.create_button(form, refused=typed is None, prices=typed)
    if made:
        _close()
        st.toast(tr("{name} is in the catalog.", name=words.plain(made.name)), icon=":material/check:")
        st.rerun()


def _one(product_id: int, *, may_change: bool) -> None:
    @st.dialog(tr("Product"), width="medium", position="right", icon=":material/inventory_2:", on_dismiss=_close)
    def ask() -> None:
        try:
            with session.reading() as tx:
                product = catalog.get(tx, product_id)
                history = catalog.price_history(tx, product_id)
                zone, locale = tx.actor.time_zone, tx.actor.language
        except CrmError as refusal:
            refusals.show(refusal)
            return
        if may_change:
            _edit(product)
        else:
            _facts(product, locale)
        _history(history, zone, locale)

    ask()


def _edit(product: Product) -> None:
    key = LAYOUT.edited(product.id)
    form = record_form.begin(LAYOUT, key, product, extra_fields=prices.fields(product.prices, key))
    record_form.draw(form)
    typed = prices.draw(form)
    changed = prices.changes(product.prices, typed or {})
    if record_form.save_button(form, refused=typed is None, prices=changed):
        _close()
        st.rerun()


def _facts(product: Product, locale: str) -> None:
    prices = ", ".join(money.shown_exactly(price, code, locale) for code, price in product.prices.items())
    shown = {
        tr("SKU"): product.sku,
        tr("Name"): product.name,
        tr("Description"): product.description or "–",
        tr("Prices"): prices or "–",
        tr("Active"): tr("yes") if product.active else tr("no"),
    }
    st.table({label: words.plain(text) for label, text in shown.items()}, border="horizontal")


def _history(history: list[PriceChange], zone: str, locale: str) -> None:
    if not history:
        return
    st.subheader(tr("What it cost"), anchor=False)

    def amount(price: Decimal | None, code: str) -> str:
        return "–" if price is None else money.shown_exactly(price, code, locale)

    st.dataframe(
        pl.DataFrame(
            {
                tr("When"): [words.moment(one.happened_at, zone, locale) for one in history],
                tr("By"): [one.actor_name for one in history],
                tr("From"): [amount(one.before, one.currency) for one in history],
                tr("To"): [amount(one.after, one.currency) for one in history],
            }
        ),
        hide_index=True,
        alt=tr("Every change of a price, newest first"),
    )
