"""The saved views of a pipeline: open one, save what is shown as one, and change one's own."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from crm.deals import saved_views
from crm.deals.saved_views import SavedView
from crm.foundation.access import Permission
from crm.foundation.errors import CrmError
from crm.foundation.language import later, tr
from crm.ui import refusals, session, words
from crm.ui.components import lazy
from crm.ui.deals import drawer
from crm.ui.forms import drawer_form
from crm.ui.lists import saved_query_dialogs
from crm.ui.views import url_state
from crm.ui.views.url_state import NONE, VIEW, ViewState

SAVING, RENAMING, DELETING = "save-view", "rename-view", "delete-view"
"""Dialogs, by the name that `drawer_form` knows each by."""

ICONS = {"board": "view_kanban", "table": "table_rows", "calendar": "calendar_month"}


def menu(state: ViewState) -> None:
    """Draw the name of the view that is open, and the popover with all of them."""
    open_one = state.saved
    changed = open_one is not None and url_state.is_changed(open_one)
    if open_one:
        name = words.plain(open_one.name)
        edited = words.badge(tr("edited"), "orange")
        st.markdown(f"{name} {edited}" if changed else name, width="content")
    lazy.popover(tr("Views"), partial(_views, state, open_one, changed), key="views", icon=":material/bookmark:")


def _views(state: ViewState, open_one: SavedView | None, changed: bool) -> None:
    with session.reading() as tx:
        every = saved_views.all_of(tx, state.pipeline.id)
        default = saved_views.default(tx)
    for view in every:
        _entry(view, open_one, default)
    if not every:
        st.caption(tr("Keep what is shown under a name, for yourself or for everybody."))
    if open_one:
        st.divider()
        _actions(open_one, state, changed, default)
    if open_one is None or changed:
        _button(tr("Save as a view"), "bookmark_add", lambda: _start(SAVING), "view-save-as")
    if open_one:
        _button(tr("All deals"), "close", lambda: _leave(state), "view-leave")


def dialogs(state: ViewState) -> None:
    """Draw the dialog that is open, if one is."""
    if drawer_form.is_open(SAVING):
        saved_query_dialogs.save_as(
            later("view"),
            later("Save this view"),
            saved_views.create,
            url_state.as_saved(state),
            placeholder=later("Mine, closing this month"),
            contents=later("deals"),
            then=lambda made: url_state.become(url_state.words_of(made)),
        )
    elif state.saved and drawer_form.is_open(RENAMING):
        saved_query_dialogs.rename("view", state.saved, saved_views.edit)
    elif state.saved and drawer_form.is_open(DELETING):
        saved_query_dialogs.delete(
            "view", state.saved, saved_views.delete, contents=later("deals"), then=lambda: _leave(state)
        )


def broken(state: ViewState) -> None:
    """Draw why the view is broken, in place of its deals."""
    for fault in state.faults:
        broken = tr("This view is broken and shows no deals until it is fixed.")
        st.warning(f"{broken} {words.plain(fault)}")


def _entry(view: SavedView, open_one: SavedView | None, default: SavedView | None) -> None:
    here = open_one is not None and view.id == open_one.id
    marks = (":material/group:" if view.shared else "", ":material/home:" if default and view.id == default.id else "")
    label = " ".join([words.plain(view.name), *(mark for mark in marks if mark)])
    with st.container(key=f"{'here' if here else 'elsewhere'}-view-{view.id}"):
        _button(label, ICONS[view.kind], lambda: url_state.become(url_state.words_of(view)), f"view-{view.id}")


def _actions(view: SavedView, state: ViewState, changed: bool, default: SavedView | None) -> None:
    own = view.user_id == session.actor().id
    if own and changed:
        _button(tr("Save changes"), "save", lambda: _save_changes(view, state), "view-save")
    if changed:
        _button(
            tr("Back to how it was saved"), "undo", lambda: url_state.become(url_state.words_of(view)), "view-revert"
        )
    if own:
        _button(tr("Rename"), "edit", lambda: _start(RENAMING), "view-rename")
        sharing = tr("Stop sharing") if view.shared else tr("Share with everybody")
        _button(sharing, "group", lambda: _write(saved_views.edit, view.id, shared=not view.shared), "view-share")
    else:
        st.caption(tr("By {name}. Duplicate it to change it.", name=words.plain(view.user_name)))
    _button(tr("Duplicate"), "content_copy", lambda: _duplicate(view), "view-duplicate")
    if default and default.id == view.id:
        _button(tr("Do not open with this"), "home", lambda: _write(saved_views.open_with, None), "view-no-default")
    else:
        _button(tr("Open with this"), "home", lambda: _write(saved_views.open_with, view.id), "view-default")
    if own or session.actor().may(Permission.MANAGE_SETTINGS):
        _button(tr("Delete"), "delete", lambda: _start(DELETING), "view-delete")


def _button(label: str, icon: str, do: Callable[[], object], key: str) -> None:
    if st.button(label, type="tertiary", icon=f":material/{icon}:", key=key):
        do()


def _start(name: str) -> None:
    """Open a dialog."""
    drawer.dismiss()
    # Drawn by the next run, beside the popover: within it, it would close with it.
    drawer_form.start(name)
    st.rerun()


def _write(verb: Callable[..., object], *args: object, **kwargs: object) -> None:
    try:
        # Not `session.attempt`: a verb without a result would pass for one that was refused.
        session.do(verb, *args, **kwargs)
    except CrmError as refusal:
        refusals.show(refusal)
    else:
        st.rerun()


def _save_changes(view: SavedView, state: ViewState) -> None:
    _write(saved_views.edit, view.id, **url_state.as_saved(state))


def _duplicate(view: SavedView) -> None:
    made = session.attempt(saved_views.duplicate, view.id)
    if made:
        url_state.become(url_state.words_of(made))


def _leave(state: ViewState) -> None:
    show = {} if state.kind == "board" else {"show": state.kind}
    url_state.become({VIEW: NONE, "pipeline": str(state.pipeline.id), **show})
