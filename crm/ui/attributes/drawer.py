"""Which drawer of the attribute settings is open: the word `attribute` of the address, `new`, `order` or an id."""

import streamlit as st

NEW, ORDER = "new", "order"


def open_(what: str) -> None:
    st.query_params["attribute"] = what


def current() -> str:
    """The drawer that the address names, an empty text for none."""
    return st.query_params.get("attribute", "")


def close() -> None:
    st.query_params.pop("attribute", None)


def done() -> None:
    """Close the drawer and rerun the page."""
    close()
    st.rerun()
