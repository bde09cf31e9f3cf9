"""Settings › Teams."""

import streamlit as st

from crm.foundation.language import later, tr
from crm.platform.people import teams, users
from crm.platform.people.teams import Team
from crm.ui import session, words
from crm.ui.components.dialogs import dialog


def show() -> None:
    with session.reading() as tx:
        everyone = {user.id: user.name for user in users.everyone(tx)}
        all_teams = teams.everyone(tx)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(tr("With owner-based privacy on, people see what their teams own."), width="content")
        if st.button(tr("New team"), type="primary", icon=":material/group_add:"):
            _create()
    if not all_teams:
        st.info(tr("There is no team yet."), icon=":material/groups:")
    for team in all_teams:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            with st.container(gap=None, width="stretch"):
                st.markdown(f"**{words.plain(team.name)}**")
                st.caption(words.plain(", ".join(everyone[member] for member in team.member_ids)) or tr("Nobody yet"))
            if st.button(tr("Edit"), key=f"edit-team-{team.id}", icon=":material/edit:", type="tertiary"):
                _edit(team, everyone)


@dialog(later("New team"), icon=":material/group_add:")
def _create() -> None:
    with st.form("new-team", border=False):
        name = st.text_input(tr("Name"), required=True)
        if st.form_submit_button(tr("Create"), type="primary", width="stretch") and session.done(
            teams.create, name or ""
        ):
            st.rerun()


@dialog(later("Team"), position="right", icon=":material/groups:")
def _edit(team: Team, everyone: dict[int, str]) -> None:
    with st.form(f"team-{team.id}", border=False):
        name = st.text_input(tr("Name"), team.name, required=True)
        members = st.multiselect(
            tr("Members"), list(everyone), list(team.member_ids), format_func=lambda member: everyone[member]
        )
        if st.form_submit_button(tr("Save"), type="primary", width="stretch") and session.done(
            teams.change, team.id, name=name or "", member_ids=members
        ):
            st.rerun()
