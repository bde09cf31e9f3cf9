"""Styles of a page."""

import streamlit as st


def add(css: str, *, key: str) -> None:
    """Add a style sheet to the page; `key` is that of its own place."""
    with st.container(key=f"unseen-{key}"):
        # Streamlit moves a style that stands alone to where toasts are: the first toast takes its place.
        st.html(f"<style>{css}</style><i></i>")
