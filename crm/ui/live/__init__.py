"""Reruns a page, or the fragment that calls it, when others change what it shows.

`live.on_change("deal", "stage", key="board")` mounts an invisible component whose EventSource listens to /events. A
message is kinds and their last events, never a record: the rerun reads as the person it belongs to.
"""

from pathlib import Path

import streamlit as st

from crm.platform import process
from crm.ui.components import modules

_feed = st.components.v2.component("mallard_live", js=modules.joined(Path(__file__).parent / "live.js"))


def on_change(*kinds: str, key: str, beside_dialogs: bool = False) -> None:
    """Rerun the caller once a record of one of the kinds was changed after what is shown was read, and no dialog is
    open. `beside_dialogs`: even while one is, for a fragment that no dialog belongs to.

    Call it before reading what is shown.
    """
    with st.container(key=f"unseen-{key}"):
        # Taken before the page reads, the sequence number is never newer than the figures beside it.
        data = {"kinds": list(kinds), "seq": process.store().seq, "besideDialogs": beside_dialogs}
        _feed(key=key, data=data, on_changed_change=_rerun)


def _rerun() -> None:
    """A trigger alone reruns; the callback only gives it a name."""
