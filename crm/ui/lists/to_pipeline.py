"""The button and the dialog that add contacts to a pipeline, a deal for each: those picked in a list, or that of a
page."""

from typing import Any

import streamlit as st

from crm import deals
from crm.foundation.access import Module, Permission
from crm.foundation.language import plural, tr
from crm.ui import session, undo
from crm.ui.forms import drawer_form
from crm.ui.lists import deal_choices, picking
from crm.ui.lists.picking import Picked

_OPEN = "picked-for-pipeline"


def button(found: Picked, *, key: str, **options: Any) -> None:
    """Draw the button, for those who may make deals; `options` say how it looks."""
    actor = session.actor()
    if actor.has(Module.CRM) and actor.may(Permission.MANAGE_CRM):
        st.button(
            tr("Add to pipeline"),
            icon=":material/view_kanban:",
            key=f"{key}-to-pipeline",
            on_click=_start,
            args=(found, key),
            **options,
        )


def _start(found: Picked, key: str) -> None:
    drawer_form.start(_OPEN)
    st.session_state[_OPEN] = found, key


def is_open() -> bool:
    return drawer_form.is_open(_OPEN)


def show() -> None:
    """Draw the dialog for what was picked when the button was pressed."""
    found, key = st.session_state[_OPEN]

    @st.dialog(tr("Add to pipeline"), icon=":material/view_kanban:", on_dismiss=drawer_form.close)
    def dialog() -> None:
        change = deal_choices.stage()
        st.caption(
            plural(
                "Makes a deal: called as the contact, with their company, and yours.",
                "Makes {count:,} deals, one for each contact: called as the contact, with their company, and yours.",
                found.many,
            )
        )
        with st.container(horizontal=True, horizontal_alignment="right"):
            sure = st.button(
                plural("Add {count:,} deal", "Add {count:,} deals", found.many),
                type="primary",
                icon=":material/check:",
                disabled=change is None,
                key="to-pipeline-add",
            )
        if not sure or change is None or change.stage_id is None:
            return
        made = drawer_form.save(deals.add_contacts, found.query, stage_id=change.stage_id)
        if made:
            picking.clear(key)
            undo.offer(plural("{count:,} deal made.", "{count:,} deals made.", len(made)), deals.take_out, made)
            st.rerun()

    dialog()
