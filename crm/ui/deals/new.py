"""The dialog that creates a deal."""

import streamlit as st

from crm import pipelines
from crm.pipelines import Pipeline
from crm.ui import session, words
from crm.ui.deals import drawer, form
from crm.ui.forms import record_form
from crm.ui.forms.draft import forget
from crm.ui.forms.form_fields import ATTRIBUTE

KEY = form.LAYOUT.new


def ask() -> None:
    """Callback: open the dialog on the next run."""
    # Streamlit shows one dialog at a time.
    drawer.dismiss()
    st.session_state[f"{KEY}-asked"] = True


def is_open() -> bool:
    return f"{KEY}-asked" in st.session_state


def dismiss() -> None:
    forget(KEY)


@st.dialog("New deal", width="medium", icon=":material/add_circle:", on_dismiss=dismiss)
def show(pipeline: Pipeline) -> None:
    names = {stage.id: stage.name for stage in pipeline.open_stages}
    stage_id = st.selectbox(
        f"Stage in {words.plain(pipeline.name)}",
        list(names),
        format_func=lambda stage: names[stage],
        key=f"{KEY}-stage",
    )
    with session.reading() as tx:
        requirements = pipelines.rules_of(tx, pipeline)[stage_id]
    # What the stage asks for is asked at once: the verb would refuse the deal without it.
    required = {rule.field for rule in requirements} | {f"{ATTRIBUTE}{rule.key}" for rule in requirements if rule.key}
    declared = [*form.NEW, *(key for key in form.LAYOUT.keys if key not in form.NEW)]
    only = [key for key in declared if key not in form.LATER or key in required]
    only += sorted(key for key in required if key.startswith(ATTRIBUTE))
    new = record_form.begin(form.LAYOUT, KEY, only=only)
    record_form.draw(new)
    if requirements:
        st.caption(
            f"{words.plain(names[stage_id])} asks for {words.plain(', '.join(rule.name for rule in requirements))}."
        )
    with st.container(horizontal=True, horizontal_alignment="right"):
        made = record_form.create_button(new, "Create deal", pipeline_id=pipeline.id, stage_id=stage_id)
    if made:
        st.rerun()
