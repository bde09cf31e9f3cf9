"""The frame around every page: who is here, where they may go, and what waits for them."""

import streamlit as st

from crm.settings import HOUSE
from crm.ui import session


def show() -> None:
    st.set_page_config(page_title="Mallard", page_icon=str(HOUSE / "static" / "icon.svg"), layout="wide")
    actor = session.actor()
    page = st.navigation(
        [st.Page(lambda: st.title(f"Hello {actor.name}"), title="Home", url_path="home", default=True)]
    )
    page.run()
