"""Settings: users, teams, modules and all else that holds for the workspace, for those who manage it."""

import streamlit as st

from crm.foundation.access import Module, Permission
from crm.foundation.language import later, tr
from crm.ui import session
from crm.ui.checklists import templates
from crm.ui.components import address
from crm.ui.settings import (
    api_tokens,
    attributes,
    audit_log,
    currencies,
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
    later("Users"): people.show,
    later("Teams"): teams.show,
    later("Modules"): modules.show,
    later("Attributes"): attributes.show,
    later("Labels"): labels.show,
    later("Checklists"): templates.show,
    later("Workspace"): workspace.show,
    later("Currencies"): currencies.show,
    later("Letterhead"): letterhead.show,
    later("Privacy"): privacy.show,
    later("API tokens"): api_tokens.show,
    later("Webhooks"): webhooks.show,
    later("Audit log"): audit_log.show,
}

OF_DEALS = ("Checklists", "Letterhead")

actor = session.require(Permission.MANAGE_SETTINGS)
sections = [name for name in SECTIONS if name not in OF_DEALS or actor.has(Module.CRM)]
st.title(tr("Settings"))
section = address.segments(tr("Section"), "section", {name: tr(name) for name in sections}, default="Users")
SECTIONS[section]()
