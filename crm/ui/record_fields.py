"""The right widget for each type of custom attribute, and the words that show its value."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from crm import money
from crm.attributes import AttributeType, Definition
from crm.ui import words


def widgets(definitions: list[Definition], values: Mapping[str, Any], *, key: str) -> dict[str, Any]:
    """One widget an attribute, holding its value; {key: value} as they stand now, to be given to the noun's verb."""
    return {
        definition.key: widget(definition, values.get(definition.key), key=f"{key}-{definition.key}")
        for definition in definitions
    }


def widget(definition: Definition, value: Any, *, key: str) -> Any:
    label = words.plain(definition.name)
    match definition.type:
        case AttributeType.NUMBER | AttributeType.PERCENT:
            return st.number_input(
                f"{label} (%)" if definition.type is AttributeType.PERCENT else label,
                value=None if value is None else float(value),
                step=None,
                format="%.10g",
                key=key,
            )
        case AttributeType.CURRENCY:
            return st.text_input(label, "" if value is None else f"{value:.2f}", placeholder="1234.50", key=key)
        case AttributeType.DATE:
            return st.date_input(label, value, min_value="1900-01-01", max_value="2200-12-31", key=key)
        case AttributeType.CHECKBOX:
            return st.checkbox(label, bool(value), key=key) or (None if value is None else False)
        case AttributeType.LINK:
            return st.text_input(label, value or "", type="url", placeholder="https://", key=key)
        case _:
            return st.text_input(label, value or "", key=key)


def shown(definition: Definition, value: Any, currency: str, locale: str = "en") -> str:
    """The value in Markdown; what people wrote in it is not read as such."""
    if value is None:
        return "–"
    match definition.type:
        case AttributeType.CURRENCY:
            return words.plain(money.shown(value, currency, locale))
        case AttributeType.PERCENT:
            return words.plain(f"{value:g} %")
        case AttributeType.NUMBER:
            return words.plain(f"{value:,.10g}")
        case AttributeType.DATE:
            return words.day(value, locale)
        case AttributeType.CHECKBOX:
            return ":material/check_box: Yes" if value else ":material/check_box_outline_blank: No"
        case _:
            return words.plain(str(value))
