"""The dialog of a pipeline's settings: name, stages and their order, rules, weights of health, closing reasons,
removal."""

from decimal import Decimal
from typing import Literal

import streamlit as st

from crm import deals, pipelines
from crm.deals import CloseReason, health
from crm.foundation.language import later, plural, tr, tr_as
from crm.pipelines import Kind, Pipeline, Stage, categories
from crm.ui import session, words
from crm.ui.components import sorting
from crm.ui.components.dialogs import dialog
from crm.ui.pipelines import health_tab, rules_tab

CLOSINGS: tuple[Literal["won", "lost"], ...] = ("won", "lost")
RESULTS = {"won": later("Won"), "lost": later("Lost")}
COLOUR, CHANCE, CATEGORY, LIMIT = 40, 130, 130, 150
"""Widths beside the name, which takes what is left; on a phone the two numbers wrap below it."""


@dialog(later("Pipeline settings"), width="large", icon=":material/tune:", on_dismiss="rerun")
def show(pipeline_id: int) -> None:
    with session.reading() as tx:
        pipeline = pipelines.get(tx, pipeline_id)
        reasons = {kind: deals.close_reasons(tx, kind) for kind in CLOSINGS}
        found = rules_tab.RulesTab(tx, pipeline)
        weights = health.weights(tx, pipeline_id)
        held = deals.held_by_stage(tx, pipeline_id)
        usual = health.usual_days(tx)
    stages, order, rules, well, closing, removal = st.tabs(
        [tr("Stages"), tr_as("sequence", "Order"), tr("Rules"), tr("Health"), tr("Reasons"), tr("Remove")]
    )
    with stages:
        _name(pipeline)
        _headings()
        for stage in pipeline.stages:
            _stage(stage, usual.get(stage.id))
        _add(pipeline)
    with rules:
        if rules_tab.show(found):
            st.rerun(scope="fragment")
    with well:
        if health_tab.show(pipeline, weights):
            st.rerun(scope="fragment")
    with order:
        _order(pipeline)
    with closing:
        st.caption(tr("What people choose from when they close a deal, in every pipeline. Closed deals keep theirs."))
        for column, (kind, listed) in zip(st.columns(2, gap="medium"), reasons.items(), strict=True):
            with column:
                _reasons(kind, listed)
    with removal:
        _remove(pipeline, held)


def _name(pipeline: Pipeline) -> None:
    name = st.text_input(tr("Name of the pipeline"), pipeline.name, max_chars=80, key=f"pipeline-name-{pipeline.id}")
    if name != pipeline.name:
        _rerun_if_done(session.attempt(pipelines.rename, pipeline.id, name or ""))


def _headings() -> None:
    with st.container(horizontal=True):
        st.space(COLOUR)
        st.caption(tr("Stage"), width="stretch")
        with st.container(horizontal=True, width="content"):
            st.caption(tr("Probability"), width=CHANCE)
            st.caption(
                tr("Forecast"),
                width=CATEGORY,
                help=tr("The forecast category of its deals that have none of their own."),
            )
            usual = tr("Left empty, it is what was usual for deals that were won.")
            st.caption(tr("Stalled after (days)"), width=LIMIT, help=usual)


def _stage(stage: Stage, usual: float | None) -> None:
    """Draw a stage's row; each change is written at once."""
    row = st.container(horizontal=True, vertical_alignment="center")
    picked = row.color_picker(
        tr("Colour"), stage.colour, key=f"colour-{stage.id}", label_visibility="collapsed", width=COLOUR
    )
    named = row.text_input(tr("Stage"), stage.name, max_chars=80, key=f"name-{stage.id}", label_visibility="collapsed")
    numbers = row.container(horizontal=True, width="content")
    likely = numbers.number_input(
        tr("Probability in %"),
        0.0,
        100.0,
        float(stage.probability),
        step=5.0,
        format="%g",
        icon=":material/percent:",
        key=f"chance-{stage.id}",
        label_visibility="collapsed",
        width=CHANCE,
        disabled=stage.kind is not Kind.OPEN,
    )
    category = numbers.selectbox(
        tr("Forecast category"),
        list(categories.CHOSEN) if stage.kind is Kind.OPEN else [stage.category],
        list(categories.CHOSEN).index(stage.category) if stage.kind is Kind.OPEN else 0,
        format_func=lambda key: tr(categories.NAMES[key]),
        key=f"category-{stage.id}",
        label_visibility="collapsed",
        width=CATEGORY,
        disabled=stage.kind is not Kind.OPEN,
    )
    days = numbers.number_input(
        tr("Stalled after (days)"),
        1,
        None,
        stage.limit_days,
        placeholder=_usual(usual) if stage.kind is Kind.OPEN else "–",
        key=f"limit-{stage.id}",
        label_visibility="collapsed",
        width=LIMIT,
        disabled=stage.kind is not Kind.OPEN,
    )
    if stage.kind is Kind.OPEN and days != stage.limit_days:
        _rerun_if_done(session.attempt(pipelines.set_limit, stage.id, days))
    if picked != stage.colour:
        _rerun_if_done(session.attempt(pipelines.recolour_stage, stage.id, picked))
    if named != stage.name:
        _rerun_if_done(session.attempt(pipelines.rename_stage, stage.id, named or ""))
    if stage.kind is Kind.OPEN and likely is not None and Decimal(str(likely)) != stage.probability:
        _rerun_if_done(session.attempt(pipelines.set_probability, stage.id, Decimal(str(likely))))
    if stage.kind is Kind.OPEN and category != stage.category:
        _rerun_if_done(session.attempt(pipelines.set_category, stage.id, category))


def _usual(days: float | None) -> str:
    return tr("usual: {days}", days=f"{days:.0f}") if days else tr("none yet")


def _add(pipeline: Pipeline) -> None:
    form = st.form(f"add-stage-{pipeline.id}", clear_on_submit=True, border=False)
    with form, st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(tr("New stage"), placeholder=tr("Name"), max_chars=80, label_visibility="collapsed")
        added = st.form_submit_button(tr("Add stage"), icon=":material/add:")
    if added:
        _rerun_if_done(session.attempt(pipelines.add_stage, pipeline.id, name or ""))


def _order(pipeline: Pipeline) -> None:
    st.caption(tr("Drag the open stages into the order in which deals pass them. Won and Lost stay last."))
    names = {stage.id: stage.name for stage in pipeline.open_stages}
    arranged = sorting.in_order(names, key=f"order-{pipeline.id}-{pipeline.version}")
    if arranged:
        _rerun_if_done(session.attempt(pipelines.reorder_stages, pipeline.id, arranged))


def _reasons(kind: Literal["won", "lost"], listed: list[CloseReason]) -> None:
    st.markdown(f"**{tr(RESULTS[kind])}**")
    for reason in listed:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(words.plain(reason.name))
            if st.button(
                "", icon=":material/close:", type="tertiary", help=tr("Remove from the list"), key=f"off-{reason.id}"
            ):
                _rerun_if_done(session.attempt(deals.retire_close_reason, reason.id))
    form = st.form(f"add-reason-{kind}", clear_on_submit=True, border=False)
    with form, st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(tr("New reason"), placeholder=tr("New reason"), max_chars=80, label_visibility="collapsed")
        added = st.form_submit_button(tr("Add"), icon=":material/add:")
    if added:
        _rerun_if_done(session.attempt(deals.add_close_reason, kind, name or ""))


def _remove(pipeline: Pipeline, held: dict[int, int]) -> None:
    """Draw the removal of a stage, whose deals go to another one, and of the whole pipeline."""
    names = {stage.id: stage.name for stage in pipeline.open_stages}
    gone = st.selectbox(tr("Stage to remove"), list(names), index=None, format_func=lambda stage_id: names[stage_id])
    count = held.get(gone, 0) if gone is not None else 0
    target = None
    if count:
        target = st.selectbox(
            # No place is proposed: where deals go is somebody's decision.
            plural("Its {count:,} deal go to", "Its {count:,} deals go to", count),
            [stage_id for stage_id in names if stage_id != gone],
            index=None,
            format_func=lambda stage_id: names[stage_id],
            placeholder=tr("Choose where they go"),
            key=f"deals-of-{gone}-to",
        )
    elif gone is not None:
        st.caption(tr("It holds no deal."))
    ready = gone is not None and (target is not None or not count)
    if st.button(tr("Remove this stage"), icon=":material/delete:", disabled=not ready):
        _rerun_if_done(session.attempt(deals.remove_stage, gone or 0, deals_to=target))
    st.divider()
    st.caption(tr("A whole pipeline can be removed once it holds no deal."))
    if st.button(tr("Remove “{name}”", name=words.plain(pipeline.name)), icon=":material/delete_forever:"):
        _delete(pipeline)


def _delete(pipeline: Pipeline) -> None:
    if session.done(pipelines.delete, pipeline.id):
        st.query_params.pop("pipeline", None)
        st.rerun()


def _rerun_if_done(done: Pipeline | CloseReason | None) -> None:
    if done is not None:
        # Within the dialog, which a rerun of the page would close.
        st.rerun(scope="fragment")
