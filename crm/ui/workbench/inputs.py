"""The widgets of a query's parameters, by their types."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import streamlit as st

from crm.foundation.language import tr
from crm.ui.components import days, lazy
from crm.ui.workbench.draft import Draft
from crm.workbench.parameters import LONGEST_TEXT, MOST_TEXTS, Parameter, ParameterType, Value


def draw(draft: Draft) -> None:
    named = draft.named
    if not named:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="sql-parameters"):
        for one in named:
            _widget(draft, one)
        lazy.popover(tr("Types"), partial(_types, draft), key="sql-types", icon=":material/tune:")


def _types(draft: Draft) -> None:
    for one in draft.named:
        key = _key(draft, "type", one)
        st.selectbox(
            f"${one.name}",
            list(ParameterType),
            index=list(ParameterType).index(one.type),
            format_func=lambda kind: tr(str(kind)),
            key=key,
            on_change=partial(_retype, draft, one.name, key),
        )


def _retype(draft: Draft, name: str, key: str) -> None:
    draft.values[name] = Parameter(name=name, type=ParameterType(st.session_state[key]))


def _widget(draft: Draft, one: Parameter) -> None:
    label, key = f"${one.name}", _key(draft, one.type, one)

    def keep() -> None:
        draft.values[one.name] = one.model_copy(update={"value": _value(one.type, st.session_state[key])})

    WIDGETS[one.type](label, one.value, key=key, on_change=keep)


def _text(label: str, value: Value, **options: Any) -> None:
    st.text_input(label, str(value or ""), max_chars=LONGEST_TEXT, width=200, **options)


def _number(label: str, value: Value, **options: Any) -> None:
    # A box of texts: one of numbers would round 0.1 and what has more than fifteen digits.
    st.text_input(label, "" if value is None else f"{value}", max_chars=60, width=150, **options)


def _date(label: str, value: Value, **options: Any) -> None:
    day = date.fromisoformat(value) if isinstance(value, str) and value else None
    days.ask(label, day, width=170, **options)


def _boolean(label: str, value: Value, **options: Any) -> None:
    st.checkbox(label, bool(value), width="content", **options)


def _list(label: str, value: Value, **options: Any) -> None:
    given = list(value) if isinstance(value, tuple) else []
    st.multiselect(
        label,
        given,
        given,
        accept_new_options=True,
        max_selections=MOST_TEXTS,
        placeholder=tr("Type and press Enter"),
        width=300,
        **options,
    )


WIDGETS: dict[ParameterType, Callable[..., None]] = {
    ParameterType.TEXT: _text,
    ParameterType.NUMBER: _number,
    ParameterType.DATE: _date,
    ParameterType.BOOLEAN: _boolean,
    ParameterType.LIST: _list,
}


def _value(kind: ParameterType, held: Any) -> Value:
    match kind:
        case ParameterType.NUMBER:
            return held.strip() or None
        case ParameterType.DATE:
            return held.isoformat() if held else None
        case ParameterType.LIST:
            return tuple(held)
    return held  # type: ignore[no-any-return]


def _key(draft: Draft, what: str, one: Parameter) -> str:
    return f"sql-{draft.place}-{draft.revision}-{what}-{one.name}"
