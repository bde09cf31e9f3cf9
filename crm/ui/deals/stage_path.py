"""The stages of a deal's pipeline as a path: how long the deal stood in each, and a press moves it to one."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta

import streamlit as st

from crm import deals
from crm.deals import Deal, Movement
from crm.foundation.language import tr
from crm.pipelines import Kind, Pipeline, Stage
from crm.ui import words
from crm.ui.deals import moving
from crm.ui.records import record_state


def show(deal: Deal, pipeline: Pipeline, movements: Sequence[Movement], *, may_change: bool) -> None:
    stood = _stood(movements)
    stages = {stage.id: stage for stage in pipeline.open_stages}
    key = f"{record_state.of('deal', deal.id)}-path"
    # The record decides where it stands, not the widget: the move may be refused, or somebody else may have made one.
    st.session_state[key] = deal.stage_id if deal.stage_id in stages else None
    with st.container(key=f"stage-path-{deal.status}"):
        st.segmented_control(
            tr("Stage"),
            list(stages),
            format_func=lambda stage_id: label(stages[stage_id].name, stood.get(stages[stage_id].name)),
            label_visibility="collapsed",
            width="stretch",
            disabled=not may_change,
            key=key,
            on_change=_go_to,
            args=(deal, key),
        )


def past(deal: Deal, stages: Sequence[Stage], stood: Mapping[int, timedelta], *, key: str) -> None:
    """Draw the path as of a past day, to read: `stood` is by the stages' ids, since their names may have changed."""
    names = {stage.id: stage.name for stage in stages if stage.kind is Kind.OPEN}
    st.session_state[key] = deal.stage_id if deal.stage_id in names else None
    with st.container(key=f"stage-path-{deal.status}"):
        st.segmented_control(
            tr("Stage"),
            list(names),
            format_func=lambda stage_id: label(names[stage_id], stood.get(stage_id)),
            label_visibility="collapsed",
            width="stretch",
            disabled=True,
            key=key,
        )


def label(stage: str, stood: timedelta | None) -> str:
    """The stage with the time that the deal spent in it, None where it was never there."""
    if stood is None:
        return words.plain(stage)
    shown = tr("{days:,} d", days=stood.days) if stood.days else tr("< 1 d")
    return f"{words.plain(stage)} · {shown}"


def _stood(movements: Sequence[Movement]) -> dict[str, timedelta]:
    """{stage: how long the deal was in it, over all of its visits}."""
    found: dict[str, timedelta] = defaultdict(timedelta)
    for move in movements:
        if move.stood is not None:
            found[move.to_stage] += move.stood
    return found


def _go_to(deal: Deal, key: str) -> None:
    """Callback of the path; a press on the stage that the deal is in lets go of it, and moves nothing."""
    stage_id = st.session_state[key]
    if stage_id is not None and stage_id != deal.stage_id:
        moving.on_press(deals.move, deal, to_stage=stage_id)
