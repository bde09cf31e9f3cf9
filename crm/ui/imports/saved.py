"""Saved mappings: the fitting one is taken by itself, another can be chosen, one's own are renamed or deleted."""

from collections.abc import Mapping

import streamlit as st

from crm import imports
from crm.foundation.language import tr
from crm.imports import Options, Preview
from crm.ui import session, words
from crm.ui.imports import choices
from crm.ui.imports.draft import Draft

TAKEN = "import-saved-mapping"
NONE = ""


def fitting(kind: str, header: list[str]) -> Options | None:
    """The options saved from a file with this header, which are then the ones taken; None where there are none."""
    with session.reading() as tx:
        known = imports.mappings(tx, kind)
    name = imports.fitting(known, header)
    st.session_state[TAKEN] = name or NONE
    return known[name] if name else None


def bar(kind: str, draft: Draft, found: Preview) -> None:
    """Draw the choice of a saved mapping, where there are any, and what may be done to it."""
    with session.reading() as tx:
        known = imports.mappings(tx, kind)
    if not known:
        return
    taken = st.session_state.get(TAKEN, NONE)
    # Somebody may have deleted or renamed it meanwhile.
    taken = taken if taken in known else NONE
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            tr("Saved mapping"),
            [NONE, *known],
            format_func=lambda name: name or tr("None"),
            key=draft.follow("saved", taken),
            on_change=_take,
            args=(kind, draft, known),
            width=280,
        )
        if taken:
            _change(kind, taken)
    if taken and imports.fitting({taken: known[taken]}, found.header):
        st.caption(
            ":material/check: " + tr("“{name}” was saved from a file with these very columns.", name=words.plain(taken))
        )


def _take(kind: str, draft: Draft, known: Mapping[str, Options]) -> None:
    name = draft.value("saved")
    draft.start(known[name] if name else choices.default_options(kind))
    st.session_state[TAKEN] = name


def _change(kind: str, name: str) -> None:
    with st.popover(tr("Change"), icon=":material/edit:", key=f"change-mapping-{name}"):
        to = st.text_input(tr("Name"), name, max_chars=80, key=f"rename-mapping-{name}")
        if st.button(tr("Rename"), key=f"do-rename-{name}", disabled=to == name):
            renamed = session.attempt(imports.rename_mapping, kind, name, to)
            if renamed:
                st.session_state[TAKEN] = renamed
                st.rerun()
        if st.button(tr("Delete"), icon=":material/delete:", key=f"do-delete-{name}") and session.done(
            imports.delete_mapping, kind, name
        ):
            st.session_state.pop(TAKEN, None)
            st.rerun()


def save(kind: str, draft: Draft) -> None:
    with st.popover(tr("Save mapping"), icon=":material/bookmark_add:"):
        name = st.text_input(tr("Name"), max_chars=80, key=draft.widget("mapping-name"))
        st.caption(tr("It is taken by itself for the next file with these columns. Everybody who imports sees it."))
        if st.button(tr("Save"), key=draft.widget("save-mapping")) and session.done(
            imports.save_mapping, kind, name, draft.options
        ):
            st.session_state[TAKEN] = name.strip()
            st.rerun()
