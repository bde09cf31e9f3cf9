"""The attributes of a record type as rows, and those of them that were deleted."""

from collections.abc import Sequence

import streamlit as st

from crm import objects
from crm.foundation.language import tr
from crm.records import attributes, registry
from crm.records.attributes import AttributeType, Definition, Deleted
from crm.ui import session, words
from crm.ui.attributes import drawer, type_names
from crm.ui.components import restorable, sorting


def row(definition: Definition, records: int, marks: Sequence[str] = ()) -> None:
    """Draw one; `marks` are words about it, as badges."""
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(gap=None, width="stretch"):
            st.markdown(f"**{words.plain(definition.name)}**")
            st.caption(f"`{definition.key}` · {_summary(definition)} · {type_names.records(records, definition.model)}")
        for mark in marks:
            st.badge(mark, color="blue")
        st.badge(tr(definition.type), color="gray", icon=type_names.ICONS[definition.type])
        st.button(
            tr("Edit"),
            key=f"edit-attribute-{definition.id}",
            icon=":material/edit:",
            type="tertiary",
            on_click=drawer.open_,
            args=(str(definition.id),),
        )


def deleted(found: Sequence[Deleted], time_zone: str) -> None:
    """Draw those that can be restored, folded away."""
    if found:
        with st.expander(tr("Deleted ({count})", count=len(found)), icon=":material/delete:"):
            for attribute in found:
                _deleted(attribute, time_zone)


def order(model: str) -> None:
    """The dialog in which they are dragged into another order."""
    title = tr(type_names.wording(model).order)
    # Called, not used as a decorator: the title says what they are.
    st.dialog(title, icon=":material/swap_vert:", on_dismiss=drawer.close)(_order)(model)


def _summary(definition: Definition) -> str:
    if definition.type is AttributeType.LIST:
        named = ", ".join(definition.values[:4]) + (" …" if len(definition.values) > 4 else "")
        if not named:
            return tr("no values yet")
        return words.plain(tr("{count} values: {named}", count=len(definition.values), named=named))
    if definition.pattern:
        return words.plain(definition.hint or tr("matches {pattern}", pattern=definition.pattern))
    return type_names.explained(definition.type, definition.model)


def _deleted(attribute: Deleted, time_zone: str) -> None:
    restore = objects.restore_field if registry.is_custom(attribute.model) else attributes.restore
    said = tr(
        "Deleted {moment} by {name}. Its values are kept until {until}.",
        moment=words.moment(attribute.deleted_at, time_zone),
        name=attribute.deleted_by_name,
        until=words.moment(attribute.until, time_zone),
    )
    with (
        restorable.row(words.plain(attribute.name), said, restore, attribute.id, key=f"restore-{attribute.id}"),
        st.popover(tr("Delete for good"), icon=":material/delete_forever:", type="tertiary"),
    ):
        st.markdown(tr("The values of **{name}** cannot be brought back after this.", name=words.plain(attribute.name)))
        if st.button(tr("Delete for good"), key=f"discard-{attribute.id}", type="primary") and session.done(
            attributes.discard, attribute.id
        ):
            st.rerun()


def _order(model: str) -> None:
    st.caption(tr("Drag them into the order in which forms, pages and files show them."))
    with session.reading() as tx:
        names = {definition.id: definition.name for definition in attributes.definitions(tx, model)}
    arranged = sorting.in_order(names, key=f"order-{model}-{'-'.join(map(str, names))}")
    if arranged and session.done(attributes.reorder, model, arranged):
        st.rerun()
