"""Saved queries and the runs of before: the row of the title, and the dialogs that save, share and delete."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from crm.foundation.access import Permission
from crm.foundation.errors import CrmError
from crm.foundation.language import later, tr
from crm.platform.people import teams
from crm.ui import refusals, session, words
from crm.ui.components import lazy
from crm.ui.components.dialogs import dialog
from crm.ui.forms import drawer_form
from crm.ui.reports import report_cards
from crm.ui.workbench import draft as drafts
from crm.ui.workbench.draft import Draft
from crm.workbench import queries, runs
from crm.workbench.queries import SavedSql
from crm.workbench.runs import Run

SAVING, DETAILS, DELETING = "save-sql", "sql-details", "delete-sql"
SHOWN_RUNS = 30
FEW = 8
"""Saved queries that need no search."""


def title(draft: Draft) -> None:
    with report_cards.title_row(tr("SQL")):
        lazy.popover(tr("Saved queries"), _saved, key="sql-saved", icon=":material/bookmark:")
        lazy.popover(tr("History"), partial(_history, draft), key="sql-history", icon=":material/history:")
        if st.button(tr("New"), icon=":material/add:", key="sql-new"):
            drafts.forget(0)
            drafts.open_query(0)
    if draft.saved:
        _open_one(draft, draft.saved)


def actions(draft: Draft) -> None:
    """Draw what may be done with what stands in the editor."""
    saved = draft.saved
    with st.container(horizontal=True, vertical_alignment="center", key="sql-actions"):
        if saved and _is_own(saved):
            _button(tr("Save"), "save", partial(_save, draft, saved), "sql-save", disabled=not draft.is_changed)
            _button(tr("Name and sharing"), "group", partial(_start, DETAILS), "sql-details")
        _button(tr("Save as"), "bookmark_add", partial(_start, SAVING), "sql-save-as", disabled=not draft.text.strip())
        if saved and draft.is_changed:
            _button(tr("Back to how it was saved"), "undo", partial(_revert, saved), "sql-revert")
        if saved and (_is_own(saved) or session.actor().may(Permission.MANAGE_SETTINGS)):
            _button(tr("Delete"), "delete", partial(_start, DELETING), "sql-delete")


def dialogs(draft: Draft) -> None:
    """Draw the dialog that is open, if one is."""
    if drawer_form.is_open(SAVING):
        _save_as(draft)
    elif draft.saved and drawer_form.is_open(DETAILS):
        _details(draft, draft.saved)
    elif draft.saved and drawer_form.is_open(DELETING):
        _delete(draft.saved)


def _open_one(draft: Draft, saved: SavedSql) -> None:
    name = words.plain(saved.name)
    edited = words.badge(tr("edited"), "orange")
    st.markdown(f"**{name}** {edited}" if draft.is_changed else f"**{name}**")
    said = [words.plain(saved.description)] if saved.description else []
    said.append(_sharing(saved))
    st.caption(" · ".join(said))


def _sharing(saved: SavedSql) -> str:
    person = words.plain(saved.user_name)
    if not _is_own(saved):
        return tr("Shared by {person}. You see what you may see in it.", person=person)
    if saved.shared:
        return tr("Shared with everybody who may run SQL")
    if saved.team_id is not None and saved.team_name:
        return tr("Shared with the team {team}", team=words.plain(saved.team_name))
    return tr("Only you see it")


def _saved() -> None:
    every = session.read(queries.all_of)
    if not every:
        st.caption(tr("No query is saved yet: save one to find it here, or to share it."))
        return
    wanted = ""
    if len(every) > FEW:
        wanted = (st.text_input(tr("Find a saved query"), key="sql-find-saved") or "").casefold()
    for query in every:
        if wanted and wanted not in f"{query.name} {query.description} {query.user_name}".casefold():
            continue
        mark = "" if _is_own(query) else f" · {words.plain(query.user_name)}"
        shared = " :material/group:" if query.shared or query.team_id is not None else ""
        label = f"{words.plain(query.name)}{mark}{shared}"
        _button(label, "database", partial(drafts.open_query, query.id), f"sql-open-{query.id}")


def _history(draft: Draft) -> None:
    with session.reading() as tx:
        latest = runs.latest(tx, SHOWN_RUNS)
        now, locale = tx.now, tx.actor.language
    if not latest:
        st.caption(tr("Your runs are kept here, for you alone."))
    for run in latest:
        told = f"{_first_line(run.sql)} · {words.ago(run.created_at, now, locale)}"
        _button(words.plain(told), RUN_ICONS[run.state], partial(_bring_back, draft, run), f"sql-run-{run.id}")


RUN_ICONS = {"done": "check_circle", "refused": "error", "stopped": "cancel"}


def _first_line(sql: str) -> str:
    line = " ".join(sql.split())
    return line if len(line) <= 70 else f"{line[:69]}…"


def _bring_back(draft: Draft, run: Run) -> None:
    draft.replace(run.sql, run.parameters)
    st.rerun()


def _save(draft: Draft, saved: SavedSql) -> None:
    made = session.attempt(
        queries.edit,
        saved.id,
        version=saved.version,
        sql=draft.text,
        parameters=draft.named,
        chart=draft.chart,
    )
    if made:
        draft.was_saved(made)
        st.toast(tr("Saved"), icon=":material/check:")
        st.rerun()


def _revert(saved: SavedSql) -> None:
    drafts.forget(saved.id)
    st.rerun()


@dialog(later("Save this query"), icon=":material/bookmark_add:", on_dismiss=drawer_form.close)
def _save_as(draft: Draft) -> None:
    with st.form("save-sql-form", border=False):
        name = st.text_input(tr("Name"), max_chars=80, placeholder=tr("Won by month"), required=True)
        about = st.text_area(tr("Description"), max_chars=2_000, height=80)
        shared, team_id = _share_choice(None)
        pressed = st.form_submit_button(tr("Save"), type="primary", icon=":material/save:")
    if not pressed:
        return
    made = drawer_form.save(
        queries.create,
        name=name or "",
        description=about or "",
        sql=draft.text,
        parameters=draft.named,
        chart=draft.chart,
        shared=shared,
        team_id=team_id,
    )
    if made:
        run_id = draft.run_id
        drafts.forget(draft.saved.id if draft.saved else 0)
        drafts.hold(made, run_id)
        drafts.open_query(made.id)


@dialog(later("Name and sharing"), icon=":material/group:", on_dismiss=drawer_form.close)
def _details(draft: Draft, saved: SavedSql) -> None:
    with st.form("sql-details-form", border=False):
        name = st.text_input(tr("Name"), saved.name, max_chars=80, required=True)
        about = st.text_area(tr("Description"), saved.description, max_chars=2_000, height=80)
        shared, team_id = _share_choice(saved)
        pressed = st.form_submit_button(tr("Save"), type="primary", icon=":material/save:")
    if pressed:
        made = drawer_form.save(
            queries.edit, saved.id, name=name or "", description=about or "", shared=shared, team_id=team_id
        )
        if made:
            draft.saved = made
            st.rerun()


def _share_choice(saved: SavedSql | None) -> tuple[bool, int | None]:
    """Whether it is shared with everybody, or with which team."""
    own = session.actor().team_ids
    names = {team.id: team.name for team in session.read(teams.everyone) if team.id in own}
    if saved and saved.team_id is not None:
        names.setdefault(saved.team_id, saved.team_name or "")
    labels: dict[int, str] = {
        ALONE: tr("Only me"),
        **{team_id: tr("Team {team}", team=name) for team_id, name in names.items()},
        EVERYBODY: tr("Everybody who may run SQL"),
    }
    now = ALONE if saved is None else EVERYBODY if saved.shared else saved.team_id or ALONE
    chosen = st.selectbox(
        tr("Who may open and run it"),
        list(labels),
        index=list(labels).index(now),
        format_func=lambda each: labels[each],
        help=tr("Each sees in it what they may see, whoever wrote it. Only you change it."),
    )
    return chosen == EVERYBODY, chosen if chosen > 0 else None


ALONE, EVERYBODY = 0, -1


@dialog(later("Delete this query?"), icon=":material/delete:", on_dismiss=drawer_form.close)
def _delete(saved: SavedSql) -> None:
    goes = tr("**{name}** goes for good.", name=words.plain(saved.name))
    others = tr("It is shared: others lose it too.") if saved.shared or saved.team_id is not None else ""
    st.markdown(f"{goes} {others}".rstrip())
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(tr("Keep"), key="sql-keep"):
            drawer_form.close()
            st.rerun()
        if st.button(tr("Delete"), type="primary", icon=":material/delete:", key="sql-delete-sure"):
            try:
                session.do(queries.delete, saved.id)
            except CrmError as refusal:
                refusals.show(refusal)
                return
            drawer_form.close()
            drafts.forget(saved.id)
            drafts.open_query(0)


def _is_own(saved: SavedSql) -> bool:
    return saved.user_id == session.actor().id


def _start(name: str) -> None:
    # Drawn by the next run of the whole page: within a fragment or popover it would close with it.
    drawer_form.start(name)
    st.rerun()


def _button(label: str, icon: str, do: Callable[[], object], key: str, *, disabled: bool = False) -> None:
    if st.button(label, type="tertiary", icon=f":material/{icon}:", key=key, disabled=disabled):
        do()
