"""The notifications that one gets: a line for each kind, in the app and by mail."""

import streamlit as st

from crm import notifications
from crm.notifications import KINDS, Channel, Kind
from crm.platform import mail
from crm.ui import session

NAMES = {Channel.APP: "In the app", Channel.EMAIL: "By mail"}


def show() -> None:
    with session.reading() as tx:
        actor, chosen = tx.actor, notifications.mine(tx)
    st.subheader("Notices")
    if not mail.is_set_up():
        st.caption("Nothing goes by mail: no mail server is set up here (`CRM_SMTP_URL`).")
    for kind, about in KINDS.items():
        if actor.role in about.roles:
            with st.container(border=True, horizontal=True, vertical_alignment="center"):
                with st.container(gap=None, width="stretch"):
                    st.markdown(f"**{about.title}**")
                    st.caption(about.says)
                for channel, name in NAMES.items():
                    st.checkbox(
                        name,
                        channel in chosen[kind],
                        key=f"told-{kind}-{channel}",
                        on_change=_choose,
                        args=(kind,),
                    )
    st.caption("The first few mails of a day come as things happen; what is beyond comes together in the morning.")


def _choose(kind: Kind) -> None:
    channels = frozenset(channel for channel in NAMES if st.session_state[f"told-{kind}-{channel}"])
    session.attempt(notifications.choose, kind, channels)
