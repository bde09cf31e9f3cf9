"""Settings, for those who manage them."""

import streamlit as st

from crm.foundation.access import Module, Permission
from crm.ui import session
from crm.ui.checklists import templates
from crm.ui.settings import attributes, keys, labels, log, modules, people, place, privacy, teams, webhooks

SECTIONS = {
    "Users": people.show,
    "Teams": teams.show,
    "Modules": modules.show,
    "Attributes": attributes.show,
    "Labels": labels.show,
    "Checklists": templates.show,
    "Workspace": place.show,
    "Privacy": privacy.show,
    "API tokens": keys.show,
    "Webhooks": webhooks.show,
    "Audit log": log.show,
}

actor = session.require(Permission.MANAGE_SETTINGS)
sections = [name for name in SECTIONS if name != "Checklists" or actor.has(Module.CRM)]
st.title("Settings")
section = st.segmented_control(
    "Section",
    sections,
    default="Users",
    required=True,
    label_visibility="collapsed",
    key="section",
    bind="query-params",
)
SECTIONS[section]()
