"""Settings › API tokens: everybody's tokens in use, to see and to revoke."""

import streamlit as st

from crm.foundation.language import tr
from crm.platform.people import tokens, users
from crm.platform.people.tokens import Token
from crm.ui import session, words


def show() -> None:
    with session.reading() as tx:
        names = {user.id: user.name for user in users.everyone(tx)}
        live = tokens.everyones(tx)
        time_zone = tx.actor.time_zone
    st.caption(
        tr("Programs use the API with a token, as the person it belongs to. Everyone makes their own under Account.")
    )
    if not live:
        st.info(tr("No token is in use."), icon=":material/key:")
    for token in live:
        row(token, names[token.user_id], time_zone)


def row(token: Token, owner: str, time_zone: str) -> None:
    """Draw one token, with the button that revokes it."""
    last = (
        tr("last used {moment}", moment=words.moment(token.last_used_at, time_zone))
        if token.last_used_at
        else tr("never used")
    )
    ends = (
        tr("expires {moment}", moment=words.moment(token.expires_at, time_zone))
        if token.expires_at
        else tr("does not expire")
    )
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(gap=None, width="stretch"):
            st.markdown(f"**{words.plain(token.name)}**")
            st.caption(words.plain(f"{owner} · {', '.join(sorted(token.scopes))} · {last} · {ends}"))
        if st.button(
            tr("Revoke"), key=f"revoke-{token.id}", icon=":material/key_off:", type="tertiary"
        ) and session.done(tokens.revoke, token.id):
            st.rerun()
