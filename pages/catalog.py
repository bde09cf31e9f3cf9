"""Catalog: products with their prices, changed in a drawer that shows what each cost before."""

import streamlit as st

from crm import catalog
from crm.foundation import money
from crm.foundation.language import later, tr
from crm.records.filters import Rule
from crm.store import Row
from crm.ui import session
from crm.ui.catalog import drawer
from crm.ui.components import address
from crm.ui.lists import list_page
from crm.ui.lists.layout import ListLayout, Shown

locale = session.actor().language


def prices(row: Row) -> str:
    return " · ".join(money.shown_exactly(price, code, locale) for code, price in row["prices"].items())


def active_ones() -> Rule | None:
    return None if address.get("inactive") == "yes" else Rule(field="active", op="is", value=True)


def with_inactive_ones() -> None:
    address.follow("catalog-inactive", active_ones() is None)
    st.toggle(tr("Show inactive"), key="catalog-inactive", on_change=write_inactive)


def write_inactive() -> None:
    address.put("inactive", "yes" if st.session_state["catalog-inactive"] else "")


how_to_begin = (
    later("Add the first one: lines of deals then take their name and price from here.")
    if catalog.may_change(session.actor())
    else later("A manager or an administrator adds them: lines of deals then take their name and price from here.")
)
list_page.show(
    ListLayout(
        catalog.PRODUCT,
        title=later("Catalog"),
        columns=(
            Shown("sku", settings={"width": 140}),
            Shown("name", settings={"width": 280}),
            Shown("prices", later("Prices"), read=prices, settings={"width": 250}),
            Shown("description", settings={"width": 300}),
            Shown("active", settings={"width": 70}, where=lambda row: not row["active"]),
        ),
        sorts={
            "name": later("Name, A to Z"),
            "-name": later("Name, Z to A"),
            "sku": later("SKU"),
            "-created_at": later("Newest first"),
            "-updated_at": later("Last changed first"),
        },
        start_new=drawer.start_new,
        may_add=catalog.may_change,
        within=active_ones,
        in_toolbar=with_inactive_ones,
        open_record=drawer.open_product,
        dialogs=drawer.show_if_open,
        how_to_begin=how_to_begin,
        none_matches=later("Try fewer words, or look among the inactive ones too."),
    )
)
