"""Which drawer is open stands in the address as `attribute`: new, order, or a number."""

import streamlit as st

NEW, ORDER = "new", "order"


def open_(what: str) -> None:
    st.query_params["attribute"] = what


def asked() -> str:
    return st.query_params.get("attribute", "")


def close() -> None:
    st.query_params.pop("attribute", None)


def done() -> None:
    """Close the drawer and draw the page as it then is."""
    close()
    st.rerun()
