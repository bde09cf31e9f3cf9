"""The bulk changes that a person made lately, each with its undo."""

from functools import partial
from typing import Any

import streamlit as st

from crm.foundation.language import tr
from crm.records import bulk
from crm.records.declaration import RecordType
from crm.ui import refusals, session, words
from crm.ui.components import lazy
from crm.ui.lists.bulk import sentence, show_left, undo


@refusals.fragment
def button(of: RecordType[Any]) -> None:
    """The popover of the list's bulk changes; not drawn for who has made none."""
    if not session.actor().may(of.permission):
        return
    with session.reading() as tx:
        if not bulk.has_made_any(tx, of.plural):
            return
    lazy.popover(tr("Changes"), partial(_changes, of), key=f"{of.plural}-changes", icon=":material/history:")


def _changes(of: RecordType[Any]) -> None:
    with session.reading() as tx:
        found = bulk.recent(tx, of.plural)
        now = tx.now
    for change in found:
        with st.container(horizontal=True, vertical_alignment="center"):
            with st.container(gap=None, width="stretch"):
                st.markdown(sentence(change, of))
                st.caption(words.ago(change.undone_at or change.created_at, now))
            undone = change.undone_at is not None
            if not undone and st.button(tr("Undo"), icon=":material/undo:", key=f"undo-{change.id}"):
                undo(change)
            if change.left and st.button(tr("Show them"), key=f"left-{change.id}"):
                show_left(change)
