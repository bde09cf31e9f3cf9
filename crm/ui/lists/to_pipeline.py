"""The button and the dialog that add picked contacts to a pipeline: a deal for each."""

import streamlit as st

from crm import deals
from crm.foundation.access import Module, Permission
from crm.foundation.language import plural, tr
from crm.ui import session, undo
from crm.ui.forms import drawer_form
from crm.ui.lists import deal_choices, picking
from crm.ui.lists.picking import Picked

_OPEN = "picked-for-pipeline"


def button(found: Picked, *, key: str) -> None:
    """Draw the button, for those who may make deals."""
    actor = session.actor()
    if actor.has(Module.CRM) and actor.may(Permission.MANAGE_CRM):
        st.button(
            tr("Add to pipeline"),
            icon=":material/view_kanban:",
            key=f"{key}-to-pipeline",
            on_click=_start,
            args=(found,),
        )


def _start(found: Picked) -> None:
    drawer_form.start(_OPEN)
    st.session_state[_OPEN] = found


def ask_if_started(*, key: str) -> None:
    """Draw the dialog for what was picked when the button was pressed, if it is open."""
    if not drawer_form.is_open(_OPEN):
        return
    found: Picked = st.session_state[_OPEN]

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
