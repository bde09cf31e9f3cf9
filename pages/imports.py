"""Imports: bring contacts, companies and deals in from files."""

import streamlit as st

from crm.access import Permission
from crm.ui import address, session
from crm.ui.imports import listing, new, one

session.require(Permission.IMPORT)
if "import" in st.query_params:
    one.show(address.record_id("import"))
elif "new" in st.query_params:
    new.show(st.query_params["new"])
else:
    listing.show()
