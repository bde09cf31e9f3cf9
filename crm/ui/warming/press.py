"""Tells the server at the press of a link which record's page is about to be opened: at the click it is read."""

from pathlib import Path

import streamlit as st

HERE = Path(__file__).parent

_watch = st.components.v2.component("mallard_warming", js=(HERE / "press.js").read_text())


def watch() -> None:
    """Mount the script that hears presses on links to records; on every page."""
    with st.container(key="unseen-warming"):
        _watch(key="warming")
