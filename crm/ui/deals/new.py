"""The dialog that creates a deal, on the page of its pipeline or of its contact or company."""

from typing import Any

import streamlit as st

from crm import pipelines
from crm.foundation.language import later, tr
from crm.pipelines import Pipeline
from crm.ui import session, words
from crm.ui.components.dialogs import dialog
from crm.ui.deals import drawer, form
from crm.ui.forms import record_form
from crm.ui.forms.draft import forget
from crm.ui.forms.form_fields import ATTRIBUTE

KEY = form.LAYOUT.new


_PRESET = f"{KEY}-preset"


def ask(**preset: Any) -> None:
    """Callback: open the dialog on the next run. `preset` are fields that the deal begins with, names of records beside
    ids."""
    # Streamlit shows one dialog at a time.
    drawer.dismiss()
    forget(KEY)
    st.session_state[f"{KEY}-asked"] = True
    st.session_state[_PRESET] = preset


def is_open() -> bool:
    return f"{KEY}-asked" in st.session_state


def dismiss() -> None:
    forget(KEY)


@dialog(later("New deal"), width="medium", icon=":material/add_circle:", on_dismiss=dismiss)
def show(pipeline: Pipeline | None = None) -> None:
    """Draw the dialog; without a pipeline it asks for one, where there are several."""
    pipeline = pipeline or _chosen_pipeline()
    if pipeline is None:
        st.info(
            tr("There is no pipeline yet. A manager or an administrator can make one."), icon=":material/view_kanban:"
        )
        return
    names = {stage.id: stage.name for stage in pipeline.open_stages}
    stage_id = st.selectbox(
        tr("Stage in {pipeline}", pipeline=words.plain(pipeline.name)),
        list(names),
        format_func=lambda stage: names[stage],
        key=f"{KEY}-stage-{pipeline.id}",
    )
    with session.reading() as tx:
        requirements = pipelines.rules_of(tx, pipeline)[stage_id]
    # What the stage asks for is asked at once: the verb would refuse the deal without it.
    required = {rule.field for rule in requirements} | {f"{ATTRIBUTE}{rule.key}" for rule in requirements if rule.key}
    declared = [*form.NEW, *(key for key in form.LAYOUT.keys if key not in form.NEW)]
    only = [key for key in declared if key not in form.LATER or key in required]
    only += sorted(key for key in required if key.startswith(ATTRIBUTE))
    new = record_form.begin(form.LAYOUT, KEY, only=only, preset=st.session_state.get(_PRESET))
    record_form.draw(new)
    if requirements:
        st.caption(
            tr(
                "{stage} asks for {fields}.",
                stage=words.plain(names[stage_id]),
                fields=words.plain(", ".join(rule.name if rule.key else tr(rule.name) for rule in requirements)),
            )
        )
    with st.container(horizontal=True, horizontal_alignment="right"):
        made = record_form.create_button(new, tr("Create deal"), pipeline_id=pipeline.id, stage_id=stage_id)
    if made:
        st.toast(
            tr("“{title}” is in {stage}.", title=words.plain(made.title), stage=words.plain(made.stage_name)),
            icon=":material/check:",
        )
        st.rerun()


def _chosen_pipeline() -> Pipeline | None:
    every = {each.id: each for each in session.read(pipelines.all_of)}
    if len(every) < 2:
        return next(iter(every.values()), None)
    chosen: int = st.selectbox(
        tr("Pipeline"), list(every), format_func=lambda one: every[one].name, key=f"{KEY}-pipeline"
    )
    return every[chosen]
