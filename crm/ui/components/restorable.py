"""A row for what was deleted and can be brought back for a while."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from crm.foundation.language import tr
from crm.ui import session, words


@contextmanager
def row(name: str, said: str, restore: Callable[..., Any], item_id: int, *, key: str) -> Iterator[None]:
    """Draw its name (Markdown), what is said of it (plain), and the button that restores it; inside, further buttons
    stand beside that one."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(gap=None, width="stretch"):
            st.markdown(f"**{name}**")
            st.caption(words.plain(said))
        if st.button(tr("Restore"), key=key, icon=":material/undo:", type="tertiary") and session.done(
            restore, item_id
        ):
            st.rerun()
        yield
