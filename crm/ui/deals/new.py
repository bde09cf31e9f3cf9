"""The dialog that makes a deal."""

from typing import Any

import streamlit as st

from crm import deals
from crm.pipelines import Pipeline
from crm.ui import session, words
from crm.ui.deals import drawer, form
from crm.ui.deals.draft import Draft, forget

KEY = "new-deal"
FIELDS = ("title", "value", "currency", "expected_close", "priority", "contact_id", "company_id", "owner_id")


def ask() -> None:
    """Callback: have the dialog open on the next run. One at a time: the drawer closes."""
    drawer.dismiss()
    st.session_state[f"{KEY}-asked"] = True


def asked() -> bool:
    return f"{KEY}-asked" in st.session_state


def dismiss() -> None:
    forget(KEY)


@st.dialog("New deal", width="medium", icon=":material/add_circle:", on_dismiss=dismiss)
def show(pipeline: Pipeline) -> None:
    with session.reading() as tx:
        actor = tx.actor
        given = form.choices(tx)
    empty: dict[str, Any] = dict.fromkeys(FIELDS) | {"title": "", "currency": actor.currency, "owner_id": actor.id}
    draft = Draft(KEY, empty, 0)
    names = {stage.id: stage.name for stage in pipeline.open_stages}
    stage_id = st.selectbox(
        f"Stage in {words.plain(pipeline.name)}", list(names), format_func=lambda one: names[one], key=f"{KEY}-stage"
    )
    form.draw(draft, given, {"owner_id": actor.name})
    with st.container(horizontal=True, horizontal_alignment="right"):
        pressed = st.button("Create deal", type="primary", icon=":material/check:", key=f"{KEY}-create")
    if pressed and session.attempt(deals.create, pipeline_id=pipeline.id, stage_id=stage_id, **draft.values):
        dismiss()
        st.rerun()
