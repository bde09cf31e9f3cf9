"""Imports: bring records in from files."""

import streamlit as st

from crm.foundation.access import Permission
from crm.foundation.errors import NotFound
from crm.foundation.language import tr
from crm.ui import refusals, session
from crm.ui.components import address
from crm.ui.imports import details, listing, new


def body() -> None:
    if "import" in st.query_params:
        details.show(address.record_id("import"))
    elif "new" in st.query_params:
        new.show(st.query_params["new"])
    else:
        listing.show()


session.require(Permission.IMPORT)
try:
    body()
except NotFound as refusal:  # an old address, or somebody else's
    refusals.show(refusal)
    st.page_link("pages/imports.py", label=tr("All imports"), icon=":material/arrow_back:")
