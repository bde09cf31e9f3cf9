"""The choice of the language that one reads, under Account."""

import streamlit as st

from crm.foundation import language
from crm.foundation.language import tr
from crm.platform.people import users
from crm.ui import redirects, session

_KEY = "account-language"
_CHOSEN = "account-language-chosen"


def show() -> None:
    """First on its page: once another language was chosen the page is loaded anew, and nothing below is drawn."""
    if st.session_state.pop(_CHOSEN, False):
        # Boxes hold the words of their choices, and the browser's scripts their texts: both in the language before.
        redirects.reload()
        st.stop()
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
    st.session_state[_CHOSEN] = session.done(users.choose_language, str(st.session_state[_KEY]))
