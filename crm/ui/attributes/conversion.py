"""Changing the type of an attribute: a preview of what becomes of its values, then the conversion."""

import polars as pl
import streamlit as st

from crm.foundation.errors import CrmError
from crm.records import attributes
from crm.records.attributes import AttributeType, Conversion, Definition
from crm.ui import refusals, session
from crm.ui.attributes import drawer, type_names

RECORDS = st.column_config.NumberColumn("Records", format="localized", width="small")


def show(definition: Definition) -> None:
    # The version is part of the keys: after a change the widgets start afresh.
    place = f"convert-{definition.id}-{definition.version}"
    target = st.selectbox(
        "New type",
        [kind for kind in AttributeType if kind is not definition.type],
        index=None,
        format_func=type_names.words_of,
        placeholder=f"Now: {definition.type}",
        key=f"{place}-to",
    )
    if target is None:
        st.caption("You see what would become of each value before anything is changed.")
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
        empty_rest = st.checkbox(f"Leave the {found.fails:,} that do not convert empty", key=f"{place}-empty")
    st.caption(f"The values as they are stay restorable for 30 days, as “{definition.type}”, under Deleted.")
    if st.button(
        f"Change to {target}",
        type="primary",
        icon=type_names.ICONS[target],
        disabled=bool(found.fails) and not empty_rest,
        key=f"{place}-do",
    ) and session.done(attributes.convert, definition.id, target, empty_rest=empty_rest, version=definition.version):
        drawer.done()


def _preview(found: Conversion) -> None:
    with st.container(horizontal=True):
        st.metric("Convert", f"{found.converts:,}", border=True)
        st.metric("Do not convert", f"{found.fails:,}", border=True)
    if found.unconverted:
        _examples(
            "Do not convert",
            {
                "Now": [example.before for example in found.unconverted],
                "Why not": [example.reason for example in found.unconverted],
            },
            [example.records for example in found.unconverted],
        )
    if found.converted:
        _examples(
            "Convert",
            {
                "Now": [example.before for example in found.converted],
                "Then": [example.after for example in found.converted],
            },
            [example.records for example in found.converted],
        )
    if found.new_values:
        st.caption(f"The list would hold {len(found.new_values):,} values.")


def _examples(title: str, columns: dict[str, list[str]], records: list[int]) -> None:
    st.markdown(f"**{title}**, such as")
    frame = pl.DataFrame({**columns, "Records": records})
    st.dataframe(frame, hide_index=True, height="content", column_config={"Records": RECORDS}, alt=title)
