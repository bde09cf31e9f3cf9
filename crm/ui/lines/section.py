"""The section of a deal's page: the grid, what it comes to, and the way to a quote."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import streamlit as st

from crm import money
from crm.access import Module
from crm.deals import Deal, quote
from crm.deals.quote import Lines
from crm.errors import CrmError, Stale
from crm.ui import session, words
from crm.ui.lines import grid, handing_out, picking
from crm.ui.lines.grid import Shown
from crm.ui.lines.sheet import Cells, Sheet, edits, folded, follows, is_blank, is_changed, opened, order, settled, typed
from crm.ui.lines.sheet import with_others as merged


def show(deal: Deal, *, may_change: bool, locale: str) -> None:
    icon, key = ":material/receipt_long:", f"quote-{deal.id}"
    if st.session_state.pop(_saved_key(deal.id), False):
        st.toast("Saved.", icon=":material/check:")
    with st.expander("Lines and quotes", expanded=deal.has_lines, icon=icon, key=key):
        _lines(deal, may_change, locale)


@st.fragment
def _lines(deal: Deal, may_change: bool, locale: str) -> None:
    if st.session_state.get(_saved_key(deal.id)):
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
    sheet = _sheet(deal.id, lines)
    now = typed(sheet, _edits(deal.id, sheet))
    _clashes(deal.id, sheet, now)
    currency = lines.currency if lines.items else _chosen_currency(deal)
    shown = grid.editor(sheet, now, currency, _grid_key(deal.id, sheet), has_catalog=has_catalog, locale=locale)
    _faults(shown)
    changed = _changed(sheet, now, lines)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            _save_button(deal, sheet, changed=changed)
            if changed:
                st.button("Discard", key=f"discard-lines-{deal.id}", on_click=_begin_anew, args=(deal.id,))
            if has_catalog:
                picking.popover(deal.id, currency, locale, on_pick=_put)
            handing_out.popover(deal, today, ready=bool(lines.items) and not changed)
        _sums(shown, currency, locale)
    if not lines.items:
        _currency_choice(deal)
    handing_out.listed(handed_out, locale)


def _sheet(deal_id: int, lines: Lines) -> Sheet:
    """The sheet of this person, brought up to what others made of the lines, with a row left to type in."""
    sheet: Sheet | None = st.session_state.get(_key(deal_id))
    if sheet is None:
        sheet = opened(lines.items)
    else:
        now = typed(sheet, _edits(deal_id, sheet))
        touched = any(is_changed(row, mine) for row, mine in zip(sheet.rows, now, strict=True))
        seen = [row.line for row in sheet.rows if row.line]
        if not touched and seen != lines.items:
            sheet = opened(lines.items, sheet.turn + 1)
        elif not follows(sheet, lines.items):
            sheet = merged(sheet, now, lines.items)
        elif not is_blank(now[-1]):
            sheet = folded(sheet, now)
    st.session_state[_key(deal_id)] = sheet
    return sheet


def _key(deal_id: int) -> str:
    return f"lines-sheet-{deal_id}"


def _grid_key(deal_id: int, sheet: Sheet) -> str:
    return f"lines-grid-{deal_id}-{sheet.turn}"


def _edits(deal_id: int, sheet: Sheet) -> Mapping[int, Mapping[str, Any]]:
    state = st.session_state.get(_grid_key(deal_id, sheet))
    found: Mapping[int, Mapping[str, Any]] = state["edited_rows"] if state else {}
    return found


def _keep(deal_id: int, sheet: Sheet) -> None:
    st.session_state[_key(deal_id)] = sheet


def _clashes(deal_id: int, sheet: Sheet, now: Sequence[Cells]) -> None:
    """The lines that both changed, each with both forms and the two ways out."""
    for number in sheet.clashing:
        row, mine = sheet.rows[number], now[number]
        theirs = f"{row.theirs.name}: {quote.said(row.theirs)}" if row.theirs else "removed"
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
    sheet: Sheet = st.session_state[_key(deal_id)]
    _keep(deal_id, settled(sheet, typed(sheet, _edits(deal_id, sheet)), number, mine=mine))


def _begin_anew(deal_id: int) -> None:
    """The lines as they are, in a grid of its own: one of the same key would hold what was typed into the former."""
    with session.reading() as tx:
        lines = quote.of(tx, deal_id)
    sheet: Sheet = st.session_state[_key(deal_id)]
    _keep(deal_id, opened(lines.items, sheet.turn + 1))


def _put(deal_id: int, cells: Cells) -> None:
    """A row into the first that is free."""
    sheet: Sheet = st.session_state[_key(deal_id)]
    now = typed(sheet, _edits(deal_id, sheet))
    free = next(n for n, (row, mine) in enumerate(zip(sheet.rows, now, strict=True)) if not row.line and is_blank(mine))
    _keep(deal_id, folded(sheet, [*now[:free], now[free] | cells, *now[free + 1 :]]))


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


def _save_button(deal: Deal, sheet: Sheet, *, changed: bool) -> None:
    """It writes before the page is drawn: a run that is cut short on its way to the button would lose the press."""
    st.button(
        "Save lines",
        type="primary" if changed else "secondary",
        icon=":material/save:",
        key=f"save-lines-{deal.id}",
        disabled=not changed or bool(sheet.clashing),
        help="Choose whose lines to keep first." if sheet.clashing else None,
        on_click=_save,
        args=(deal,),
    )
    refused = st.session_state.get(_refused_key(deal.id))
    if refused and changed:
        st.error(words.plain(refused), icon=":material/error:")


def _save(deal: Deal) -> None:
    """What stands in the grid now, the cell that was left by the press among it. Where others were quicker, nothing is
    written, and the grid is drawn with what they made."""
    sheet: Sheet = st.session_state[_key(deal.id)]
    now = typed(sheet, _edits(deal.id, sheet))
    with session.reading() as tx:
        lines = quote.of(tx, deal.id)
    made, places = edits(sheet, now)
    st.session_state.pop(_refused_key(deal.id), None)
    currency = None if lines.items else _chosen_currency(deal)
    try:
        session.do(quote.save, deal.id, made, currency=currency, order=_new_order(sheet, now, lines))
    except Stale:
        return
    except quote.LineRefused as refusal:
        st.session_state[_refused_key(deal.id)] = f"Row {places[refusal.place] + 1}: {refusal}"
    except CrmError as refusal:
        st.session_state[_refused_key(deal.id)] = str(refusal)
    else:
        _begin_anew(deal.id)
        st.session_state[_saved_key(deal.id)] = True


def _refused_key(deal_id: int) -> str:
    return f"lines-refused-{deal_id}"


def _saved_key(deal_id: int) -> str:
    return f"lines-saved-{deal_id}"
