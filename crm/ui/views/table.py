"""The table of a pipeline: pages of deals with a true total and sums, picked for changes or edited where they stand."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import streamlit as st

from crm import deals
from crm.deals import CurrencyTotal
from crm.foundation import money
from crm.foundation.access import Permission
from crm.foundation.errors import CrmError
from crm.records import filters
from crm.records.filters import FieldSet
from crm.records.listing import ListQuery, Page
from crm.store import Reading
from crm.ui import refusals, session, words
from crm.ui.components import address, quick_filters
from crm.ui.deals import drawer
from crm.ui.lists import bulk, columns, exporting, history, picking
from crm.ui.lists.noun import Column, Noun
from crm.ui.lists.url_state import ROWS
from crm.ui.views import columns as of_deals
from crm.ui.views import inline
from crm.ui.views.url_state import ViewState

KEY = "deals-table"


def show(state: ViewState, *, may_change: bool, locale: str) -> None:
    noun = of_deals.noun(state.pipeline)
    fields = session.cached(deals.fields)
    key = f"{KEY}-{state.pipeline.id}"
    editing = may_change and address.get("edit") == "1"
    with session.reading() as tx:
        asked, page, totals = _found(tx, state, noun)
        every = noun.columns(tx)
        shown = columns.chosen(tx, noun, every)
        for column in shown:
            if column.fill:
                column.fill(tx, page.items)
        whole = filters.dump(state.query.whole(tx.today))
        picks = may_change or tx.actor.may(Permission.EXPORT)
        typed = of_deals.typed(tx, state.pipeline) if editing else {}
    inline.told()
    _toolbar(noun, every, shown, whole, editing, may_change, key=key)
    _summary(page, asked, totals, fields, locale, key=key)
    above = st.container()  # what waits to be saved is known only once the rows below are drawn
    if page.items and editing:
        inline.editor(page.items, shown, typed, key=key)
    elif page.items:
        _rows(noun, page, asked, shown, whole, picks=picks, key=key)
    if editing:
        with above:
            inline.bar(typed, key=key)
    with st.container(horizontal=True, horizontal_alignment="right"):
        address.pages(page.total, ROWS, key=f"{key}-page")


def _found(tx: Reading, state: ViewState, noun: Noun) -> tuple[ListQuery, Page, list[CurrencyTotal]]:
    """A filter that cannot be answered is said to be so, and answered with everything."""
    sort = address.get("sort", noun.default_sort)
    words: dict[str, Any] = {
        "sort": sort if sort in noun.sorts else noun.default_sort,
        "limit": ROWS,
        "offset": (address.number("page", 1, most=200_000) - 1) * ROWS,
    }
    asked = state.query.list_query(tx.today, **words)
    try:
        return asked, deals.find(tx, asked), deals.totals(tx, asked)
    except CrmError as refusal:
        refusals.show(refusal)
    asked = replace(asked, filter=None)
    return asked, deals.find(tx, asked), deals.totals(tx, asked)


def _rows(
    noun: Noun, page: Page, query: ListQuery, shown: Sequence[Column], whole: str, *, picks: bool, key: str
) -> None:
    ids = picking.table(noun, page.items, shown, picks=picks, key=key, open_=drawer.open_)
    picked = picking.picked(page, query, ids, key=key) if picks else None
    if picked:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"picked-{key}"):
            picking.summary(picked, page, noun, key=key)
            bulk.bar(noun, picked, key=key, filter=whole)
    bulk.ask_if_started(noun, key=key)


def _toolbar(
    noun: Noun, every: Sequence[Column], shown: Sequence[Column], whole: str, editing: bool, may: bool, *, key: str
) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        address.choice("Sort", "sort", noun.sorts, default=noun.default_sort, key=f"{key}-sort")
        columns.chooser(noun, every, shown, key=key)
        exporting.menu(noun, key=key, filter=whole)
        history.button(noun)
        if may:
            address.follow(f"{key}-edit", editing)
            st.toggle("Edit rows", key=f"{key}-edit", on_change=_write_edit, args=(f"{key}-edit",))


def _write_edit(key: str) -> None:
    page = address.get("page")
    address.put("edit", "1" if st.session_state[key] else "")
    if page:
        st.query_params["page"] = page


def _summary(
    page: Page, query: ListQuery, totals: Sequence[CurrencyTotal], fields: FieldSet, locale: str, *, key: str
) -> None:
    """How many there are, which of them are here, and what the open, won and lost ones are worth by currency."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"above-{key}"):
        if not page.items:
            st.caption("No deals", width="content")
        elif page.total == len(page.items):
            st.caption(f"{page.total:,} deal{'' if page.total == 1 else 's'}", width="content")
        else:
            first = query.offset + 1
            st.caption(f"{first:,}–{first + len(page.items) - 1:,} of {page.total:,} deals", width="content")
        for total in totals:
            st.caption(_worth(total, locale), width="content")
        quick_filters.sentence(fields, key=key)


def _worth(total: CurrencyTotal, locale: str) -> str:
    """As “**R$1,500.00** open (2), R$500 weighted · R$900 won (1)”: only what there is any of."""

    def short(value: Decimal) -> str:
        return words.plain(money.compact(value, total.currency, locale))

    parts = []
    if total.open_count:
        value = words.plain(money.shown(total.open_value, total.currency, locale))
        parts.append(f"**{value}** open ({total.open_count:,}), {short(total.weighted)} weighted")
    if total.won_count:
        parts.append(f"{short(total.won_value)} won ({total.won_count:,})")
    if total.lost_count:
        parts.append(f"{short(total.lost_value)} lost ({total.lost_count:,})")
    return " · ".join(parts)
