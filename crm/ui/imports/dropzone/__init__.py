"""The place to drop a file on: it is streamed to disk by PUT /uploads, whatever its size, with its progress shown.

Streamlit's own uploader holds a file in memory several times over: 1.6 GB for one of 630 MB, 163 MB this way.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from crm.foundation.language import tr
from crm.ui.components import modules

HERE = Path(__file__).parent

_mount = st.components.v2.component(
    "mallard_dropzone",
    html='<div class="zone"></div>',
    css=(HERE / "dropzone.css").read_text(),
    js=modules.joined(HERE / "dropzone.js"),
)


def dropzone(*, suffixes: Sequence[str], largest_mb: int, key: str, on_uploaded: Callable[[], None]) -> None:
    """In the callback `st.session_state[key].uploaded` is the id of the new upload."""
    _mount(
        key=key,
        data={
            "suffixes": list(suffixes),
            "largest": largest_mb * 2**20,
            "largestWords": tr("{count:,} MB", count=largest_mb),
        },
        on_uploaded_change=on_uploaded,
    )
