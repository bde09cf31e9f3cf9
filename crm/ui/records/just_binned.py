"""The box that says which record was just deleted, with the way back."""

import streamlit as st

from crm.records import registry
from crm.ui import record_links, session, words

_KEY = "just-binned"


def remember(kind: str, record_id: int, shown: str) -> None:
    st.session_state[_KEY] = (kind, record_id, shown)


def offer() -> None:
    """On the list that one comes back to."""
    if _KEY not in st.session_state:
        return
    kind, record_id, shown = st.session_state[_KEY]
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/delete: {words.plain(shown)} is in the bin, for 30 days.", width="stretch")
        if st.button("Restore", icon=":material/undo:", key="restore-just-binned"):
            del st.session_state[_KEY]  # first, since opening the record ends this run
            restored = session.attempt(registry.room(kind).restore, record_id)
            if restored:
                record_links.open_record(kind, record_id)
        if st.button("Dismiss", type="tertiary", icon=":material/close:", key="dismiss-just-binned"):
            del st.session_state[_KEY]
            st.rerun()
