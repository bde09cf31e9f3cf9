"""The prices of a product as a grid, one a currency. Each is a field of the form's draft, so that two people who change
prices of two currencies both do."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl
import streamlit as st

from crm.foundation import money
from crm.ui import session
from crm.ui.deals.lines.sheet import number
from crm.ui.forms.form_fields import FormField
from crm.ui.forms.record_form import Form

CURRENCY, PRICE = "Currency", "Price"
_FIELD = "price-"


def fields(prices: Mapping[str, Decimal], key: str) -> dict[FormField, float | None]:
    """Those that the product has, and those that were typed into the draft of this key."""
    codes = [*prices, *(code for code in st.session_state.get(f"{key}-codes", ()) if code not in prices)]
    return {
        FormField(_FIELD + code, f"Price in {code}"): float(prices[code]) if code in prices else None for code in codes
    }


def draw(form: Form) -> dict[str, str] | None:
    """The grid; the prices by currency, None where they make no sense, which is said."""
    st.caption("Prices, one a currency. Lines that were made before keep theirs.")
    key = form.draft.key
    held = {name.removeprefix(_FIELD): price for name, price in _held(form).items() if price is not None}
    turn, first, last = st.session_state.get(f"{key}-grid", (0, None, None))
    if last != held:  # begun, or others' prices were taken: a grid keeps what was typed by place
        turn, first = turn + 1, held
    typed = _grid(first, key=f"{key}-prices-{turn}")
    if typed is None:
        return None
    found = {code: float(price) for code, price in typed.items()}
    st.session_state[f"{key}-grid"] = (turn, first, found)
    st.session_state[f"{key}-codes"] = tuple(found)
    for code in {*held, *found}:
        st.session_state[form.draft.widget(_FIELD + code)] = found.get(code)
    return typed


def changes(before: Mapping[str, Decimal], typed: Mapping[str, str]) -> dict[str, str | None]:
    """What `catalog.edit` takes: None takes a price away."""
    gone: dict[str, str | None] = dict.fromkeys(before.keys() - typed.keys())
    return {code: price for code, price in typed.items() if Decimal(price) != before.get(code)} | gone


def _held(form: Form) -> dict[str, Any]:
    return {name: value for name, value in form.draft.values.items() if name.startswith(_FIELD)}


def _grid(prices: Mapping[str, float], *, key: str) -> dict[str, str] | None:
    frame = pl.DataFrame(
        {CURRENCY: list(prices) or [session.actor().currency], PRICE: list(prices.values()) or [None]},
        schema={CURRENCY: pl.String(), PRICE: pl.Float64()},
    )
    typed = st.data_editor(
        frame,
        num_rows="dynamic",
        hide_index=True,
        placeholder="",
        key=key,
        column_config={
            CURRENCY: st.column_config.SelectboxColumn(options=sorted(money.CURRENCIES)),
            PRICE: st.column_config.NumberColumn(min_value=0.0, format="localized"),
        },
        alt="Prices by currency",
    )
    rows = [(code, price) for code, price in typed.iter_rows() if price is not None]
    codes = [code for code, _ in rows]
    if None in codes:
        st.error("A price has no currency: choose one in its row.", icon=":material/error:")
        return None
    twice = {code for code in codes if codes.count(code) > 1}
    if twice:
        st.error(f"{', '.join(sorted(twice))} has more than one price.", icon=":material/error:")
        return None
    return {code: number(price) for code, price in rows}
