"""Groups of conditions, and blocks about related records: one and the same record meets everything in a block."""

import streamlit as st

from crm.foundation import money
from crm.foundation.language import capitalized, later, tr
from crm.records.filters import FIGURES, Field, FieldSet, FieldType, Figure, Filter, Related, Relation, is_measurable
from crm.ui import words
from crm.ui.components.filter_builder import draft, lines
from crm.ui.components.filter_builder.canvas import Canvas, Slot, Wrap
from crm.ui.components.filter_builder.draft import Block, Group, How, Line, Mode, Node

MODES: dict[Mode, str] = {
    "all": later("All of these"),
    "any": later("Any of these"),
    "none": later("None of these"),
    "not_all": later("Not all of these"),
}
_FIGURES: dict[Figure, str] = {
    "sum": later("Sum over {kinds}"),
    "average": later("Average over {kinds}"),
    "first": later("First day of {kinds}"),
    "last": later("Last day of {kinds}"),
}
MOST_PARTS = 50
DEEPEST = 4


def show(
    group: Group,
    siblings: list[Node] | None,
    known: FieldSet,
    canvas: Canvas,
    wrap: Wrap,
    above: tuple[Filter, ...] = (),
    depth: int = 1,
) -> None:
    """Draw a group and everything in it. The outermost one has no siblings. `above` are the filters before it, where
    those narrow it."""
    key = f"{canvas.key}-{group.id}"
    with st.container(border=siblings is not None, gap="xsmall", key=f"{key}-group"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            modes = list(MODES)
            group.mode = st.selectbox(
                tr("Which of these"),
                modes,
                modes.index(group.mode),
                format_func=lambda mode: tr(MODES[mode]),
                label_visibility="collapsed",
                width=190,
                key=f"{key}-mode",
            )
            if siblings is None:
                told = tr("Beside each: how many meet it, then → how many are left after it")
                st.caption(told, text_alignment="right")
            else:
                st.space("stretch")
                condition = group.filter
                canvas.slots.append(Slot(st.empty(), wrap(condition) if condition else None, above))
                lines.remove(siblings, group.id, tr("Remove this group"), key)
        _parts(group, known, canvas, wrap, depth, narrowing=siblings is None and group.mode == "all")


def _parts(parent: Group | Block, known: FieldSet, canvas: Canvas, wrap: Wrap, depth: int, *, narrowing: bool) -> None:
    for place, part in enumerate(list(parent.parts)):
        # Only in an outermost “all” does each part narrow what those before it have left.
        above = draft.finished(parent.parts[:place]) if narrowing else ()
        match part:
            case Line():
                lines.show(part, parent.parts, known, canvas, wrap, above)
            case Group():
                show(part, parent.parts, known, canvas, wrap, above, depth + 1)
            case Block():
                _block(part, parent.parts, known, canvas, above, depth)
    _add_buttons(parent, known, canvas, depth)


def _block(
    block: Block, siblings: list[Node], known: FieldSet, canvas: Canvas, above: tuple[Filter, ...], depth: int
) -> None:
    key = f"{canvas.key}-{block.id}"
    relation = known.relations.get(block.relation)
    with st.container(border=True, gap="xsmall", key=f"{key}-block"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            if relation:
                _head(block, relation, canvas, key)
            else:
                told = tr("“{relation}” can no longer be filtered by", relation=known.name_of(block.relation))
                st.markdown(f":red[{words.plain(told)}]", width="stretch")
            canvas.slots.append(Slot(st.empty(), block.filter, above))
            lines.remove(siblings, block.id, tr("Remove this block"), key)
        if relation is None:
            return
        st.caption(_caption(block, relation))
        inner = relation.field_set

        # A line in a block is counted by the records that have such a child, not by the children.
        def wrap(condition: Filter) -> Filter:
            return Related(relation=relation.key, of=(condition,))

        _parts(block, inner, canvas, wrap, depth + 1, narrowing=False)


def _head(block: Block, relation: Relation, canvas: Canvas, key: str) -> None:
    """Draw how many, or which figure; for a figure, the field and what it is compared with."""
    measures = _measures(relation)
    chosen = list(measures)
    how = st.selectbox(
        tr("How many"),
        chosen,
        chosen.index(block.how) if block.how in measures else 0,
        format_func=measures.__getitem__,
        label_visibility="collapsed",
        width=190,
        key=f"{key}-how",
    )
    if how != block.how:
        # What a sum was compared with makes no sense for a count.
        block.how, block.measured, block.currency = how, Line(), None
    if how == "some" or how == "no":
        st.space("stretch")
        return
    if how == "count":
        count = Field(relation.key, _number_of(relation), FieldType.NUMBER, "")
        block.measured.field = relation.key
        lines.measured(block.measured, {relation.key: count}, f"{key}-{how}")
        return
    measurable = {each.key: each for each in relation.fields.values() if is_measurable(each, how)}
    lines.choose_field(block.measured, measurable, f"{key}-{how}")
    if block.measured.field is None:
        st.space("stretch")
        return
    block.currency = _currency(block, canvas, key) if measurable[block.measured.field].currency else None
    lines.measured(block.measured, measurable, f"{key}-{how}")


def _measures(relation: Relation) -> dict[How, str]:
    if relation.single:
        return _presence(relation)
    figures: dict[How, str] = {
        figure: tr(_FIGURES[figure], kinds=relation.called.many)
        for figure in FIGURES
        if any(is_measurable(each, figure) for each in relation.fields.values())
    }
    return {**_presence(relation), "count": _number_of(relation), **figures}


def _presence(relation: Relation) -> dict[How, str]:
    kind = relation.called.one
    return {"some": tr("Has a {kind}", kind=kind), "no": tr("Has no {kind}", kind=kind)}


def _number_of(relation: Relation) -> str:
    return tr("Number of {kinds}", kinds=relation.called.many)


def _currency(block: Block, canvas: Canvas, key: str) -> str:
    every = sorted(money.CURRENCIES)
    now = block.currency or canvas.currency
    return st.selectbox(
        tr("Currency"), every, every.index(now), label_visibility="collapsed", width=95, key=f"{key}-currency"
    )


def _caption(block: Block, relation: Relation) -> str:
    if relation.single:
        return tr("Of the {kind}:", kind=relation.called.one)
    if block.how in ("some", "no"):
        return tr("Where all of this is true of **{same}**:", same=relation.called.same)
    return tr("Over the {kinds} of which all of this is true:", kinds=relation.called.many)


def _add_buttons(parent: Group | Block, known: FieldSet, canvas: Canvas, depth: int) -> None:
    """Draw the buttons that add a condition, a group or a block here."""
    if len(parent.parts) >= MOST_PARTS:
        st.caption(tr("A group holds at most {count} conditions.", count=MOST_PARTS))
        return
    new: dict[str, tuple[str, type[Line] | type[Group] | str]] = {"Condition": (tr("Condition"), Line)}
    if depth < DEEPEST:
        new["Group"] = (tr("Group"), Group)
    for relation in known.relations.values():
        name = relation.called.one if relation.single else relation.called.many
        new[relation.key.capitalize()] = (capitalized(name), relation.key)
    with st.container(horizontal=True, gap="xsmall"):
        for word, (label, node) in new.items():
            st.button(
                words.plain(label),
                type="tertiary",
                icon=":material/add:",
                key=f"{canvas.key}-{parent.id}-add-{word}",
                on_click=_add,
                args=(parent.parts, node),
            )


def _add(parts: list[Node], node: type[Line] | type[Group] | str) -> None:
    if isinstance(node, str):
        parts.append(Block(node, parts=[Line()]))
    else:
        parts.append(Line() if node is Line else draft.Group(parts=[Line()]))
