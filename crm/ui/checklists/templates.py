"""Templates of checklists: under Settings for administrators, beside the pipeline's settings for managers too."""

from typing import Any

import polars as pl
import streamlit as st

from crm.foundation.errors import CrmError
from crm.foundation.language import later, tr
from crm.records import checklists
from crm.records.checklists import LONGEST, MOST_DAYS, Template, TemplateItem
from crm.store import Writing
from crm.ui import refusals, session, words
from crm.ui.components import dialogs

EMPTY = 3
"""Rows that a new template begins with."""


@dialogs.dialog(later("Checklist templates"), width="large", icon=":material/checklist:", on_dismiss="rerun")
def dialog() -> None:
    show()


def show() -> None:
    """Draw all templates, as a section of Settings or in the dialog."""
    with session.reading() as tx:
        found = checklists.templates(tx)
    st.caption(
        tr("Lists that people add to a deal from its checklist tab. Deals keep what they have when a template changes.")
    )
    if not found:
        st.info(tr("There is no template yet. What do you do on every deal?"), icon=":material/checklist:")
    for template in found:
        with st.expander(f"{words.plain(template.name)} · {len(template.items)}", icon=":material/checklist:"):
            _edit(template)
    with st.expander(tr("New template"), icon=":material/add:", expanded=not found):
        _create()


def _create() -> None:
    made_key = "templates-made"
    key = f"new-template-{st.session_state.get(made_key, 0)}"
    name, rows = _fields(key, "", ())
    if st.button(tr("Create"), type="primary", icon=":material/check:", key=f"{key}-create") and session.done(
        _create_template, name, rows
    ):
        st.session_state[made_key] = st.session_state.get(made_key, 0) + 1
        st.rerun()


def _edit(template: Template) -> None:
    key = f"template-{template.id}-{template.version}"
    name, rows = _fields(key, template.name, template.items)
    with st.container(horizontal=True):
        if st.button(tr("Save"), type="primary", icon=":material/save:", key=f"{key}-save"):
            _save(template, name, rows)
        with st.popover(tr("Delete"), icon=":material/delete:", type="tertiary"):
            st.markdown(
                tr("**{name}** goes for good. Checklists that were made from it stay.", name=words.plain(template.name))
            )
            if st.button(tr("Delete"), type="primary", key=f"{key}-delete") and session.done(
                checklists.delete_template, template.id, version=template.version
            ):
                st.rerun()


def _save(template: Template, name: str, rows: list[dict[str, Any]]) -> None:
    try:
        session.do(checklists.change_template, template.id, name=name, items=_items(rows), version=template.version)
    except CrmError as refusal:
        refusals.show(refusal)
    else:
        st.rerun()


def _create_template(tx: Writing, name: str, rows: list[dict[str, Any]]) -> Template:
    return checklists.create_template(tx, name, _items(rows))


def _fields(key: str, name: str, items: tuple[TemplateItem, ...]) -> tuple[str, list[dict[str, Any]]]:
    named = st.text_input(tr("Name"), name, max_chars=80, key=f"{key}-name")
    begun = [(item.text, item.due_days) for item in items] or [("", None)] * EMPTY
    rows = st.data_editor(
        pl.DataFrame(begun, schema={"text": pl.String, "days": pl.Int64}, orient="row"),
        column_config={
            "text": st.column_config.TextColumn(tr("What is to be done"), max_chars=LONGEST, width="large"),
            "days": st.column_config.NumberColumn(
                tr("Due after (days)"),
                min_value=0,
                max_value=MOST_DAYS,
                step=1,
                help=tr("0 is the day it is added to the deal"),
            ),
        },
        num_rows="dynamic",
        hide_index=True,
        placeholder="",
        key=f"{key}-items",
    )
    return named or "", rows.to_dicts()


def _items(rows: list[dict[str, Any]]) -> list[TemplateItem]:
    """The items of a grid's rows."""
    return [
        # Not validated here: the verb refuses in a sentence, where the model would raise its own error.
        TemplateItem.model_construct(
            text=str(row["text"]), due_days=None if row.get("days") is None else int(row["days"])
        )
        for row in rows
        # A dynamic grid always ends with a row that is yet to be filled.
        if (row.get("text") or "").strip()
    ]
