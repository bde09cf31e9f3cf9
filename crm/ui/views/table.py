"""The table of a pipeline: pages of deals with their total and sums, picked for bulk changes or edited in place."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

import streamlit as st

from crm import deals
from crm.deals import DEAL, CurrencyTotal
from crm.foundation import money
from crm.foundation.errors import CrmError
from crm.foundation.language import tr
from crm.records import filters
from crm.records.listing import ListQuery, Page
from crm.store import Reading
from crm.ui import refusals, session, words
from crm.ui.components import address, quick_filters
from crm.ui.deals import drawer
from crm.ui.lists import cells, columns, exporting, history, rows, wording
from crm.ui.lists.cells import Column
from crm.ui.lists.rows import Rows
from crm.ui.lists.url_state import MOST_PAGES, ROWS
from crm.ui.views import inline
from crm.ui.views.columns import LAYOUT, typed
from crm.ui.views.url_state import ViewState

KEY = "deals-table"


def show(state: ViewState, *, may_change: bool, locale: str) -> None:
    key = f"{KEY}-{state.pipeline.id}"
    editing = may_change and address.get("edit") == "1"
    with session.reading() as tx:
        sorts = wording.sorts(tx, LAYOUT)
        query, page, totals = _found(tx, state, sorts)
        every = cells.every(tx, LAYOUT)
        shown = columns.chosen(tx, DEAL, every)
        found = rows.of_page(tx, LAYOUT, shown, query, page, sorts, key=key)
        whole = filters.dump(state.query.whole(tx.today))
        editable = typed(tx, state.pipeline) if editing else {}
    if not page.items:
        address.turn_back(page.total, ROWS)
    _toolbar(every, shown, sorts, whole, editing, may_change, key=key)
    summary(found, totals, locale)
    above = st.container()  # filled last: what waits to be saved is known once the rows below are drawn
    if page.items and editing:
        inline.editor(page.items, found.columns, editable, key=key)
    elif page.items:
        rows.show(found, open_record=drawer.open_, filter=whole)
    if editing:
        with above:
            inline.bar(editable, key=key)
    rows.pager(found, _read)


def _read(tx: Reading, query: ListQuery) -> Page:
    """Read a page, and the sums above it."""
    deals.totals(tx, query)
    return deals.find(tx, query)


def _found(tx: Reading, state: ViewState, sorts: Mapping[str, str]) -> tuple[ListQuery, Page, list[CurrencyTotal]]:
    """Query, page and sums. A filter that cannot be answered is refused in a sentence, and left out."""
    default = next(iter(sorts))
    sort = address.get("sort", default)
    query = state.query.list_query(
        tx.today,
        sort=sort if sort in sorts else default,
        limit=ROWS,
        offset=(address.number("page", 1, most=MOST_PAGES) - 1) * ROWS,
    )
    try:
        return query, deals.find(tx, query), deals.totals(tx, query)
    except CrmError as refusal:
        refusals.show(refusal)
    query = replace(query, filter=None)
    return query, deals.find(tx, query), deals.totals(tx, query)


def _toolbar(
    every: Sequence[Column],
    shown: Sequence[Column],
    sorts: Mapping[str, str],
    whole: str,
    editing: bool,
    may: bool,
    *,
    key: str,
) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        address.choice(tr("Sort"), "sort", sorts, default=next(iter(sorts)), key=f"{key}-sort")
        columns.chooser(DEAL, every, shown, key=key)
        exporting.menu(DEAL, key=key, filter=whole)
        history.button(DEAL)
        if may:
            address.follow(f"{key}-edit", editing)
            st.toggle(tr("Edit rows"), key=f"{key}-edit", on_change=_write_edit, args=(f"{key}-edit",))


def _write_edit(key: str) -> None:
    page = address.get("page")
    address.put("edit", "1" if st.session_state[key] else "")
    # `put` starts the list anew, but to edit rows changes nothing of what it holds.
    if page:
        st.query_params["page"] = page


def summary(found: Rows, totals: Sequence[CurrencyTotal], locale: str) -> None:
    """Draw how many deals there are, which are here, and the sums of open, won and lost ones by currency."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"above-{found.key}"):
        st.caption(rows.counted(found), width="content")
        for total in totals:
            st.caption(_worth(total, locale), width="content")
        quick_filters.sentence("deals", key=found.key)


def _worth(total: CurrencyTotal, locale: str) -> str:
    """Such as “**R$1,500.00** open (2), R$500 weighted · R$900 won (1)”, without what there is none of."""

    def short(value: Decimal) -> str:
        return words.plain(money.compact(value, total.currency, locale))

    parts = []
    if total.open_count:
        value = words.plain(money.shown(total.open_value, total.currency, locale))
        weighted = short(total.weighted)
        parts.append(
            tr(
                "**{value}** open ({count:,}), {weighted} weighted",
                value=value,
                count=total.open_count,
                weighted=weighted,
            )
        )
    if total.won_count:
        parts.append(tr("{value} won ({count:,})", value=short(total.won_value), count=total.won_count))
    if total.lost_count:
        parts.append(tr("{value} lost ({count:,})", value=short(total.lost_value), count=total.lost_count))
    return " · ".join(parts)
