"""Settings › Users: who has an account, and what each may do."""

import streamlit as st

from crm.foundation.access import ROLE_PERMISSIONS, Permission, Role
from crm.foundation.language import later, tr
from crm.platform.people import passwords, second_factor, teams, users
from crm.platform.people.users import User
from crm.ui import session, words
from crm.ui.auth import confirming
from crm.ui.components.dialogs import dialog

ROLE_EXPLANATIONS = {
    Role.ADMINISTRATOR: later("everything, settings included"),
    Role.MANAGER: later("everything but settings; sees everybody's records"),
    Role.REP: later("works contacts and deals, exports"),
    Role.ANALYST: later("reads everything, runs SQL, exports"),
    Role.VIEWER: later("looks at records, changes nothing"),
}


def show() -> None:
    with session.reading() as tx:
        everyone = users.everyone(tx)
        all_teams = teams.everyone(tx)
        secured = second_factor.owners(tx)
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        search = st.text_input(
            tr("Search"),
            type="search",
            live=True,
            placeholder=tr("Name or email"),
            label_visibility="collapsed",
            width=280,
        )
        if st.button(tr("Add user"), type="primary", icon=":material/person_add:"):
            _add()
    shown = [user for user in everyone if (search or "").lower() in f"{user.name} {user.email}".lower()]
    st.caption(tr("{shown} of {count} users", shown=len(shown), count=len(everyone)))
    for user in shown:
        _row(user, [team.name for team in all_teams if user.id in team.member_ids], secured=user.id in secured)


def _row(user: User, team_names: list[str], *, secured: bool) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(gap=None, width="stretch"):
            st.markdown(f"**{words.plain(user.name)}**")
            st.caption(words.plain(" · ".join([user.email, *team_names])))
        if not user.active:
            st.badge(tr("disabled"), color="gray", icon=":material/block:")
        if secured:
            st.badge(tr("second factor"), color="green", icon=":material/verified_user:")
        st.badge(tr(user.role.value), color="violet" if user.role is Role.ADMINISTRATOR else "blue")
        if st.button(tr("Edit"), key=f"edit-user-{user.id}", icon=":material/edit:", type="tertiary"):
            _edit(user)


@dialog(later("Add a user"), icon=":material/person_add:", on_dismiss="rerun")
def _add() -> None:
    if not confirming.confirmed("add-user"):
        return
    place = st.empty()
    with place.form("add-user", border=False):
        name = st.text_input(tr("Name"), required=True)
        email = st.text_input(tr("Email"), type="email", required=True)
        role = st.selectbox(tr("Role"), list(Role), index=2, format_func=_role_words)
        pressed = st.form_submit_button(tr("Add"), type="primary", width="stretch")
    if not pressed or role is None:
        return
    password = passwords.generated()
    user = session.attempt(
        users.add, email=email or "", name=name or "", role=role, password_hash=passwords.hashed(password)
    )
    if user:
        # Without the form nobody adds the same person twice.
        place.empty()
        _show_password(user, password)


@dialog(later("User"), position="right", icon=":material/person:")
def _edit(user: User) -> None:
    with session.reading() as tx:
        granted = users.grants(tx, user.id)
        second = second_factor.of_user(tx, user.id)
    st.caption(words.plain(user.email))
    if not confirming.confirmed("edit-user"):
        return
    with st.form(f"user-{user.id}", border=False):
        name = st.text_input(tr("Name"), user.name, required=True)
        role = st.selectbox(tr("Role"), list(Role), index=list(Role).index(user.role), format_func=_role_words)
        permissions = st.multiselect(
            tr("Extra permissions"),
            # Nobody is granted what their role may do anyhow; what was granted before stays, to be taken away.
            sorted(set(Permission) - ROLE_PERMISSIONS[user.role] | granted),
            sorted(granted),
            format_func=lambda permission: tr(permission.value),
            help=tr("What this person may do beyond their role."),
        )
        if st.form_submit_button(tr("Save"), type="primary", width="stretch") and session.done(
            users.change, user.id, name=name or "", role=role, permissions=permissions
        ):
            st.rerun()
    st.divider()
    if st.button(tr("New password"), icon=":material/key:", width="stretch", key="new-password"):
        password = passwords.generated()
        # Hashed before the transaction: argon2 takes longer than the writer should be held.
        if session.done(users.set_password, user.id, passwords.hashed(password)):
            _show_password(user, password, ended=True)
    if (
        second is not None
        and user.id != session.actor().id
        and st.button(
            tr("Reset second factor"),
            icon=":material/phonelink_erase:",
            width="stretch",
            key="reset-second-factor",
            help=tr("For somebody who lost phone and recovery codes. Their sessions end."),
        )
        and session.done(second_factor.reset, user.id)
    ):
        st.rerun()
    label, icon, verb = (
        (tr("Disable"), ":material/block:", users.disable)
        if user.active
        else (tr("Enable"), ":material/check:", users.enable)
    )
    if st.button(label, icon=icon, width="stretch", key="switch-user") and session.done(verb, user.id):
        st.rerun()


def _show_password(user: User, password: str, *, ended: bool = False) -> None:
    st.success(
        tr("{name} signs in as {email} with", name=words.plain(user.name), email=words.plain(user.email)),
        icon=":material/check:",
    )
    st.code(password, language=None)
    if ended:
        st.caption(tr("This is shown once. All sessions they had are ended; they can change it under Account."))
    else:
        st.caption(tr("This is shown once. They can change it under Account."))


def _role_words(role: Role) -> str:
    return f"{tr(role.value).capitalize()}: {tr(ROLE_EXPLANATIONS[role])}"
