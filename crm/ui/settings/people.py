"""Settings › Users: who has an account, and what each may do."""

import streamlit as st

from crm.foundation.access import ROLE_PERMISSIONS, Permission, Role
from crm.platform.people import passwords, second_factor, teams, users
from crm.platform.people.users import User
from crm.ui import session, words
from crm.ui.auth import confirming

ROLE_EXPLANATIONS = {
    Role.ADMINISTRATOR: "everything, settings included",
    Role.MANAGER: "everything but settings; sees everybody's records",
    Role.REP: "works contacts and deals, exports",
    Role.ANALYST: "reads everything, runs SQL, exports",
    Role.VIEWER: "looks, changes nothing",
}


def show() -> None:
    with session.reading() as tx:
        everyone = users.everyone(tx)
        all_teams = teams.everyone(tx)
        secured = second_factor.owners(tx)
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        search = st.text_input(
            "Search", type="search", live=True, placeholder="Name or email", label_visibility="collapsed", width=280
        )
        if st.button("Add user", type="primary", icon=":material/person_add:"):
            _add()
    shown = [user for user in everyone if (search or "").lower() in f"{user.name} {user.email}".lower()]
    st.caption(f"{len(shown)} of {len(everyone)} users")
    for user in shown:
        _row(user, [team.name for team in all_teams if user.id in team.member_ids], secured=user.id in secured)


def _row(user: User, team_names: list[str], *, secured: bool) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(gap=None, width="stretch"):
            st.markdown(f"**{words.plain(user.name)}**")
            st.caption(words.plain(" · ".join([user.email, *team_names])))
        if not user.active:
            st.badge("disabled", color="gray", icon=":material/block:")
        if secured:
            st.badge("second factor", color="green", icon=":material/verified_user:")
        st.badge(user.role.value, color="violet" if user.role is Role.ADMINISTRATOR else "blue")
        if st.button("Edit", key=f"edit-user-{user.id}", icon=":material/edit:", type="tertiary"):
            _edit(user)


@st.dialog("Add a user", icon=":material/person_add:", on_dismiss="rerun")
def _add() -> None:
    if not confirming.confirmed("add-user"):
        return
    place = st.empty()
    with place.form("add-user", border=False):
        name = st.text_input("Name", required=True)
        email = st.text_input("Email", type="email", required=True)
        role = st.selectbox("Role", list(Role), index=2, format_func=_role_words)
        pressed = st.form_submit_button("Add", type="primary", width="stretch")
    if not pressed or role is None:
        return
    password = passwords.generated()
    user = session.attempt(
        users.add, email=email or "", name=name or "", role=role, password_hash=passwords.hashed(password)
    )
    if user:
        # Without the form nobody adds the same person twice.
        place.empty()
        _show_password(user, password, "They")


@st.dialog("User", position="right", icon=":material/person:")
def _edit(user: User) -> None:
    with session.reading() as tx:
        granted = users.grants(tx, user.id)
        second = second_factor.of_user(tx, user.id)
    st.caption(words.plain(user.email))
    if not confirming.confirmed("edit-user"):
        return
    with st.form(f"user-{user.id}", border=False):
        name = st.text_input("Name", user.name, required=True)
        role = st.selectbox("Role", list(Role), index=list(Role).index(user.role), format_func=_role_words)
        permissions = st.multiselect(
            "Extra permissions",
            # Nobody is granted what their role may do anyhow; what was granted before stays, to be taken away.
            sorted(set(Permission) - ROLE_PERMISSIONS[user.role] | granted),
            sorted(granted),
            help="What this person may do beyond their role.",
        )
        if st.form_submit_button("Save", type="primary", width="stretch") and session.done(
            users.change, user.id, name=name or "", role=role, permissions=permissions
        ):
            st.rerun()
    st.divider()
    if st.button("New password", icon=":material/key:", width="stretch", key="new-password"):
        password = passwords.generated()
        # Hashed before the transaction: argon2 takes longer than the writer should be held.
        if session.done(users.set_password, user.id, passwords.hashed(password)):
            _show_password(user, password, "All sessions they had are ended; they")
    if (
        second is not None
        and user.id != session.actor().id
        and st.button(
            "Reset second factor",
            icon=":material/phonelink_erase:",
            width="stretch",
            key="reset-second-factor",
            help="For somebody who lost phone and recovery codes. Their sessions end.",
        )
        and session.done(second_factor.reset, user.id)
    ):
        st.rerun()
    label, icon, verb = (
        ("Disable", ":material/block:", users.disable) if user.active else ("Enable", ":material/check:", users.enable)
    )
    if st.button(label, icon=icon, width="stretch", key="switch-user") and session.done(verb, user.id):
        st.rerun()


def _show_password(user: User, password: str, then: str) -> None:
    st.success(f"{words.plain(user.name)} signs in as {words.plain(user.email)} with", icon=":material/check:")
    st.code(password, language=None)
    st.caption(f"This is shown once. {then} can change it under Account.")


def _role_words(role: Role) -> str:
    return f"{role.value.capitalize()}: {ROLE_EXPLANATIONS[role]}"
