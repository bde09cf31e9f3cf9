"""Settings, for those who manage them."""

import streamlit as st

from crm.access import Permission
from crm.ui import session
from crm.ui.settings import attributes, keys, labels, log, modules, people, place, privacy, teams

SECTIONS = {
    "Users": people.show,
    "Teams": teams.show,
    "Modules": modules.show,
    "Attributes": attributes.show,
    "Labels": labels.show,
    "Workspace": place.show,
    "Privacy": privacy.show,
    "API tokens": keys.show,
    "Audit log": log.show,
}

session.require(Permission.MANAGE_SETTINGS)
st.title("Settings")
section = st.segmented_control(
    "Section",
    list(SECTIONS),
    default="Users",
    required=True,
    label_visibility="collapsed",
    key="section",
    bind="query-params",
)
SECTIONS[section]()
