"""The labels of a record, chosen or made by typing, and saved at each change."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from crm.foundation.language import tr
from crm.records import labels
from crm.store import Reading
from crm.ui import session, words
from crm.ui.components import lazy
from crm.ui.records import record_state


def names(tx: Reading) -> list[str]:
    return [label.name for label in labels.all_of(tx)]


def show(kind: str, record: Any, set_labels: Callable[..., Any], *, may: bool) -> None:
    """The labels as badges, and a popover in which they are chosen."""
    if not record.labels and not may:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="record-labels"):
        if record.labels:
            st.markdown(" ".join(words.badge(label, "blue") for label in record.labels), width="content")
        if not may:
            return
        lazy.popover(
            tr("Labels"),
            lambda: choice(kind, record, session.read(names), set_labels, may=True),
            icon=":material/new_label:",
            type="tertiary",
            key=f"{record_state.of(kind, record.id)}-labels",
        )


def choice(kind: str, record: Any, every: list[str], set_labels: Callable[..., Any], *, may: bool) -> None:
    """The multiselect of the record's labels; `every` are the names on offer."""
    chosen = st.multiselect(
        tr("Labels"),
        sorted({*every, *record.labels}, key=str.casefold),
        default=list(record.labels),
        accept_new_options=True,
        placeholder=tr("Add a label") if may else tr("No label"),
        label_visibility="collapsed",
        disabled=not may,
        # A widget keeps its value with its key: another version of the record needs another one to show its labels.
        key=f"{record_state.of(kind, record.id)}-labels-{record.version}",
    )
    if set(chosen) != set(record.labels) and session.done(set_labels, record.id, chosen):
        st.rerun()
