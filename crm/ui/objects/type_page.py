"""One type: its fields, its names and who sees its records, and its deletion."""

import streamlit as st

from crm import objects
from crm.foundation import bounds
from crm.foundation.errors import NotFound
from crm.foundation.language import later, tr, tr_as
from crm.objects import Field, ObjectType
from crm.records import attributes, registry
from crm.records.attributes import Deleted
from crm.ui import record_links, refusals, session, undo, words
from crm.ui.attributes import drawer, edit, new, rows
from crm.ui.components import address
from crm.ui.objects import labels_tab, listing, place, type_form

PARTS = {
    "fields": later("Fields"),
    "type": later("Name and access"),
    "links": later("Link labels"),
    "delete": later("Delete"),
}


def show(type_id: int) -> None:
    st.button(
        tr("Record types"), icon=":material/arrow_back:", type="tertiary", on_click=place.open_list, key="all-types"
    )
    try:
        with session.reading() as tx:
            of = objects.get(tx, type_id)
            fields = objects.fields(tx, type_id)
            used, deleted = attributes.usage(tx, of.kind), attributes.deleted(tx, of.kind)
            records = objects.record_counts(tx)[type_id]
            zone = tx.actor.time_zone
    except NotFound as gone:
        refusals.show(gone)
        return
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title(f"{of.icon} {words.plain(of.plural)}", anchor=False, width="content")
        record_links.link_to_list(registry.get(of.kind), listing.counted(of, records), icon=":material/list:")
    part = address.segments(tr("Part"), "part", {word: tr(name) for word, name in PARTS.items()}, default="fields")
    match part:
        case "type":
            type_form.edit(of, fields)
        case "links":
            labels_tab.show(of)
        case "delete":
            _delete(of, records)
        case _:
            _fields(of, fields, used, deleted, zone)


def _fields(of: ObjectType, fields: list[Field], used: dict[str, int], deleted: list[Deleted], zone: str) -> None:
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button(tr_as("arrange", "Order"), icon=":material/swap_vert:", on_click=drawer.open_, args=(drawer.ORDER,))
        st.button(tr("New field"), type="primary", icon=":material/add:", on_click=drawer.open_, args=(drawer.NEW,))
    for field in fields:
        rows.row(field.definition, used[field.key], _marks(field))
    rows.deleted(deleted, zone)
    match drawer.current():
        case drawer.NEW:
            new.show(of.kind)
        case drawer.ORDER:
            rows.order(of.kind)
        case word if (attribute_id := bounds.whole(word)) is not None:
            edit.show(attribute_id)


def _marks(field: Field) -> list[str]:
    marks = {tr("names the record"): field.primary, tr("required"): field.required and not field.primary}
    return [mark for mark, holds in (marks | {tr("unique"): field.unique}).items() if holds]


def _delete(of: ObjectType, records: int) -> None:
    name = words.plain(of.plural)
    st.markdown(
        tr(
            "**{name}** goes from the sidebar, lists, filters, imports, exports and the API at once: {records}, with "
            "notes, files and links. It can be brought back here for 30 days.",
            name=name,
            records=listing.counted(of, records),
        )
    )
    # Pressed by mistake it would take a whole list from everybody, so the name is typed.
    typed = st.text_input(tr("Type “{name}” to confirm", name=name), live=True, key=f"confirm-type-{of.id}")
    if st.button(
        tr("Delete this type"),
        type="primary",
        icon=":material/delete:",
        disabled=(typed or "").strip() != of.plural,
        key=f"delete-type-{of.id}",
    ) and session.done(objects.delete, of.id, version=of.version):
        undo.offer(tr("Deleted “{name}”.", name=of.plural), objects.restore, of.id)
        place.open_list()
        st.rerun()
