"""A field that two people changed to different values: what it was, both values, and the choice."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from crm.foundation.language import tr
from crm.ui import words


def choose(
    label: str,
    *,
    was: str,
    mine: str,
    theirs: str,
    key: str,
    keep_mine: Callable[..., None],
    take_theirs: Callable[..., None],
    args: tuple[Any, ...] = (),
) -> None:
    """Draw the choice. `label` is Markdown, the values are texts; the two callbacks are called with `args`."""
    with st.container(border=True, gap="xsmall"):
        st.markdown(tr("**{label}** · it was {value}", label=label, value=_shown(was)))
        left, right = st.columns(2)
        with left:
            st.caption(tr("Yours"))
            st.markdown(_shown(mine))
            st.button(tr("Keep mine"), icon=":material/person:", key=f"{key}-mine", on_click=keep_mine, args=args)
        with right:
            st.caption(tr("Theirs"))
            st.markdown(_shown(theirs))
            st.button(tr("Take theirs"), icon=":material/group:", key=f"{key}-theirs", on_click=take_theirs, args=args)


def _shown(value: str) -> str:
    return "–" if value in ("", "–") else f"**{words.plain(value)}**"
