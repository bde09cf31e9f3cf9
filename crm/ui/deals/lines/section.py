"""The section of a deal's page: the grid, what it comes to, and the way to a quote."""

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
from crm.ui import refusals, session, words
from crm.ui.deals.lines import grid, handing_out, picking
from crm.ui.deals.lines.grid import Shown
from crm.ui.deals.lines.sheet import (
    Cells,
    Sheet,
    edits,
    folded,
    follows,
    is_blank,
    is_changed,
    opened,
    order,
    settled,
    typed,
)
from crm.ui.deals.lines.sheet import with_others as merged


@dataclass
class Held:
    """What this person has in hand of a deal's lines: one object, found before anything is written, since each look
    into the session's state may end a run that another is to follow, also between a write and what is made of it."""

    sheet: Sheet
    refused: str = ""
    saved: bool = False
    """The page is yet to be told."""


def show(deal: Deal, *, may_change: bool, locale: str) -> None:
    icon, key = ":material/receipt_long:", f"quote-{deal.id}"
    held = _held(deal.id)
    if held.saved:
        held.saved = False
        st.toast("Saved.", icon=":material/check:")
    with st.expander("Lines and quotes", expanded=deal.has_lines, icon=icon, key=key):
        _lines(deal, may_change, locale)


@refusals.fragment
def _lines(deal: Deal, may_change: bool, locale: str) -> None:
    held = _held(deal.id)
    if held.saved:
        st.rerun()  # the whole page shows the deal's value
    with session.reading() as tx:
        lines = quote.of(tx, deal.id)
        has_catalog = tx.actor.has(Module.CATALOG)
        handed_out = quote.issued(tx, deal.id)
        today = tx.today
    if not may_change:
        grid.of_lines(lines, locale)
        handing_out.listed(handed_out, locale)
        return
    sheet = held.sheet = _followed(deal.id, held.sheet, lines)
    now = typed(sheet, _edits(deal.id, sheet))
    _clashes(deal.id, sheet, now)
    currency = lines.currency if lines.items else _chosen_currency(deal)
    shown = grid.editor(sheet, now, currency, _grid_key(deal.id, sheet), has_catalog=has_catalog, locale=locale)
    _faults(shown)
    changed = _changed(sheet, now, lines)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            _save_button(deal, held, changed=changed)
            if changed:
                st.button("Discard", key=f"discard-lines-{deal.id}", on_click=_begin_anew, args=(deal.id,))
            if has_catalog:
                picking.popover(deal.id, currency, locale, on_pick=_put)
            handing_out.popover(deal, today, ready=bool(lines.items) and not changed)
        _sums(shown, currency, locale)
    if not lines.items:
        _currency_choice(deal)
    handing_out.listed(handed_out, locale)


def _followed(deal_id: int, sheet: Sheet, lines: Lines) -> Sheet:
    """The sheet of this person, brought up to what others made of the lines, with a row left to type in."""
    now = typed(sheet, _edits(deal_id, sheet))
    touched = any(is_changed(row, mine) for row, mine in zip(sheet.rows, now, strict=True))
    seen = [row.line for row in sheet.rows if row.line]
    if not sheet.rows or (not touched and seen != lines.items):
        return opened(lines.items, sheet.turn + 1)
    if not follows(sheet, lines.items):
        return merged(sheet, now, lines.items)
    return sheet if is_blank(now[-1]) else folded(sheet, now)


def _held(deal_id: int) -> Held:
    found: Held = st.session_state.setdefault(f"lines-{deal_id}", Held(Sheet(())))
    return found


def _grid_key(deal_id: int, sheet: Sheet) -> str:
    return f"lines-grid-{deal_id}-{sheet.turn}"


def _edits(deal_id: int, sheet: Sheet) -> Mapping[int, Mapping[str, Any]]:
    state = st.session_state.get(_grid_key(deal_id, sheet))
    found: Mapping[int, Mapping[str, Any]] = state["edited_rows"] if state else {}
    return found


def _clashes(deal_id: int, sheet: Sheet, now: Sequence[Cells]) -> None:
    """The lines that both changed, each with both forms and the two ways out."""
    for number in sheet.clashing:
        row, mine = sheet.rows[number], now[number]
        theirs = f"{row.theirs.name}: {quote.in_short(row.theirs)}" if row.theirs else "removed"
        own = "removed" if mine["gone"] else f"{mine['name']}: {grid.said(mine)}"
        with st.container(border=True):
            st.markdown(
                f":material/sync_problem: Somebody else changed row {number + 1} too. Yours **{words.plain(own)}**, "
                f"theirs **{words.plain(theirs)}**"
            )
            with st.container(horizontal=True):
                for label, keep_mine in (("Keep mine", True), ("Take theirs", False)):
                    st.button(
                        label,
                        key=f"clash-{deal_id}-{sheet.turn}-{number}-{keep_mine}",
                        on_click=_settle,
                        args=(deal_id, number, keep_mine),
                    )


def _settle(deal_id: int, number: int, mine: bool) -> None:
    held = _held(deal_id)
    held.sheet = settled(held.sheet, typed(held.sheet, _edits(deal_id, held.sheet)), number, mine=mine)


def _begin_anew(deal_id: int) -> None:
    with session.reading() as tx:
        lines = quote.of(tx, deal_id)
    held = _held(deal_id)
    held.sheet = opened(lines.items, held.sheet.turn + 1)


def _put(deal_id: int, cells: Cells) -> None:
    """A row into the first that is free."""
    held = _held(deal_id)
    sheet = held.sheet
    now = typed(sheet, _edits(deal_id, sheet))
    free = next(n for n, (row, mine) in enumerate(zip(sheet.rows, now, strict=True)) if not row.line and is_blank(mine))
    held.sheet = folded(sheet, [*now[:free], now[free] | cells, *now[free + 1 :]])


def _chosen_currency(deal: Deal) -> str:
    return str(st.session_state.get(f"lines-currency-{deal.id}") or deal.currency)


def _currency_choice(deal: Deal) -> None:
    codes = sorted(money.CURRENCIES)
    st.selectbox(
        "Currency of the first line, and so of the deal",
        codes,
        index=codes.index(deal.currency),
        key=f"lines-currency-{deal.id}",
        width=320,
        help="With lines the deal's value is their sum, in one currency. Without any it is what you type again.",
    )


def _faults(shown: Shown) -> None:
    for number, fault in list(shown.faults.items())[:5]:
        st.caption(f":orange[:material/warning: Row {number + 1}: {words.plain(fault)}]")


def _sums(shown: Shown, currency: str, locale: str) -> None:
    """What the grid comes to as it stands, saved or not."""
    off = shown.gross - shown.total
    parts = [f"{_amount(shown.gross, currency, locale)}", f"less {_amount(off, currency, locale)}"] if off else []
    sums = f":small[{' '.join(parts)} =] " if parts else ""
    st.markdown(f"{sums}Total **{_amount(shown.total, currency, locale)}** :small[{currency}]", width="content")


def _amount(amount: Decimal, currency: str, locale: str) -> str:
    return words.plain(money.shown(amount, currency, locale))


def _changed(sheet: Sheet, now: Sequence[Cells], lines: Lines) -> bool:
    return bool(edits(sheet, now)[0]) or _new_order(sheet, now, lines) is not None


def _new_order(sheet: Sheet, now: Sequence[Cells], lines: Lines) -> list[int | None] | None:
    """None where the lines stay in their order, new ones below."""
    wanted = order(sheet, now)
    left = [line.id for line in lines.items if line.id in wanted]
    return None if wanted == [*left, *[None] * wanted.count(None)] else wanted


def _save_button(deal: Deal, held: Held, *, changed: bool) -> None:
    """It writes before the page is drawn: a run that is cut short on its way to the button would lose the press."""
    st.button(
        "Save lines",
        type="primary" if changed else "secondary",
        icon=":material/save:",
        key=f"save-lines-{deal.id}",
        disabled=not changed or bool(held.sheet.clashing),
        help="Choose whose lines to keep first." if held.sheet.clashing else None,
        on_click=_save,
        args=(deal,),
    )
    if held.refused and changed:
        st.error(words.plain(held.refused), icon=":material/error:")


def _save(deal: Deal) -> None:
    """What stands in the grid now, the cell that was left by the press among it. Where others were quicker, nothing is
    written, and the grid is drawn with what they made."""
    held = _held(deal.id)
    sheet = held.sheet
    now = typed(sheet, _edits(deal.id, sheet))
    with session.reading() as tx:
        lines = quote.of(tx, deal.id)
    made, places = edits(sheet, now)
    currency = None if lines.items else _chosen_currency(deal)
    held.refused = ""
    try:
        after = session.do(quote.save, deal.id, made, currency=currency, order=_new_order(sheet, now, lines))
    except Stale:
        return
    except quote.LineRefused as refusal:
        held.refused = f"Row {places[refusal.place] + 1}: {refusal}"
    except CrmError as refusal:
        held.refused = str(refusal)
    else:
        # A grid of its own: one of the same key would hold what was typed into the former.
        held.sheet, held.saved = opened(after.items, sheet.turn + 1), True
