"""The widget for the value of a condition, by the field's type and the operator."""

from collections.abc import Callable
from datetime import date
from typing import Any, Literal

import streamlit as st

from crm.foundation.language import later, tr
from crm.records.filters import Field, FieldType, Operator
from crm.records.filters.spans import UNITS, Unit
from crm.ui.components import days
from crm.ui.components.filter_builder.draft import VALUELESS

Shape = Literal["nothing", "one", "several", "pair", "days", "unit"]

_SHAPES: dict[str, Shape] = {
    **dict.fromkeys(VALUELESS, "nothing"),
    **dict.fromkeys(("one_of", "not_one_of"), "several"),
    **dict.fromkeys(("in_last_days", "in_next_days", "more_than_days_ago", "more_than_days_ahead"), "days"),
    **dict.fromkeys(("in_this", "in_previous", "in_next"), "unit"),
    "between": "pair",
}
_UNIT_NAMES: dict[Unit, str] = {
    "day": later("day"),
    "week": later("week"),
    "month": later("month"),
    "quarter": later("quarter"),
    "year": later("year"),
}
_NUMBERS = (FieldType.NUMBER, FieldType.MONEY)
_DAYS = (FieldType.DATE, FieldType.MOMENT)


def shape(op: Operator) -> Shape:
    """What kind of value an operator takes; operators of one shape share a value."""
    return _SHAPES.get(op, "one")


def ask(field: Field, op: Operator, value: Any, *, key: str) -> Any:
    """Draw the widget with the value so far; the value now, as a rule takes it, None for nothing."""
    match shape(op):
        case "nothing":
            return None
        case "several":
            return _several(field, value, key)
        case "days":
            return _whole_number(tr("Days"), value, tr("days"), key)
        case "unit":
            return _choice(tr("Span"), {unit: tr(_UNIT_NAMES[unit]) for unit in UNITS}, value, key)
        case "pair":
            given = value if isinstance(value, tuple) and len(value) == 2 else (None, None)
            widget = _single(field)
            with st.container(horizontal=True, gap="xsmall", width="stretch"):
                first = widget(field, given[0], tr("From"), f"{key}-from")
                return first, widget(field, given[1], tr("To"), f"{key}-to")
    return _single(field)(field, value, "", key)


def _single(field: Field) -> Callable[[Field, Any, str, str], Any]:
    if field.options is not None:
        return _option
    if field.type in _DAYS:
        return _day
    if field.type in _NUMBERS:
        return _number
    if field.type is FieldType.CHECKBOX:
        return _tick
    return _id if field.type is FieldType.REFERENCE else _text


def _text(field: Field, value: Any, label: str, key: str) -> str | None:
    given = st.text_input(
        label or tr("Value"),
        value if isinstance(value, str) else "",
        live=True,
        max_chars=500,
        placeholder=tr("Text"),
        label_visibility="collapsed",
        key=key,
    )
    return given or None


def _number(field: Field, value: Any, label: str, key: str) -> int | float | None:
    given = st.number_input(
        label or tr("Value"),
        value=_as_number(value),
        format="%.12g",
        placeholder=label or tr("Number"),
        label_visibility="collapsed",
        key=key,
    )
    # “5”, not “5.0”, in the address and in the sentence.
    return int(given) if given is not None and given == int(given) else given


def _day(field: Field, value: Any, label: str, key: str) -> str | None:
    given = days.ask(label or tr("Value"), _as_day(value), key=key, label_visibility="collapsed")
    return given.isoformat() if given else None


def _tick(field: Field, value: Any, label: str, key: str) -> bool | None:
    given: bool | None = _choice(label, {True: tr("yes"), False: tr("no")}, value, key)
    return given


def _option(field: Field, value: Any, label: str, key: str) -> Any:
    return _choice(label, _names(field, (value,)), value, key)


def _id(field: Field, value: Any, label: str, key: str) -> int | None:
    """A record that can be any of a million is given by its number."""
    return _whole_number(tr("Number of the record"), value, tr("number of the record"), key)


def _several(field: Field, value: Any, key: str) -> tuple[Any, ...] | None:
    chosen = value if isinstance(value, tuple) else () if value is None else (value,)
    names = _names(field, chosen) if field.options is not None else {text: str(text) for text in chosen}
    given = st.multiselect(
        tr("Values"),
        list(names),
        [option for option in chosen if option in names],
        format_func=lambda option: names.get(option, str(option)),
        accept_new_options=field.options is None,
        placeholder=tr("Choose") if field.options is not None else tr("Type and press Enter"),
        label_visibility="collapsed",
        key=key,
    )
    return tuple(given) or None


def _choice(label: str, names: dict[Any, str], value: Any, key: str) -> Any:
    options = list(names)
    return st.selectbox(
        label or tr("Value"),
        options,
        options.index(value) if value in options else None,
        format_func=lambda option: names[option],
        placeholder=tr("Choose"),
        label_visibility="collapsed",
        key=key,
    )


def _whole_number(label: str, value: Any, placeholder: str, key: str) -> int | None:
    given = st.number_input(
        label,
        1,
        value=value if isinstance(value, int) and not isinstance(value, bool) and value >= 1 else None,
        placeholder=placeholder,
        label_visibility="collapsed",
        key=key,
    )
    return int(given) if given is not None else None


def _names(field: Field, chosen: tuple[Any, ...]) -> dict[Any, str]:
    """{value: name} of the options, and of chosen values that are options no more."""
    known = dict(field.options or {})
    # Dropped, they would leave a filter with one condition fewer, which quietly reaches more people.
    others = [option for option in chosen if option is not None and option not in known]
    gone = {option: tr("{name} (no longer exists)", name=option) for option in others}
    return known | {option: known.get(field.current_value(option), gone[option]) for option in others}


def _as_number(value: Any) -> float | None:
    # True is a number to Python.
    if isinstance(value, bool) or value is None:
        return None
    try:
        return float(value)
    except ValueError:
        return None


def _as_day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
