"""The form under Account that changes one's own password."""

import streamlit as st

from crm.foundation.language import tr
from crm.platform import process
from crm.platform.people import signing_in
from crm.ui import session


def show(has_tokens: bool) -> None:
    st.subheader(tr("Password"))
    with st.form("password", clear_on_submit=True):
        old = st.text_input(tr("Current password"), type="password", autocomplete="current-password")
        new = st.text_input(
            tr("New password"),
            type="password",
            autocomplete="new-password",
            help=tr("At least 15 characters: a few words that do not belong together."),
        )
        end_tokens = st.checkbox(
            tr("End my API tokens, too"),
            True,
            help=tr("Whoever else knew the old password may have made some. Programs that use yours need new ones."),
            disabled=not has_tokens,
        )
        sent = st.form_submit_button(tr("Change password"), type="primary")
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
        said = tr("Changed. Your other sessions are ended.")
        if end_tokens and has_tokens:
            said = tr("Changed. Your other sessions and API tokens are ended.")
        st.success(said, icon=":material/check:")
