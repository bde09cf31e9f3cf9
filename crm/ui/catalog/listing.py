"""The list of products."""

from collections.abc import Sequence

import polars as pl
import streamlit as st

from crm import catalog
from crm.foundation import money
from crm.foundation.access import Actor
from crm.platform import workspace
from crm.records.listing import ListQuery, Page
from crm.store import Row
from crm.ui import live, refusals, session
from crm.ui.catalog import drawer
from crm.ui.components import address
from crm.ui.forms import drawer_form

ROWS = 50
TURN = "catalog-turn"
SORTS = {
    "name": "Name, A to Z",
    "-name": "Name, Z to A",
    "sku": "SKU",
    "-created_at": "Newest first",
    "-updated_at": "Last changed first",
}


def show() -> None:
    actor = session.actor()
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title("Catalog", anchor=False)
        if catalog.may_change(actor):
            st.button(
                "New product",
                type="primary",
                icon=":material/add:",
                shortcut="n",
                on_click=drawer_form.start,
                args=(drawer.LAYOUT.new,),
            )
    _rows(actor)
    drawer.show_if_open(actor)


@refusals.fragment
def _rows(actor: Actor) -> None:
    live.on_change("product", key="catalog-live")
    with st.container(horizontal=True, vertical_alignment="center"):
        query = address.search("Name or SKU", key="catalog-search")
        sort = address.choice("Sort", "sort", SORTS, default="name", key="catalog-sort")
        inactive = _with_inactive()
    at = address.number("page", 1, most=1_000_000)
    asked = ListQuery(search=query, sort=sort, limit=ROWS, offset=(at - 1) * ROWS)
    with session.reading() as tx:
        page = catalog.find(tx, asked, inactive=inactive)
        locale = workspace.get(tx).locale
    if not page.items:
        _nothing(actor, narrowed=bool(query) or at > 1)
        return
    st.caption(_summary(page, asked))
    _table(page.items, locale, inactive=inactive)
    with st.container(horizontal=True, horizontal_alignment="right"):
        address.pages(page.total, ROWS, key="catalog-page")


def _with_inactive() -> bool:
    on = address.get("inactive") == "yes"
    address.follow("catalog-inactive", on)
    st.toggle("With inactive ones", key="catalog-inactive", on_change=_write_inactive)
    return on


def _write_inactive() -> None:
    address.put("inactive", "yes" if st.session_state["catalog-inactive"] else "")


def _summary(page: Page, query: ListQuery) -> str:
    if page.total == len(page.items):
        return f"{page.total:,} {'product' if page.total == 1 else 'products'}"
    first = query.offset + 1
    return f"{first:,}–{first + len(page.items) - 1:,} of {page.total:,} products"


def _table(items: Sequence[Row], locale: str, *, inactive: bool) -> None:
    shown = pl.DataFrame(
        {
            "SKU": [row["sku"] for row in items],
            "Name": [row["name"] for row in items],
            "Prices": [
                " · ".join(money.shown_exactly(price, code, locale) for code, price in row["prices"].items())
                for row in items
            ],
            "Description": [row["description"] or "" for row in items],
        }
    )
    if inactive:
        shown = shown.with_columns(pl.Series("Active", [row["active"] for row in items]))
    ids = [row["id"] for row in items]
    turn = st.session_state.get(TURN, 0)
    with st.container(key="records-catalog-table"):
        chosen = st.dataframe(
            shown,
            hide_index=True,
            key=f"catalog-table-{hash(tuple(ids))}-{turn}",
            on_select="rerun",
            selection_mode="single-cell",
            height="content",
            column_config={
                "SKU": st.column_config.TextColumn(width=140),
                "Name": st.column_config.TextColumn(width=280),
                "Prices": st.column_config.TextColumn(width=250),
                "Active": st.column_config.CheckboxColumn(width=70),
            },
            alt="Products",
        )
    if chosen.selection.cells:
        st.session_state[TURN] = turn + 1  # a table without the click: closing the drawer must not open it again
        drawer.open_product(ids[chosen.selection.cells[0][0]])
        st.rerun()


def _nothing(actor: Actor, *, narrowed: bool) -> None:
    with st.container(border=True, horizontal_alignment="center"):
        if narrowed:
            st.subheader("No product matches", anchor=False, width="content")
            st.caption("Try fewer words, or look among the inactive ones too.", width="content")
            return
        st.subheader("No products yet", anchor=False, width="content")
        who = "Add the first one" if catalog.may_change(actor) else "A manager or an administrator adds them"
        st.caption(f"{who}: lines of deals then take their name and price from here.", width="content")
