"""One's own account: password, what one is told of, sessions, API tokens."""

from datetime import timedelta

import streamlit as st

from crm import process, sessions, signing_in, tokens, users
from crm.tokens import Scope
from crm.ui import session, told_choices, words
from crm.ui.settings import keys

with session.reading() as tx:
    actor, now = tx.actor, tx.now
    me = users.get(tx, actor.id)
    open_sessions = sessions.of_user(tx, actor.id)
    own_tokens = [token for token in tokens.mine(tx) if token.revoked_at is None]

st.title("Account")
st.caption(words.plain(f"{me.name} · {me.email} · {me.role}"))

left, right = st.columns(2, gap="large")

with left:
    st.subheader("Password")
    with st.form("password", clear_on_submit=True):
        old = st.text_input("Password now", type="password", autocomplete="current-password")
        new = st.text_input(
            "New password",
            type="password",
            autocomplete="new-password",
            help="At least 15 characters: a few words that do not belong together.",
        )
        asked = st.form_submit_button("Change password", type="primary")
    if asked and session.tried(
        signing_in.change_password,
        process.store(),
        actor,
        old=old or "",
        new=new or "",
        session_hash=session.id_hash(),
    ):
        st.success("Changed. Your other sessions are ended.", icon=":material/check:")

    told_choices.show()

    st.subheader("Sessions")
    for known in open_sessions:
        here = known.id_hash == session.id_hash()
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            with st.container(gap=None, width="stretch"):
                st.markdown("**This browser**" if here else "**Another browser**")
                st.caption(
                    f"Signed in {words.ago(known.created_at, now)}, last used {words.ago(known.last_seen_at, now)}"
                )
            if not here:
                st.button(
                    "End",
                    key=f"end-{known.id_hash}",
                    type="tertiary",
                    icon=":material/logout:",
                    on_click=session.attempt,
                    args=(sessions.end_own, known.id_hash),
                )

with right:
    st.subheader("API tokens")
    for token in own_tokens:
        keys.row(token, me.name, actor.time_zone)
    with st.form("token"):
        name = st.text_input("What is it for?", placeholder="Nightly export")
        scopes = st.multiselect("May", list(Scope), [Scope.READ])
        days = st.selectbox("Works for", [30, 90, 365], 1, format_func=lambda count: f"{count} days")
        made = st.form_submit_button("Make a token", icon=":material/key:") and session.attempt(
            tokens.issue, name=name or "", scopes=scopes, expires_at=now + timedelta(days=days)
        )
    if made:
        st.success("This is the token. It is shown once.", icon=":material/key:")
        st.code(made.text, language=None)
