"""The notes of a record on its page: write, edit, pin, delete."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NoReturn

import streamlit as st

from crm.foundation.errors import CrmError, Stale
from crm.foundation.language import later, tr
from crm.records import notes
from crm.records.notes import LONGEST, Note
from crm.ui import refusals, session, words
from crm.ui.components import prose, unsaved
from crm.ui.components.dialogs import dialog
from crm.ui.records import record_state

FIRST = 10
BRIEF = 3
EDIT, PIN, UNPIN, DELETE = later("Edit"), later("Pin"), later("Unpin"), later("Delete")
ICONS = {EDIT: "edit", PIN: "keep", UNPIN: "keep_off", DELETE: "delete"}
_EDITED = "note-edited"
"""The key of the note that is being edited, as it was when that began."""


def show(kind: str, record_id: int, *, may_write: bool, locale: str) -> None:
    """The box of a new note, and all notes."""
    with session.reading() as tx:
        found, now = notes.of(tx, kind, record_id), tx.now
    if may_write:
        write(kind, record_id)
    if not found:
        st.caption(tr("No notes yet. What should the next person know?") if may_write else tr("No notes yet."))
    key = f"{record_state.of(kind, record_id)}-all-notes"
    shown = found if st.session_state.get(key) else found[:FIRST]
    for note in shown:
        _one(note, may_write=may_write, now=now, locale=locale)
    if len(found) > FIRST:
        st.toggle(tr("Show all {count} notes", count=len(found)), key=key)


def newest(kind: str, record_id: int, *, may_write: bool, locale: str) -> None:
    """Draw the box of a new note, and the first notes to read; for a drawer, which can open no dialog."""
    keep_typed(kind, record_id)
    with session.reading() as tx:
        found, now = notes.of(tx, kind, record_id), tx.now
    if may_write:
        write(kind, record_id)
    for note in found[:BRIEF]:
        pin = ":material/keep: " if note.pinned else ""
        with st.container(border=True, gap=None):
            st.caption(f"{pin}**{words.plain(note.author_name)}** · {words.ago(note.created_at, now, locale)}")
            prose.show(note.text)
    if len(found) > BRIEF:
        st.caption(tr("{count} more on its page.", count=len(found) - BRIEF))


def pinned(note: Note, *, now: datetime, locale: str) -> None:
    """A pinned note, above everything else of its record."""
    with st.container(border=True, gap=None):
        st.caption(f":material/keep: **{words.plain(note.author_name)}** · {words.ago(note.created_at, now, locale)}")
        prose.show(note.text)


def write(kind: str, record_id: int) -> None:
    """Draw the box of a new note. What is typed stands in it again wherever it is drawn next."""
    name, key = _box(kind, record_id)
    record_state.restore(key)
    _keep(f"note-{record_state.of(kind, record_id)}", key)
    st.text_area(
        tr("New note"),
        placeholder=tr("Write a note. Markdown works: **bold**, lists, links."),
        max_chars=LONGEST,
        height=72,
        label_visibility="collapsed",
        key=key,
    )
    refusals.show_kept(name)
    st.button(
        tr("Add note"),
        icon=":material/add_comment:",
        key=f"{name}-add",
        on_click=_add,
        args=(kind, record_id),
    )


def keep_typed(kind: str, record_id: int) -> None:
    """Note what is half-written; in every run of the page, whichever of its tabs is open."""
    record_state.keep(_box(kind, record_id)[1])
    if edited := st.session_state.get(_EDITED):
        record_state.keep(_edit_box(edited))


def _box(kind: str, record_id: int) -> tuple[str, str]:
    """The name of the box of a new note, and its key."""
    name = f"{record_state.of(kind, record_id)}-note"
    return name, f"{name}-{record_state.turn(name)}-text"


def _add(kind: str, record_id: int) -> None:
    """Callback: add the note as it is typed now."""
    name, key = _box(kind, record_id)
    try:
        session.do(notes.add, kind, record_id, st.session_state.get(key) or "")
    except CrmError as refusal:
        refusals.keep(refusal, name)
    else:
        record_state.saved(name, key)


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
            when = words.ago(note.created_at, now, locale)
            if note.version > 1:
                when = tr("{when} · edited", when=when)
            st.caption(f"{pinned}**{words.plain(note.author_name)}** · {when}", width="stretch")
            if may_write:
                _menu(note)
        if edited and edited["id"] == note.id:
            _edit(note, edited)
        else:
            prose.show(note.text)


def _edit_box(edited: dict[str, Any]) -> str:
    return f"note-{edited['id']}-text"


def _menu(note: Note) -> None:
    actor = session.actor()
    own = [EDIT] if notes.may_edit(actor, note) else []
    last = [DELETE] if notes.may_delete(actor, note) else []
    chosen = st.menu_button(
        tr("More"),
        [*own, UNPIN if note.pinned else PIN, *last],
        format_func=lambda name: f":material/{ICONS[name]}: {tr(name)}",
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
    key = _edit_box(edited)
    record_state.restore(key)
    # Given as the widget's own default it would be left out where something is in the session's state.
    st.session_state.setdefault(key, note.text)
    text = st.text_area(tr("Note"), max_chars=LONGEST, label_visibility="collapsed", key=key)
    with st.container(horizontal=True):
        saved = st.button(tr("Save note"), type="primary", icon=":material/save:", key=f"save-note-{note.id}")
        if st.button(tr("Cancel"), type="tertiary", key=f"cancel-note-{note.id}"):
            _end_edit(key)
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
        _end_edit(key)


def _end_edit(key: str) -> NoReturn:
    record_state.drop(key)
    del st.session_state[_EDITED]
    st.rerun()


@dialog(later("Delete this note?"), icon=":material/delete:")
def _ask_delete(note: Note) -> None:
    prose.show(note.text)
    st.caption(tr("The timeline keeps what it said."))
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(tr("Cancel")):
            st.rerun()
        if st.button(tr("Delete"), type="primary", icon=":material/delete:") and _deleted(note):
            st.rerun()


def _deleted(note: Note) -> bool:
    try:
        session.do(notes.delete, note.id)
    except CrmError as refusal:
        refusals.show(refusal)
        return False
    return True
