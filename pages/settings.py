"""Settings: users, teams, modules and all else that holds for the workspace, for those who manage it."""

import streamlit as st

from crm.foundation.access import Module, Permission
from crm.ui import session
from crm.ui.checklists import templates
from crm.ui.settings import (
    api_tokens,
    attributes,
    audit_log,
    labels,
    letterhead,
    modules,
    people,
    privacy,
    teams,
    webhooks,
    workspace,
)

SECTIONS = {
    "Users": people.show,
    "Teams": teams.show,
    "Modules": modules.show,
    "Attributes": attributes.show,
    "Labels": labels.show,
    "Checklists": templates.show,
    "Workspace": workspace.show,
    "Letterhead": letterhead.show,
    "Privacy": privacy.show,
    "API tokens": api_tokens.show,
    "Webhooks": webhooks.show,
    "Audit log": audit_log.show,
}

OF_DEALS = ("Checklists", "Letterhead")

actor = session.require(Permission.MANAGE_SETTINGS)
sections = [name for name in SECTIONS if name not in OF_DEALS or actor.has(Module.CRM)]
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
