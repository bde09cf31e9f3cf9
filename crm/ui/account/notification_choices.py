"""The choice of notifications under Account: for each kind, whether it comes in the app and by mail."""

import streamlit as st

from crm import notifications
from crm.foundation.language import later, tr
from crm.notifications import KINDS, Channel, Kind
from crm.platform import mail
from crm.ui import session

NAMES = {Channel.APP: later("In the app"), Channel.EMAIL: later("By email")}


def show() -> None:
    """Draw a row for each kind that people of this role can get."""
    with session.reading() as tx:
        actor, chosen = tx.actor, notifications.mine(tx)
    st.subheader(tr("Notifications"))
    if not mail.is_set_up():
        st.caption(tr("Nothing goes by mail: no mail server is set up here (`CRM_SMTP_URL`)."))
    for kind, declared in KINDS.items():
        # Kinds that never reach people of this role, such as every win for a rep, are not offered.
        if actor.role in declared.roles:
            with st.container(border=True, horizontal=True, vertical_alignment="center"):
                with st.container(gap=None, width="stretch"):
                    st.markdown(f"**{tr(declared.title)}**")
                    st.caption(tr(declared.says))
                for channel, name in NAMES.items():
                    st.checkbox(
                        tr(name),
                        channel in chosen[kind],
                        key=f"told-{kind}-{channel}",
                        on_change=_choose,
                        args=(kind,),
                    )
    st.caption(tr("The first few mails of a day come as things happen; what is beyond comes together in the morning."))


def _choose(kind: Kind) -> None:
    channels = frozenset(channel for channel in NAMES if st.session_state[f"told-{kind}-{channel}"])
    session.attempt(notifications.choose, kind, channels)
