"""The choice of the language that one reads, under Account."""

import streamlit as st

from crm.foundation import language
from crm.foundation.language import tr
from crm.platform.people import users
from crm.ui import session

_KEY = "account-language"


def show() -> None:
    st.subheader(tr("Language"))
    st.selectbox(
        tr("Language of texts, numbers and days"),
        language.LANGUAGES,
        index=language.LANGUAGES.index(session.actor().language),
        format_func=language.own_name,
        key=_KEY,
        on_change=_choose,
    )


def _choose() -> None:
    session.done(users.choose_language, str(st.session_state[_KEY]))
