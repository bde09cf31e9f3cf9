"""Changing the type of an attribute: a preview of what becomes of its values, then the conversion."""

from functools import partial

import polars as pl
import streamlit as st

from crm.foundation.errors import CrmError
from crm.foundation.language import tr
from crm.records import attributes
from crm.records.attributes import AttributeType, Conversion, Definition
from crm.ui import refusals, session
from crm.ui.attributes import drawer, type_names


def show(definition: Definition) -> None:
    # The version is part of the keys: after a change the widgets start afresh.
    place = f"convert-{definition.id}-{definition.version}"
    target = st.selectbox(
        tr("New type"),
        [kind for kind in attributes.types_of(definition.model) if kind not in (definition.type, AttributeType.PERSON)],
        index=None,
        format_func=partial(type_names.words_of, model=definition.model),
        placeholder=tr("Now: {type}", type=tr(definition.type)),
        key=f"{place}-to",
    )
    if target is None:
        st.caption(tr("You see what would become of each value before anything is changed."))
        return
    try:
        with session.reading() as tx:
            found = attributes.preview(tx, definition.id, target)
    except CrmError as refusal:
        refusals.show(refusal)
        return
    _preview(found)
    empty_rest = False
    if found.fails:
        empty_rest = st.checkbox(
            tr("Leave the {count:,} that do not convert empty", count=found.fails), key=f"{place}-empty"
        )
    st.caption(
        tr(
            "The values as they are stay restorable for 30 days, as “{type}”, under Deleted.",
            type=tr(definition.type),
        )
    )
    if st.button(
        tr("Change to {type}", type=tr(target)),
        type="primary",
        icon=type_names.ICONS[target],
        disabled=bool(found.fails) and not empty_rest,
        key=f"{place}-do",
    ) and session.done(attributes.convert, definition.id, target, empty_rest=empty_rest, version=definition.version):
        drawer.done()


def _preview(found: Conversion) -> None:
    with st.container(horizontal=True):
        st.metric(tr("Convert"), tr("{count:,}", count=found.converts), border=True)
        st.metric(tr("Do not convert"), tr("{count:,}", count=found.fails), border=True)
    if found.unconverted:
        _examples(
            tr("Do not convert"),
            {
                tr("Now"): [example.before for example in found.unconverted],
                tr("Why not"): [example.reason for example in found.unconverted],
            },
            [example.records for example in found.unconverted],
        )
    if found.converted:
        _examples(
            tr("Convert"),
            {
                tr("Now"): [example.before for example in found.converted],
                tr("Then"): [example.after for example in found.converted],
            },
            [example.records for example in found.converted],
        )
    if found.new_values:
        st.caption(tr("The list would hold {count:,} values.", count=len(found.new_values)))


def _examples(title: str, columns: dict[str, list[str]], records: list[int]) -> None:
    st.markdown(tr("**{title}**, such as", title=title))
    header = tr("Records")
    frame = pl.DataFrame({**columns, header: records})
    numbers = st.column_config.NumberColumn(header, format="localized", width="small")
    st.dataframe(frame, hide_index=True, height="content", column_config={header: numbers}, alt=title)
