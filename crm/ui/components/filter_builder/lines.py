"""One condition of a filter: field, operator, value, and how many records meet it."""

from collections.abc import Mapping

import streamlit as st

from crm.foundation.language import tr
from crm.records.filters import Field, FieldSet, FieldType, Filter, Operator
from crm.records.filters import words as filter_words
from crm.ui import words
from crm.ui.components.filter_builder import draft, values
from crm.ui.components.filter_builder.canvas import Canvas, Slot, Wrap
from crm.ui.components.filter_builder.draft import Line, Node

_FIRST: dict[FieldType, Operator] = {
    FieldType.TEXT: "contains",
    FieldType.DATE: "in_last_days",
    FieldType.MOMENT: "in_last_days",
}
"""The operator that a new condition starts with, where it is not the first that its field understands."""


def show(
    line: Line, siblings: list[Node], known: FieldSet, canvas: Canvas, wrap: Wrap, above: tuple[Filter, ...]
) -> None:
    """Draw the line and take over what is chosen. `above` are the filters before it, where those narrow it."""
    key = f"{canvas.key}-{line.id}"
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"{key}-row"):
        if line.field is None or line.field in known:
            _choose(line, known, key)
        else:
            told = tr("“{field}” no longer exists", field=line.field)
            st.markdown(f":red[{words.plain(told)}]", width="stretch")
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", width="content"):  # on one line
            place = st.empty()
            remove(siblings, line.id, tr("Remove this condition"), key)
    condition = line.filter
    canvas.slots.append(Slot(place, wrap(condition) if condition else None, above))


def remove(siblings: list[Node], node_id: int, label: str, key: str) -> None:
    st.button(
        "",
        type="tertiary",
        icon=":material/close:",
        help=label,
        key=f"{key}-remove",
        on_click=draft.without,
        args=(siblings, node_id),
    )


def measured(line: Line, known: Mapping[str, Field], key: str) -> None:
    """Draw operator and value of a figure over children, in a row that is there already."""
    _compare(line, known[line.field or ""], key)


def choose_field(line: Line, known: Mapping[str, Field], key: str) -> None:
    """Draw the choice of the line's field."""
    keys = [each for each in known if known[each].offered or each == line.field]
    chosen = st.selectbox(
        tr("Field"),
        keys,
        keys.index(line.field) if line.field and line.field in known else None,
        format_func=lambda each: known[each].label,
        placeholder=tr("Choose a field"),
        label_visibility="collapsed",
        width=190,
        key=f"{key}-field",
    )
    if chosen != line.field:
        # What was asked of the field before makes no sense for another.
        line.field, line.op, line.value = chosen, None, None


def _choose(line: Line, known: FieldSet, key: str) -> None:
    choose_field(line, known, key)
    if line.field is not None:
        _compare(line, known[line.field], key)
    else:
        st.space("stretch")


def _compare(line: Line, field: Field, key: str) -> None:
    operators = _operators(line, field)
    before = _begun(line, field, operators)
    ops = list(operators)
    chosen: Operator | None = st.selectbox(
        tr("Condition"),
        ops,
        ops.index(before),
        format_func=operators.__getitem__,
        label_visibility="collapsed",
        width=180,
        key=f"{key}-{field.key}-op",
    )
    op = chosen or before
    if values.shape(op) != values.shape(before):
        line.value = None
    line.op = op
    with st.container(width="stretch"):
        # The shape is part of the key: a widget of one shape cannot hold the value of another.
        line.value = values.ask(field, op, line.value, key=f"{key}-{field.key}-{values.shape(op)}")


def _begun(line: Line, field: Field, operators: dict[Operator, str]) -> Operator:
    """The operator that the line has, or begins with."""
    if line.op is not None and line.op in operators:
        return line.op
    line.value = None
    first = _FIRST.get(field.type)
    return first if first is not None and first in operators else next(iter(operators))


def _operators(line: Line, field: Field) -> dict[Operator, str]:
    """The operators on offer for the field, with their names."""
    understood = filter_words.operators(field)
    if field.type is not FieldType.REFERENCE or field.options is not None:
        return understood
    # One of a million records cannot be picked from a list: only whether there is one is offered, and what a link
    # brought.
    return {op: label for op, label in understood.items() if op in draft.VALUELESS or op == line.op}
