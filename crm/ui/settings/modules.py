"""Settings › Modules: which modules are on."""

import streamlit as st

from crm.foundation.access import Module
from crm.foundation.language import later, tr
from crm.platform import workspace
from crm.ui import record_links, session
from crm.ui.objects import place

EXPLANATIONS = {
    Module.CRM: (later("Pipelines and deals"), later("The board, deals, forecast and conversion.")),
    Module.COMPANIES: (later("Companies"), later("Organisations behind the contacts, unique by domain.")),
    Module.ORDERS: (later("Orders"), later("A log of orders with their status.")),
    Module.OBJECTS: (later("Custom objects"), later("Types of record made without code.")),
    Module.CATALOG: (later("Catalog"), later("Products and prices for deal lines.")),
    Module.CONVERSATIONS: (later("Conversations"), later("The log of messages with customers.")),
}
IN_THIS_VERSION = frozenset({Module.CRM, Module.COMPANIES, Module.ORDERS, Module.CATALOG, Module.OBJECTS})


def show() -> None:
    with session.reading() as tx:
        on = workspace.get(tx).modules
    st.caption(tr("A module that is off is gone from pages, searches and the API. Its data is kept."))
    for module, texts in EXPLANATIONS.items():
        title, explanation = map(tr, texts)
        available = module in IN_THIS_VERSION
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            with st.container(gap=None, width="stretch"):
                st.markdown(f"**{title}**")
                coming = "" if available else tr("Not in this version.")
                st.caption(f"{explanation} {coming}".rstrip())
                if module is Module.OBJECTS and module in on:
                    page = record_links.page(place.PAGE)
                    st.page_link(page, label=tr("Record types"), icon=":material/arrow_forward:")
            switched_on = st.toggle(
                title, module in on, key=f"module-{module}", label_visibility="collapsed", disabled=not available
            )
        if switched_on != (module in on) and session.done(workspace.switch, module, switched_on):
            st.rerun()
