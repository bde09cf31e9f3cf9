"""One's own API tokens under Account: list, revoke, make one."""

from datetime import datetime, timedelta

import streamlit as st

from crm.platform.people import tokens
from crm.platform.people.tokens import Scope, Token
from crm.ui import session
from crm.ui.auth import confirming
from crm.ui.settings import api_tokens


def show(own: list[Token], name_of_me: str, time_zone: str, now: datetime) -> None:
    st.subheader("API tokens")
    for token in own:
        api_tokens.row(token, name_of_me, time_zone)
    with st.form("token"):
        name = st.text_input("What is it for?", placeholder="Nightly export")
        scopes = st.multiselect("Permissions", list(Scope), [Scope.READ])
        days = st.selectbox("Expires after", [30, 90, 365], 1, format_func=lambda count: f"{count} days")
        sent = st.form_submit_button("Create a token", icon=":material/key:")
    if sent:
        confirming.run_confirmed("token", lambda: _make(name or "", scopes, now + timedelta(days=days)))


def _make(name: str, scopes: list[Scope], expires_at: datetime) -> None:
    made = session.attempt(tokens.issue, name=name, scopes=scopes, expires_at=expires_at)
    if made:
        # The store keeps a hash: the text cannot be shown again.
        st.success("This is the token. It is shown once.", icon=":material/key:")
        st.code(made.text, language=None)
