"""The page of a record of any type, drawn from the type's declaration."""

from typing import Any

import streamlit as st

from crm.records import registry
from crm.records.declaration import RecordType, Trait
from crm.ui import live, refusals, session
from crm.ui.forms.layout import FormLayout
from crm.ui.records import record_labels, record_page


def show(of: RecordType[Any]) -> None:
    """The record that the address names."""
    form = FormLayout(of)
    record_id = record_page.named_in_address(of.key)

    @refusals.fragment
    def body() -> None:
        _body(form, record_id)

    record_page.show(form, record_id, body)


def _body(form: FormLayout, record_id: int) -> None:
    of = form.of
    room = registry.room(of.key)
    live.on_change(of.key, *_shown_types(of), key=f"{of.key}-live")
    with session.reading() as tx:
        record = record_page.found(room.get, tx, record_id, of.key)
        context = record_page.context(tx, of, record_id)
        every_label = record_labels.names(tx) if of.has(Trait.LABELS) else []
    left, right = st.columns([2, 3], gap="large")
    with left:
        linked = record_page.linked(of, record)
        record_page.details(form, record, {}, context, without=(of.title[0], *linked))
        if linked:
            st.subheader("Linked records", anchor=False)
            record_page.links(of, record)
        if of.has(Trait.LABELS):
            st.subheader("Labels", anchor=False)
            may = context.actor.may(of.permission)
            record_labels.choice(of.key, record, every_label, room.set_labels, may=may)
    with right:
        record_page.tabs(of, record, context)


def _shown_types(of: RecordType[Any]) -> list[str]:
    """The types whose records' names the page shows."""
    return [field.to for field in of.references.values() if isinstance(field.to, str)]
