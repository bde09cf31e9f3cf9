"""The deals behind a figure, in a drawer. The address holds the figure's code as `cell`, so that it can be shared."""

from collections.abc import Callable, Iterable
from decimal import Decimal

import polars as pl
import streamlit as st

from crm.foundation import money
from crm.foundation.language import later, plural, tr
from crm.reports.drilldown import Behind
from crm.store import Reading
from crm.ui import session, words
from crm.ui.components.dialogs import dialog
from crm.ui.reports import report_tables

DEALS_A_PAGE = 50

LookUp = Callable[[Reading, int, int], Behind]
"""`look_up(tx, limit, offset)`: a page of the deals behind a figure, and the sums over all of them."""


def open_code() -> str | None:
    """The code of the figure whose drawer is open, None where none is."""
    return st.query_params.get("cell")


def open_cell(code: str) -> None:
    if code:
        st.query_params["cell"] = code


def close() -> None:
    st.query_params.pop("cell", None)


def open_marked(key: str) -> None:
    """A callback for a chart's `on_select`: open the figure that the clicked mark carries."""
    points = st.session_state[key].selection.points
    if points and points[0].get("customdata"):
        open_cell(points[0]["customdata"][0])


@dialog(later("Deals"), width="medium", position="right", icon=":material/list_alt:", on_dismiss=close)
def drawer(
    title: str,
    look_up: LookUp,
    locale: str,
    *,
    weighted: bool,
    explain: Callable[[], None] | None = None,
) -> None:
    """`explain` opens why the figure has changed, where that can be told."""
    st.subheader(words.plain(title), anchor=False)
    if explain and st.button(tr("Why did this number change?"), icon=":material/difference:", type="tertiary"):
        explain()
        st.rerun()
    # Another figure starts at its first page.
    page_key = f"deals-behind-{open_code()}"
    page = st.session_state.get(page_key, 1)
    with session.reading() as tx:
        found = look_up(tx, DEALS_A_PAGE, (page - 1) * DEALS_A_PAGE)
    with st.container(horizontal=True):
        st.badge(plural("{count:,} deals", "{count:,} deals", found.count), color="gray", icon=":material/handshake:")
        for each in found.sums:
            st.badge(words.plain(money.shown(each.value, each.currency, locale)), color="primary")
            if weighted:
                amount = money.shown(each.weighted, each.currency, locale)
                st.badge(words.plain(tr("{amount} weighted", amount=amount)), color="gray")
    if not found.items:
        st.info(tr("No deals here now."), icon=":material/inbox:")
        return
    table = _table(found, locale, weighted)
    st.dataframe(
        table,
        hide_index=True,
        column_config=report_tables.columns(table, right=("Value", "Weighted", "Converted"))
        | {"": report_tables.link()}
        | {name: report_tables.day(name) for name in ("Expected", "Closed")},
        on_select=lambda: _go(found.items[row].id for row in st.session_state["deals-behind"].selection.rows),
        selection_mode="single-row",
        height="content",
        key="deals-behind",
        alt=title,
    )
    pages = -(-found.count // DEALS_A_PAGE)
    if pages > 1:
        st.pagination(pages, key=page_key)
    st.caption(tr("Select a row to go to its deal."))


def _go(ids: Iterable[int]) -> None:
    for deal_id in ids:
        st.switch_page("pages/deal.py", query_params={"deal": str(deal_id)})


def _table(found: Behind, locale: str, weighted: bool) -> pl.DataFrame:
    def shown(amount: Decimal | None, code: str | None) -> str:
        return money.shown(amount, code, locale) if code else "–"

    columns: dict[str, list[object]] = {
        "": [f"/deal?deal={deal.id}" for deal in found.items],
        later("Deal"): [deal.title for deal in found.items],
        later("Company"): [deal.company_name or "–" for deal in found.items],
        later("Value"): [shown(deal.value, deal.currency) for deal in found.items],
        later("Weighted"): [shown(deal.weighted, deal.currency) for deal in found.items],
        later("Converted"): [shown(deal.converted, deal.converted_into) for deal in found.items],
        later("Stage"): [deal.stage_name for deal in found.items],
        later("Owner"): [deal.owner_name or "–" for deal in found.items],
        later("Expected"): [deal.expected_close for deal in found.items],
        later("Closed"): [deal.closed_on for deal in found.items],
    }
    empty = {name for name in ("Expected", "Closed") if not any(columns[name])}
    hidden = empty if weighted else {*empty, "Weighted"}
    if not any(deal.converted_into for deal in found.items):
        hidden = {*hidden, "Converted"}
    return pl.DataFrame({name: column for name, column in columns.items() if name not in hidden}, strict=False)
