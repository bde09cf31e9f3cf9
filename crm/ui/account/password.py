"""The form under Account that changes one's own password."""

import streamlit as st

from crm.platform import process
from crm.platform.people import signing_in
from crm.ui import session


def show(has_tokens: bool) -> None:
    st.subheader("Password")
    with st.form("password", clear_on_submit=True):
        old = st.text_input("Current password", type="password", autocomplete="current-password")
        new = st.text_input(
            "New password",
            type="password",
            autocomplete="new-password",
            help="At least 15 characters: a few words that do not belong together.",
        )
        end_tokens = st.checkbox(
            "End my API tokens, too",
            True,
            help="Whoever else knew the old password may have made some. Programs that use yours need new ones.",
            disabled=not has_tokens,
        )
        sent = st.form_submit_button("Change password", type="primary")
    if not sent:
        return
    # The verb opens the store itself: hashing takes longer than the writer should wait.
    changed = session.attempt_call(
        signing_in.change_password,
        process.store(),
        session.actor(),
        old=old or "",
        new=new or "",
        session_hash=session.id_hash(),
        end_tokens=end_tokens,
    )
    if changed:
        ended = "sessions and API tokens are" if end_tokens and has_tokens else "sessions are"
        st.success(f"Changed. Your other {ended} ended.", icon=":material/check:")
