"""The notes of a record on its page: write, edit, pin, delete."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import streamlit as st

from crm.foundation.errors import CrmError, Stale
from crm.records import notes
from crm.records.notes import LONGEST, Note
from crm.ui import refusals, session, words
from crm.ui.components import prose, unsaved

FIRST = 10
EDIT, PIN, UNPIN, DELETE = "Edit", "Pin", "Unpin", "Delete"
ICONS = {EDIT: "edit", PIN: "keep", UNPIN: "keep_off", DELETE: "delete"}
_EDITED = "note-edited"
"""The key of the note that is being edited, as it was when that began."""
_DRAFT = "note-draft"


def show(kind: str, record_id: int, found: list[Note], *, may_write: bool, now: datetime, locale: str) -> None:
    if may_write:
        _write(kind, record_id)
    if not found:
        st.caption("No notes yet. What should the next person know?" if may_write else "No notes yet.")
    key = f"all-notes-{kind}-{record_id}"
    shown = found if st.session_state.get(key) else found[:FIRST]
    for note in shown:
        _one(note, may_write=may_write, now=now, locale=locale)
    if len(found) > FIRST:
        st.toggle(f"Show all {len(found)} notes", key=key)


def pinned(note: Note, *, now: datetime, locale: str) -> None:
    """A pinned note, above everything else of its record."""
    with st.container(border=True, gap=None):
        st.caption(f":material/keep: **{words.plain(note.author_name)}** · {words.ago(note.created_at, now, locale)}")
        prose.show(note.text)


def _write(kind: str, record_id: int) -> None:
    draft = f"{_DRAFT}-{kind}-{record_id}-{st.session_state.get(_DRAFT, 0)}"
    _keep(f"note-{kind}-{record_id}", draft)
    with st.form(f"{draft}-form", border=False):
        text = st.text_area(
            "New note",
            placeholder="Write a note. Markdown works: **bold**, lists, links.",
            max_chars=LONGEST,
            height=88,
            label_visibility="collapsed",
            key=draft,
        )
        added = st.form_submit_button("Add note", icon=":material/add_comment:")
    if added and session.done(notes.add, kind, record_id, text or ""):
        # Another key: the box of the note that was written would keep its text.
        st.session_state[_DRAFT] = st.session_state.get(_DRAFT, 0) + 1
        st.rerun()


def _keep(name: str, box: str) -> None:
    """Keep the text of an unsaved note in the browser, so that it outlives the page."""

    def restore(stored: Mapping[str, Any]) -> None:
        text = (stored.get("values") or {}).get("text")
        if isinstance(text, str):  # anybody may write into their browser's storage
            st.session_state[box] = text[:LONGEST]

    empty = {"text": ""}
    values = {"text": st.session_state.get(box) or ""}
    unsaved.keep(name, values=values, record=empty, base=empty, version=0, boxes={"text": box}, restore=restore)


def _one(note: Note, *, may_write: bool, now: datetime, locale: str) -> None:
    edited = st.session_state.get(_EDITED)
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", wrap=False):
            pinned = ":material/keep: " if note.pinned else ""
            changed = " · edited" if note.version > 1 else ""
            when = words.ago(note.created_at, now, locale)
            st.caption(f"{pinned}**{words.plain(note.author_name)}** · {when}{changed}", width="stretch")
            if may_write:
                _menu(note)
        if edited and edited["id"] == note.id:
            _edit(note, edited)
        else:
            prose.show(note.text)


def _menu(note: Note) -> None:
    actor = session.actor()
    own = [EDIT] if notes.may_edit(actor, note) else []
    last = [DELETE] if notes.may_delete(actor, note) else []
    chosen = st.menu_button(
        "More",
        [*own, UNPIN if note.pinned else PIN, *last],
        format_func=lambda name: f":material/{ICONS[name]}: {name}",
        type="tertiary",
        icon=":material/more_horiz:",
        key=f"note-{note.id}-menu-{actor.id}",
    )
    if chosen == EDIT:
        st.session_state[_EDITED] = note.model_dump()
        st.rerun()
    if chosen in (PIN, UNPIN) and session.done(notes.pin if chosen == PIN else notes.unpin, note.id):
        st.rerun()
    if chosen == DELETE:
        _ask_delete(note)


def _edit(note: Note, edited: dict[str, Any]) -> None:
    text = st.text_area(
        "Note", note.text, max_chars=LONGEST, label_visibility="collapsed", key=f"note-{note.id}-{edited['version']}"
    )
    with st.container(horizontal=True):
        saved = st.button("Save note", type="primary", icon=":material/save:", key=f"save-note-{note.id}")
        if st.button("Cancel", type="tertiary", key=f"cancel-note-{note.id}"):
            del st.session_state[_EDITED]
            st.rerun()
    if not saved:
        return
    try:
        session.do(notes.edit, note.id, text or "", version=edited["version"])
    except Stale as stale:
        refusals.show(stale)
        edited["version"] = stale.current["version"]  # the next save goes over the change that was just shown
    except CrmError as refusal:
        refusals.show(refusal)
    else:
        del st.session_state[_EDITED]
        st.rerun()


@st.dialog("Delete this note?", icon=":material/delete:")
def _ask_delete(note: Note) -> None:
    prose.show(note.text)
    st.caption("The timeline keeps what it said.")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep it"):
            st.rerun()
        if st.button("Delete it", type="primary", icon=":material/delete:") and _deleted(note):
            st.rerun()


def _deleted(note: Note) -> bool:
    try:
        session.do(notes.delete, note.id)
    except CrmError as refusal:
        refusals.show(refusal)
        return False
    return True
