"""The section of a deal's page with its lines: the grid, its sums, clashes, and the way to a quote."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import streamlit as st

from crm.deals import Deal, quote
from crm.deals.quote import Lines
from crm.foundation import money
from crm.foundation.access import Module
from crm.foundation.errors import CrmError, Stale
from crm.foundation.language import tr
from crm.ui import refusals, session, words
from crm.ui.deals.lines import grid, issued_quotes, product_picker
from crm.ui.deals.lines.grid import Totals
from crm.ui.deals.lines.sheet import (
    Cells,
    Sheet,
    edits,
    is_blank,
    is_changed,
    is_current,
    new_sheet,
    order,
    resolved,
    typed,
    with_edits,
)
from crm.ui.deals.lines.sheet import with_others as merged
from crm.ui.records import record_state


@dataclass
class LinesState:
    """The lines of one deal as this person has them in hand; one object in the session's state."""

    sheet: Sheet
    refused: str = ""
    saved: bool = False
    """The page has not said so yet."""
    is_unsaved: bool = False
    typed: tuple[int, list[Cells]] = (-1, [])
    """The sheet's turn and its cells when the grid was drawn last."""


def show(deal: Deal, *, may_change: bool, locale: str) -> None:
    """Draw the lines. What is typed into the grid is in it again wherever it is drawn next."""
    state = _state(deal.id)
    if state.saved:
        state.saved = False
        st.toast(tr("Saved."), icon=":material/check:")
    with st.container(key="lines-section"):
        _lines(deal, may_change, locale)


def is_unsaved(deal_id: int) -> bool:
    return _key(deal_id) in st.session_state and _state(deal_id).is_unsaved


@refusals.fragment
def _lines(deal: Deal, may_change: bool, locale: str) -> None:
    state = _state(deal.id)
    if state.saved:
        st.rerun()  # the whole page shows the deal's value
    with session.reading() as tx:
        lines = quote.of(tx, deal.id)
        has_catalog = tx.actor.has(Module.CATALOG)
        issued = quote.issued(tx, deal.id)
    if not may_change:
        grid.read_only(lines, locale)
        issued_quotes.show(issued, locale)
        return
    sheet = state.sheet = _up_to_date(deal.id, _with_typed(deal.id, state), lines)
    now = typed(sheet, _edits(deal.id, sheet))
    _clashes(deal.id, sheet, now)
    currency = lines.currency if lines.items else _chosen_currency(deal)
    totals = grid.editor(sheet, now, currency, _grid_key(deal.id, sheet), has_catalog=has_catalog, locale=locale)
    if has_catalog:
        with st.container(width=420):
            product_picker.box(deal.id, currency, on_pick=_add_product)
    _faults(totals)
    changed = state.is_unsaved = _changed(sheet, now, lines)
    state.typed = sheet.turn, now
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            _save_button(deal, state, changed=changed)
            if changed:
                st.button(tr("Discard"), key=f"{_key(deal.id)}-discard", on_click=_discard, args=(deal.id,))
        _sums(totals, currency, locale)
    if not lines.items:
        _currency_choice(deal)
    issued_quotes.show(issued, locale)


def _with_typed(deal_id: int, state: LinesState) -> Sheet:
    """The sheet with what was typed into its grid before the tab was closed or the page left: Streamlit drops the state
    of a grid that is not drawn."""
    turn, cells = state.typed
    dropped = turn == state.sheet.turn and _grid_key(deal_id, state.sheet) not in st.session_state
    return with_edits(state.sheet, cells) if dropped else state.sheet


def _up_to_date(deal_id: int, sheet: Sheet, lines: Lines) -> Sheet:
    """The sheet, brought up to the lines as others left them, with a free row at its end."""
    now = typed(sheet, _edits(deal_id, sheet))
    touched = any(is_changed(row, mine) for row, mine in zip(sheet.rows, now, strict=True))
    known = [row.line for row in sheet.rows if row.line]
    if not sheet.rows or (not touched and known != lines.items):
        return new_sheet(lines.items, sheet.turn + 1)
    if not is_current(sheet, lines.items):
        return merged(sheet, now, lines.items)
    return sheet if is_blank(now[-1]) else with_edits(sheet, now)


def _state(deal_id: int) -> LinesState:
    found: LinesState = st.session_state.setdefault(_key(deal_id), LinesState(Sheet(())))
    return found


def _key(deal_id: int) -> str:
    return f"{record_state.of('deal', deal_id)}-lines"


def _grid_key(deal_id: int, sheet: Sheet) -> str:
    return f"{_key(deal_id)}-grid-{sheet.turn}"


def _edits(deal_id: int, sheet: Sheet) -> Mapping[int, Mapping[str, Any]]:
    grid_state = st.session_state.get(_grid_key(deal_id, sheet))
    found: Mapping[int, Mapping[str, Any]] = grid_state["edited_rows"] if grid_state else {}
    return found


def _clashes(deal_id: int, sheet: Sheet, now: Sequence[Cells]) -> None:
    """Draw the lines that both changed, each in both forms, with the two ways out."""
    for number in sheet.clashing:
        row, mine = sheet.rows[number], now[number]
        theirs = f"{row.theirs.name}: {quote.in_short(row.theirs)}" if row.theirs else tr("removed")
        own = tr("removed") if mine["gone"] else f"{mine['name']}: {grid.describe(mine)}"
        with st.container(border=True):
            clash = tr(
                "Somebody else changed row {row} too. Yours **{own}**, theirs **{theirs}**",
                row=number + 1,
                own=words.plain(own),
                theirs=words.plain(theirs),
            )
            st.markdown(f":material/sync_problem: {clash}")
            with st.container(horizontal=True):
                for label, keep_mine in ((tr("Keep mine"), True), (tr("Take theirs"), False)):
                    st.button(
                        label,
                        key=f"{_key(deal_id)}-clash-{sheet.turn}-{number}-{keep_mine}",
                        on_click=_resolve,
                        args=(deal_id, number, keep_mine),
                    )


def _resolve(deal_id: int, number: int, mine: bool) -> None:
    state = _state(deal_id)
    state.sheet = resolved(state.sheet, typed(state.sheet, _edits(deal_id, state.sheet)), number, mine=mine)


def _discard(deal_id: int) -> None:
    with session.reading() as tx:
        lines = quote.of(tx, deal_id)
    state = _state(deal_id)
    state.sheet = new_sheet(lines.items, state.sheet.turn + 1)


def _add_product(deal_id: int, cells: Cells) -> None:
    """Callback: put a product into the first free row."""
    state = _state(deal_id)
    sheet = state.sheet
    now = typed(sheet, _edits(deal_id, sheet))
    free = next(n for n, (row, mine) in enumerate(zip(sheet.rows, now, strict=True)) if not row.line and is_blank(mine))
    state.sheet = with_edits(sheet, [*now[:free], now[free] | cells, *now[free + 1 :]])


def _chosen_currency(deal: Deal) -> str:
    return str(st.session_state.get(f"{_key(deal.id)}-currency") or deal.currency)


def _currency_choice(deal: Deal) -> None:
    codes = sorted(money.CURRENCIES)
    st.selectbox(
        tr("Currency of the first line, and so of the deal"),
        codes,
        index=codes.index(deal.currency),
        key=f"{_key(deal.id)}-currency",
        width=320,
        help=tr("With lines the deal's value is their sum, in one currency. Without any it is what you type again."),
    )


def _faults(totals: Totals) -> None:
    for number, fault in list(totals.faults.items())[:5]:
        row = tr("Row {row}: {fault}", row=number + 1, fault=words.plain(fault))
        st.caption(f":orange[:material/warning: {row}]")


def _sums(totals: Totals, currency: str, locale: str) -> None:
    """Draw the sums of the grid as it stands, saved or not."""
    off = totals.gross - totals.total
    sums = ""
    if off:
        gross, discount = _amount(totals.gross, currency, locale), _amount(off, currency, locale)
        less = tr("{gross} less {discount}", gross=gross, discount=discount)
        sums = f":small[{less} =] "
    total = tr("Total **{amount}**", amount=_amount(totals.total, currency, locale))
    st.markdown(f"{sums}{total} :small[{currency}]", width="content")


def _amount(amount: Decimal, currency: str, locale: str) -> str:
    return words.plain(money.shown(amount, currency, locale))


def _changed(sheet: Sheet, now: Sequence[Cells], lines: Lines) -> bool:
    return bool(edits(sheet, now)[0]) or _new_order(sheet, now, lines) is not None


def _new_order(sheet: Sheet, now: Sequence[Cells], lines: Lines) -> list[int | None] | None:
    """The order of the lines, None where they stay as they are with the new ones below."""
    arranged = order(sheet, now)
    left = [line.id for line in lines.items if line.id in arranged]
    return None if arranged == [*left, *[None] * arranged.count(None)] else arranged


def _save_button(deal: Deal, state: LinesState, *, changed: bool) -> None:
    """Draw the button that saves, and what was refused."""
    st.button(
        tr("Save lines"),
        type="primary" if changed else "secondary",
        icon=":material/save:",
        key=f"{_key(deal.id)}-save",
        disabled=not changed or bool(state.sheet.clashing),
        help=tr("Choose whose lines to keep first.") if state.sheet.clashing else None,
        # A callback writes before the page is drawn: a run that is cut short on its way to the button would lose the
        # press.
        on_click=_save,
        args=(deal,),
    )
    if state.refused and changed:
        st.error(words.plain(state.refused), icon=":material/error:")


def _save(deal: Deal) -> None:
    """Callback: write what the grid holds now, the cell that the press left among it."""
    # Found before anything is written: each look into the session's state may end a run that another is to follow, also
    # between the write and what is made of it.
    state = _state(deal.id)
    sheet = state.sheet
    now = typed(sheet, _edits(deal.id, sheet))
    with session.reading() as tx:
        lines = quote.of(tx, deal.id)
    made, places = edits(sheet, now)
    currency = None if lines.items else _chosen_currency(deal)
    state.refused = ""
    try:
        after = session.do(quote.save, deal.id, made, currency=currency, order=_new_order(sheet, now, lines))
    # Others were quicker: nothing is written, and the grid is drawn again with what they made.
    except Stale:
        return
    except quote.LineRefused as refusal:
        state.refused = tr("Row {row}: {fault}", row=places[refusal.place] + 1, fault=refusal)
    except CrmError as refusal:
        state.refused = str(refusal)
    else:
        # Another turn is another grid: one of the same key would still hold what was typed.
        state.sheet, state.saved = new_sheet(after.items, sheet.turn + 1), True
