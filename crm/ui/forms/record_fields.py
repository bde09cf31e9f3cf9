"""The widget for each type of custom attribute, and the words that show its value."""

from typing import Any
from urllib.parse import quote

import streamlit as st

from crm.foundation import money
from crm.foundation.language import later, tr
from crm.records.attributes import AttributeType, Definition
from crm.ui import words
from crm.ui.components import days

ADDRESS = ":/?#@!&'*+,;=%~"
"""What stays as it is in a link's address. Brackets and dollars do not: they mean something in Markdown."""


_YES, _NO = later("Yes"), later("No")


def to_widget(definition: Definition, value: Any) -> Any:
    """The value as its widget holds it: amounts as text, nothing written as an empty box, no tick as an open one."""
    match definition.type:
        case AttributeType.NUMBER | AttributeType.PERCENT:
            return None if value is None else float(value)
        case AttributeType.CURRENCY:
            # Two decimals, four where they were given: 12.50, but 12.5075.
            return "" if value is None else f"{value:.4f}".removesuffix("00")
        case AttributeType.DATE | AttributeType.LIST:
            return value
        case AttributeType.CHECKBOX:
            return bool(value)
        case _:
            return value or ""


def widget(definition: Definition, *, key: str) -> None:
    """Draw the widget alone; its value is in the session's state under `key`, set before it is drawn."""
    label = words.plain(definition.name)
    hint = words.plain(definition.hint) or None
    match definition.type:
        case AttributeType.NUMBER:
            # Streamlit's own format would show 0.125 as 0.13.
            st.number_input(label, value=None, step=None, format="%.10g", key=key)
        case AttributeType.PERCENT:
            st.number_input(label, value=None, step=None, format="%.10g", icon=":material/percent:", key=key)
        case AttributeType.CURRENCY:
            st.text_input(label, placeholder="1234.50", icon=":material/payments:", key=key)
        case AttributeType.DATE:
            days.ask(label, key=key)
        case AttributeType.CHECKBOX:
            st.checkbox(label, key=key)
        case AttributeType.LINK:
            st.text_input(label, type="url", placeholder="https://", help=hint, key=key)
        case AttributeType.LIST:
            _choice(definition, label, key)
        case _:
            st.text_input(label, placeholder=definition.hint, help=hint, key=key)


def _choice(definition: Definition, label: str, key: str) -> None:
    now = st.session_state.get(key)
    # A value that has left the list meanwhile stays on offer until another is chosen.
    gone = [] if now is None or now in definition.values else [now]
    st.selectbox(label, [*definition.values, *gone], index=None, placeholder=tr("Nothing chosen"), key=key)


def shown(definition: Definition, value: Any, currency: str, locale: str) -> str:
    """The value as Markdown, with nothing in it read as markup that people wrote."""
    if value is None:
        return "–"
    match definition.type:
        case AttributeType.CURRENCY:
            return words.plain(money.shown(value, currency, locale))
        case AttributeType.PERCENT:
            return words.plain(tr("{value:g} %", value=value))
        case AttributeType.NUMBER:
            return words.plain(tr("{value:,.10g}", value=value))
        case AttributeType.DATE:
            return words.day(value, locale)
        case AttributeType.CHECKBOX:
            return f":material/check_box: {tr(_YES)}" if value else f":material/check_box_outline_blank: {tr(_NO)}"
        case AttributeType.LINK:
            return f"[{words.plain(value)}]({quote(value, safe=ADDRESS)})"
        case _:
            return words.plain(str(value))
