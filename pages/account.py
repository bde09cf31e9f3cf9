"""Account: one's own password, second factor, notifications, sessions and API tokens."""

import streamlit as st

from crm.foundation.language import tr
from crm.platform.people import known_browsers, sessions, tokens, users
from crm.ui import session, words
from crm.ui.account import language_choice, notification_choices, password, second_factor
from crm.ui.account import sessions as own_sessions
from crm.ui.account import tokens as api_tokens

with session.reading() as tx:
    me = users.get(tx, tx.actor.id)
    has_tokens = any(token.revoked_at is None for token in tokens.mine(tx))

st.title(tr("Account"))
st.caption(words.plain(f"{me.name} · {me.email} · {tr(me.role)}"))

left, right = st.columns(2, gap="large")

with left:
    language_choice.show()
    password.show(has_tokens)
    with session.reading() as tx:  # anew: another password has just ended sessions and tokens
        actor, now = tx.actor, tx.now
        open_sessions = sessions.of_user(tx, actor.id)
        browsers = known_browsers.of_actor(tx)
        own_tokens = [token for token in tokens.mine(tx) if token.revoked_at is None]
    notification_choices.show()
    own_sessions.show(open_sessions, browsers, now)

with right:
    second_factor.show()
    api_tokens.show(own_tokens, me.name, actor.time_zone, now)
