"""Where one is signed in, and which browsers are known, under Account."""

from datetime import datetime

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from crm.foundation import settings
from crm.foundation.language import current, tr
from crm.platform.people import known_browsers, sessions
from crm.platform.people.known_browsers import KnownBrowser
from crm.platform.people.sessions import Session
from crm.ui import session, words
from crm.ui.auth.auth_middleware import Site


def show(open_sessions: list[Session], browsers: list[KnownBrowser], now: datetime) -> None:
    st.subheader(tr("Sessions"))
    for known in open_sessions:
        here = known.id_hash == session.id_hash()
        detail = tr(
            "Signed in {begun}, last used {used}",
            begun=words.ago(known.created_at, now, current()),
            used=words.ago(known.last_seen_at, now, current()),
        )
        with _row(tr("This browser") if here else tr("Another browser"), detail):
            if not here:
                st.button(
                    tr("End"),
                    key=f"end-{known.id_hash}",
                    type="tertiary",
                    icon=":material/logout:",
                    on_click=session.attempt,
                    args=(sessions.end_own, known.id_hash),
                )
    st.subheader(tr("Known browsers"))
    st.caption(tr("Where you signed in before, nobody else's wrong guesses of your password make you wait."))
    own = _hash_of_this_browser()
    for browser in browsers:
        detail = tr(
            "Since {begun}, last sign-in {used}",
            begun=words.ago(browser.created_at, now, current()),
            used=words.ago(browser.last_used_at, now, current()),
        )
        with _row(tr("This browser") if browser.token_hash == own else tr("Another browser"), detail):
            st.button(
                tr("Forget"),
                key=f"forget-{browser.token_hash}",
                type="tertiary",
                icon=":material/delete:",
                on_click=session.attempt,
                args=(known_browsers.forget, browser.token_hash),
            )


def _row(title: str, detail: str) -> DeltaGenerator:
    row = st.container(border=True, horizontal=True, vertical_alignment="center")
    with row, st.container(gap=None, width="stretch"):
        st.markdown(f"**{title}**")
        st.caption(detail)
    return row


def _hash_of_this_browser() -> str | None:
    # The store holds only the hash: the token itself is known to its browser alone.
    token = st.context.cookies.get(Site.of(settings.load()).browser_cookie)
    return known_browsers.hashed(str(token)) if token else None
