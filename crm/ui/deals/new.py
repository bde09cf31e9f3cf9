"""The dialog that makes a deal."""

from typing import Any

import streamlit as st

from crm import deals, pipelines
from crm.pipelines import Pipeline, Requirement
from crm.platform import workspace
from crm.records.attributes import Definition
from crm.ui import session, words
from crm.ui.components import unsaved
from crm.ui.deals import drawer, form, keeping
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
    names = {stage.id: stage.name for stage in pipeline.open_stages}
    stage_id = st.selectbox(
        f"Stage in {words.plain(pipeline.name)}", list(names), format_func=lambda one: names[one], key=f"{KEY}-stage"
    )
    with session.reading() as tx:
        actor = tx.actor
        asked_for = pipelines.rules_of(tx, pipeline)[stage_id]
        given = form.choices(tx)
        locale = workspace.get(tx).locale
    given = given.model_copy(update={"definitions": _asked_attributes(given, asked_for)})
    more = [rule.field for rule in asked_for if rule.field in form.FULL and rule.field not in FIELDS]
    empty: dict[str, Any] = dict.fromkeys([*form.offered(FIELDS), *more]) | {
        "title": "",
        "currency": actor.currency,
        "owner_id": actor.id,
    }
    empty |= {"source": ""} if "source" in more else {}
    draft = Draft(KEY, empty | form.of_no_attributes(given), 0)
    keeping.keep(draft, given, locale)
    form.draw(draft, given, {"owner_id": actor.name})
    form.draw_attributes(draft, given)
    if asked_for:
        st.caption(
            f"{words.plain(names[stage_id])} asks for {words.plain(', '.join(rule.name for rule in asked_for))}."
        )
    with st.container(horizontal=True, horizontal_alignment="right"):
        pressed = st.button("Create deal", type="primary", icon=":material/check:", key=f"{KEY}-create")
    if pressed and session.done(deals.create, pipeline_id=pipeline.id, stage_id=stage_id, **form.values(draft)):
        dismiss()
        unsaved.drop(KEY)
        st.rerun()


def _asked_attributes(given: form.Choices, asked_for: list[Requirement]) -> list[Definition]:
    """The attributes that the stage asks for: without them the deal could not be made here."""
    keys = {rule.key for rule in asked_for}
    return [definition for definition in given.definitions if definition.key in keys]
