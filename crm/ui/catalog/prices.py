"""The grid of a product's prices, one row per currency.

Each price is a field of the form's draft, so that two people can change the prices of two currencies at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

import polars as pl
import streamlit as st

from crm.foundation import money
from crm.foundation.language import later, tr
from crm.ui import session
from crm.ui.deals.lines.sheet import number
from crm.ui.forms.form_fields import FormField
from crm.ui.forms.record_form import Form

CURRENCY, PRICE = later("Currency"), later("Price")
_FIELD = "price-"


@dataclass(frozen=True)
class _Grid:
    """The grid as it was drawn last: its widget holds only the changes since, by row number."""

    turn: int
    rows: tuple[tuple[str | None, float | None], ...]
    """The rows with which it was drawn."""
    holds: Mapping[str, float]


def fields(prices: Mapping[str, Decimal], key: str) -> dict[FormField, float | None]:
    """{form field: price} of the product's prices and of those typed into the draft with this key."""
    typed = _apply_typed(key)
    codes = [*prices, *(code for code in typed if code not in prices)]
    return {
        FormField(_FIELD + code, tr("Price in {currency}", currency=code)): float(prices[code])
        if code in prices
        else None
        for code in codes
    }


def _apply_typed(key: str) -> Mapping[str, float]:
    """Copy what was typed into the grid to the session keys of the draft's fields."""
    # The draft is made before the grid is drawn, so it cannot wait for the widget's own answer.
    grid: _Grid | None = st.session_state.get(_grid_of(key))
    if grid is None:
        return {}
    state = st.session_state.get(_widget(key, grid.turn)) or {}
    rows = [dict(zip((CURRENCY, PRICE), row, strict=True)) for row in grid.rows]
    for place, cells in (state.get("edited_rows") or {}).items():
        rows[int(place)] |= cells
    gone = set(state.get("deleted_rows") or ())
    remaining = [row for place, row in enumerate(rows) if place not in gone] + list(state.get("added_rows") or ())
    pairs = [(row.get(CURRENCY), row[PRICE]) for row in remaining if row.get(PRICE) is not None]
    typed = {code: float(price) for code, price in pairs if code}
    if len(typed) == len(pairs):  # else a price has no currency or a currency two: `draw` reports it, the draft waits
        for code in {*grid.holds, *typed}:
            st.session_state[f"{key}-{_FIELD}{code}"] = typed.get(code)
        st.session_state[_grid_of(key)] = replace(grid, holds=typed)
    return typed


def draw(form: Form) -> dict[str, str] | None:
    """Draw the grid; {currency: price}. None, and an error on the screen, where a price has no currency or a currency
    has two prices."""
    st.caption(tr("Prices, one a currency. Lines that were made before keep theirs."))
    key = form.draft.key
    named = {name.removeprefix(_FIELD): value for name, value in form.draft.values.items() if name.startswith(_FIELD)}
    holds = {code: float(price) for code, price in named.items() if price is not None}
    grid: _Grid | None = st.session_state.get(_grid_of(key))
    if grid is None or grid.holds != holds:  # it begins, or others' prices were taken
        rows = tuple(holds.items()) or ((session.actor().currency, None),)
        grid = _Grid(grid.turn + 1 if grid else 1, rows, holds)
        st.session_state[_grid_of(key)] = grid
    return _drawn(grid, key=_widget(key, grid.turn))


def _grid_of(key: str) -> str:
    return f"{key}-grid"


def _widget(key: str, turn: int) -> str:
    return f"{key}-prices-{turn}"


def changes(before: Mapping[str, Decimal], typed: Mapping[str, str]) -> dict[str, str | None]:
    """The `prices` of `catalog.edit`: None removes a price."""
    gone: dict[str, str | None] = dict.fromkeys(before.keys() - typed.keys())
    return {code: price for code, price in typed.items() if Decimal(price) != before.get(code)} | gone


def _drawn(grid: _Grid, *, key: str) -> dict[str, str] | None:
    frame = pl.DataFrame(grid.rows, schema={CURRENCY: pl.String(), PRICE: pl.Float64()}, orient="row")
    typed = st.data_editor(
        frame,
        num_rows="dynamic",
        hide_index=True,
        placeholder="",
        key=key,
        column_config={
            CURRENCY: st.column_config.SelectboxColumn(tr(CURRENCY), options=sorted(money.CURRENCIES)),
            PRICE: st.column_config.NumberColumn(tr(PRICE), min_value=0.0, format="localized"),
        },
        alt=tr("Prices by currency"),
    )
    rows = [(code, price) for code, price in typed.iter_rows() if price is not None]
    codes = [code for code, _ in rows]
    if None in codes:
        st.error(tr("A price has no currency: choose one in its row."), icon=":material/error:")
        return None
    twice = {code for code in codes if codes.count(code) > 1}
    if twice:
        st.error(
            tr("{currencies} has more than one price.", currencies=", ".join(sorted(twice))), icon=":material/error:"
        )
        return None
    return {code: number(price) for code, price in rows}
