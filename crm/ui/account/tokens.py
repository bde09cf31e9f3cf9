"""One's own API tokens under Account: list, revoke, make one."""

from datetime import datetime, timedelta

import streamlit as st

from crm.foundation.language import plural, tr
from crm.platform.people import tokens
from crm.platform.people.tokens import Scope, Token
from crm.ui import session
from crm.ui.auth import confirming
from crm.ui.settings import api_tokens


def show(own: list[Token], name_of_me: str, time_zone: str, now: datetime) -> None:
    st.subheader(tr("API tokens"))
    for token in own:
        api_tokens.row(token, name_of_me, time_zone)
    with st.form("token"):
        name = st.text_input(tr("What is it for?"), placeholder=tr("Nightly export"))
        scopes = st.multiselect(tr("Permissions"), list(Scope), [Scope.READ], format_func=tr)
        days = st.selectbox(tr("Expires after"), [30, 90, 365], 1, format_func=_shown_days)
        sent = st.form_submit_button(tr("Create a token"), icon=":material/key:")
    if sent:
        confirming.run_confirmed("token", lambda: _make(name or "", scopes, now + timedelta(days=days)))


def _shown_days(count: int) -> str:
    return plural("{count} day", "{count} days", count)


def _make(name: str, scopes: list[Scope], expires_at: datetime) -> None:
    made = session.attempt(tokens.issue, name=name, scopes=scopes, expires_at=expires_at)
    if made:
        # The store keeps a hash: the text cannot be shown again.
        st.success(tr("This is the token. It is shown once."), icon=":material/key:")
        st.code(made.text, language=None)
