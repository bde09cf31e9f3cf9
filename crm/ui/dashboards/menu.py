"""Which dashboard is open, and what can be done with it: make, change, share, print, mail, duplicate,
rename, delete."""

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from crm.dashboards import model, saved
from crm.dashboards.saved import Dashboard
from crm.foundation import bounds
from crm.foundation.access import Permission
from crm.foundation.errors import CrmError
from crm.foundation.language import tr
from crm.platform.people import teams
from crm.store import Reading
from crm.ui import refusals, session, undo, words
from crm.ui.dashboards import editor, mail_dialog
from crm.ui.forms import drawer_form

OPEN = "dashboard"
NEW, SETTINGS = "new-dashboard", "dashboard-settings"
PRIVATE, EVERYBODY = "", "everybody"


def open_one(tx: Reading) -> Dashboard | None:
    """The dashboard of the address, None for the overview. Once it is opened its filters stand in the address. Raises
    NotFound where it is gone or not the reader's to see."""
    asked = st.query_params.get(OPEN)
    if not asked:
        return None
    found = saved.get(tx, bounds.whole(asked) or 0)
    if st.session_state.get("dashboard-opened") != found.id:
        st.session_state["dashboard-opened"] = found.id
        if not any(st.query_params.get(name) for name in model.FILTERS):
            st.query_params.update(found.filters)
    return found


def draw(every: list[Dashboard], shown: Dashboard | None) -> None:
    _button(tr("Sales overview"), "monitoring", lambda: _go(None), "dashboard-overview")
    for each in every:
        icon = "group" if each.shared or each.team_id else "dashboard"
        with st.container(key=f"{'here' if shown and each.id == shown.id else 'elsewhere'}-dashboard-{each.id}"):
            _button(words.plain(each.name), icon, partial(_go, each), f"dashboard-{each.id}")
    st.divider()
    st.link_button("PDF", _pdf_path(shown), type="tertiary", icon=":material/picture_as_pdf:", key="dashboard-pdf")
    _button(tr("Mail it"), "mail", mail_dialog.start, "dashboard-mail")
    _button(tr("New dashboard"), "add", lambda: _start(NEW), "dashboard-new")
    if shown is None:
        return
    if shown.user_id == session.actor().id:
        _button(tr("Change its tiles"), "dashboard_customize", lambda: _edit(shown), "dashboard-edit")
        _button(tr("Name and sharing"), "edit", lambda: _start(SETTINGS), "dashboard-settings-open")
        if _filters() != shown.filters:
            _button(
                tr("Keep these filters"),
                "filter_list",
                lambda: _write(saved.edit, shown.id, filters=_filters()),
                "dashboard-keep-filters",
            )
    else:
        st.caption(tr("By {name}. Duplicate it to change it.", name=words.plain(shown.user_name)))
    _button(tr("Duplicate"), "content_copy", lambda: _duplicate(shown), "dashboard-duplicate")
    if shown.user_id == session.actor().id or session.actor().may(Permission.MANAGE_SETTINGS):
        _button(tr("Delete"), "delete", lambda: _delete(shown), "dashboard-delete")


def dialogs(shown: Dashboard | None) -> None:
    """Draw the dialog that is open, if one is."""
    if drawer_form.is_open(NEW):
        _settings(None)
    elif shown and drawer_form.is_open(SETTINGS):
        _settings(shown)
    elif drawer_form.is_open(mail_dialog.NAME):
        mail_dialog.draw(shown)


def _settings(shown: Dashboard | None) -> None:
    title = tr("Name and sharing") if shown else tr("New dashboard")

    @st.dialog(title, icon=":material/dashboard:", on_dismiss=drawer_form.close)
    def dialog() -> None:
        with session.reading() as tx:
            mine = {str(each.id): each.name for each in teams.everyone(tx) if each.id in tx.actor.team_ids}
        options = {PRIVATE: tr("Only me"), EVERYBODY: tr("Everybody")} | mine
        now = PRIVATE if shown is None else EVERYBODY if shown.shared else str(shown.team_id or PRIVATE)
        if shown and shown.team_name and now not in options:
            options[now] = shown.team_name
        with st.form("dashboard-form", border=False):
            name = st.text_input(tr("Name"), shown.name if shown else "", max_chars=80, required=True)
            audience = st.selectbox(
                tr("Who sees it"),
                list(options),
                index=list(options).index(now),
                format_func=lambda key: options[key],
                help=tr("Each sees in it the figures that they may see."),
            )
            done = st.form_submit_button(tr("Save"), type="primary", icon=":material/save:")
        if not done:
            return
        team_id = int(audience) if audience not in (PRIVATE, EVERYBODY) else None
        fields: dict[str, Any] = {"name": name or "", "shared": audience == EVERYBODY, "team_id": team_id}
        if shown:
            if drawer_form.save(saved.edit, shown.id, **fields):
                st.rerun()
        elif made := drawer_form.save(saved.create, filters=_filters(), **fields):
            editor.open_for(made)
            _go(made)

    dialog()


def _pdf_path(shown: Dashboard | None) -> str:
    """Of what is open, with the filters of the page."""
    path = f"/dashboards/{shown.id if shown else 'overview'}.pdf"
    return f"{path}?{urlencode(query)}" if (query := _filters()) else path


def _filters() -> dict[str, str]:
    return {name: st.query_params[name] for name in model.FILTERS if st.query_params.get(name)}


def _button(label: str, icon: str, do: Callable[[], object], key: str) -> None:
    if st.button(label, type="tertiary", icon=f":material/{icon}:", key=key):
        do()


def _go(to: Dashboard | None) -> None:
    st.session_state.pop("dashboard-opened", None)
    st.switch_page("pages/dashboards.py", query_params={OPEN: str(to.id)} if to else {})


def _start(name: str) -> None:
    # Drawn by the next run, beside the popover: within it, it would close with it.
    drawer_form.start(name)
    st.rerun()


def _edit(shown: Dashboard) -> None:
    editor.open_for(shown)
    st.rerun()


def _write(verb: Callable[..., object], *args: object, **kwargs: object) -> None:
    try:
        session.do(verb, *args, **kwargs)
    except CrmError as refusal:
        refusals.show(refusal)
    else:
        st.rerun()


def _duplicate(shown: Dashboard) -> None:
    if made := session.attempt(saved.duplicate, shown.id):
        _go(made)


def _delete(shown: Dashboard) -> None:
    try:
        session.do(saved.delete, shown.id, version=shown.version)
    except CrmError as refusal:
        refusals.show(refusal)
        return
    fields: dict[str, Any] = {"name": shown.name, "tiles": shown.tiles, "filters": shown.filters}
    if shown.user_id == session.actor().id:
        fields |= {"shared": shown.shared, "team_id": shown.team_id}
        undo.offer(tr("Deleted “{name}”.", name=shown.name), saved.create, **fields)
    _go(None)
