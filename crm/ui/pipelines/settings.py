"""The dialog that shapes a pipeline: its name, and its stages' names, colours, chances and order."""

from decimal import Decimal
from typing import Literal

import streamlit as st

from crm import deals, pipelines
from crm.deals import CloseReason
from crm.pipelines import Kind, Pipeline, Stage
from crm.ui import session, sorting, words


@st.dialog("Pipeline settings", width="large", icon=":material/tune:", on_dismiss="rerun")
def show(pipeline_id: int) -> None:
    with session.reading() as tx:
        pipeline = pipelines.get(tx, pipeline_id)
        reasons = {kind: deals.close_reasons(tx, kind) for kind in ("won", "lost")}
    stages, order, closing, removal = st.tabs(["Stages", "Order", "Reasons", "Remove"])
    with stages:
        _name(pipeline)
        for stage in pipeline.stages:
            _stage(stage)
        _add(pipeline)
    with order:
        _order(pipeline)
    with closing:
        st.caption("What people choose from when they close a deal, in every pipeline. Closed deals keep theirs.")
        for column, (kind, listed) in zip(st.columns(2, gap="medium"), reasons.items(), strict=True):
            with column:
                _reasons(kind, listed)
    with removal:
        _remove(pipeline)


def _name(pipeline: Pipeline) -> None:
    name = st.text_input("Name of the pipeline", pipeline.name, max_chars=80, key=f"pipeline-name-{pipeline.id}")
    if name != pipeline.name:
        _again(session.attempt(pipelines.rename, pipeline.id, name or ""))


def _stage(stage: Stage) -> None:
    """Each change is written as it is made."""
    colour, name, chance = st.columns([1, 14, 5], vertical_alignment="center")
    picked = colour.color_picker("Colour", stage.colour, key=f"colour-{stage.id}", label_visibility="collapsed")
    named = name.text_input("Stage", stage.name, max_chars=80, key=f"name-{stage.id}", label_visibility="collapsed")
    likely = chance.number_input(
        "Probability in %",
        0.0,
        100.0,
        float(stage.probability),
        step=5.0,
        format="%g",
        icon=":material/percent:",
        key=f"chance-{stage.id}",
        label_visibility="collapsed",
        disabled=stage.kind is not Kind.OPEN,
    )
    if picked != stage.colour:
        _again(session.attempt(pipelines.recolour_stage, stage.id, picked))
    if named != stage.name:
        _again(session.attempt(pipelines.rename_stage, stage.id, named or ""))
    if stage.kind is Kind.OPEN and likely is not None and Decimal(str(likely)) != stage.probability:
        _again(session.attempt(pipelines.set_probability, stage.id, Decimal(str(likely))))


def _add(pipeline: Pipeline) -> None:
    form = st.form(f"add-stage-{pipeline.id}", clear_on_submit=True, border=False)
    with form, st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("New stage", placeholder="Name", max_chars=80, label_visibility="collapsed")
        added = st.form_submit_button("Add stage", icon=":material/add:")
    if added:
        _again(session.attempt(pipelines.add_stage, pipeline.id, name or ""))


def _order(pipeline: Pipeline) -> None:
    st.caption("Drag the open stages into the order in which deals pass them. Won and Lost stay last.")
    names = {stage.id: stage.name for stage in pipeline.open_stages}
    wanted = sorting.in_order(names, key=f"order-{pipeline.id}-{pipeline.version}")
    if wanted:
        _again(session.attempt(pipelines.reorder_stages, pipeline.id, wanted))


def _reasons(kind: Literal["won", "lost"], listed: list[CloseReason]) -> None:
    st.markdown(f"**{kind.title()}**")
    for reason in listed:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(words.plain(reason.name))
            if st.button(
                "", icon=":material/close:", type="tertiary", help="Take off the list", key=f"off-{reason.id}"
            ):
                _again(session.attempt(deals.retire_close_reason, reason.id))
    form = st.form(f"add-reason-{kind}", clear_on_submit=True, border=False)
    with form, st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("New reason", placeholder="New reason", max_chars=80, label_visibility="collapsed")
        added = st.form_submit_button("Add", icon=":material/add:")
    if added:
        _again(session.attempt(deals.add_close_reason, kind, name or ""))


def _remove(pipeline: Pipeline) -> None:
    names = {stage.id: stage.name for stage in pipeline.open_stages}
    gone = st.selectbox("Stage to remove", list(names), index=None, format_func=lambda one: names[one])
    left = [stage_id for stage_id in names if stage_id != gone]
    target = st.selectbox("Its deals go to", left, format_func=lambda one: names[one])
    if st.button("Remove this stage", icon=":material/delete:", disabled=gone is None):
        _again(session.attempt(pipelines.remove_stage, gone, deals_to=target))
    st.divider()
    st.caption("A whole pipeline can be removed once it holds no deal.")
    if st.button(f"Remove “{words.plain(pipeline.name)}”", icon=":material/delete_forever:"):
        _gone(pipeline)


def _gone(pipeline: Pipeline) -> None:
    if session.attempt(pipelines.delete, pipeline.id):
        st.query_params.pop("pipeline", None)
        st.rerun()


def _again(done: Pipeline | CloseReason | None) -> None:
    if done is not None:
        st.rerun(scope="fragment")
