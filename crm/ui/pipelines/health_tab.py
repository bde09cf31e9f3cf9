"""The weights of a pipeline's health: the points of each penalty, and how well the score predicts."""

import streamlit as st

from crm.deals import health
from crm.deals.health import Penalty
from crm.foundation.language import tr
from crm.pipelines import Pipeline
from crm.reports import evaluations
from crm.ui import session
from crm.ui.deals import health_card


def show(pipeline: Pipeline, weights: dict[Penalty, int]) -> bool:
    """Draw the weights and write what changed; whether anything did."""
    st.caption(tr("A deal starts at 100. Each of these takes its points off where it applies; 0 switches it off."))
    given = {}
    columns = st.columns(2, gap="medium")
    for place, penalty in enumerate(Penalty):
        given[penalty] = columns[place % 2].number_input(
            tr(health.NAMES[penalty]),
            0,
            100,
            weights[penalty],
            step=5,
            key=f"weight-{pipeline.id}-{penalty}",
            help=tr("{points} where nothing else is chosen.", points=health.WEIGHTS[penalty]),
        )
    changed = {penalty.value: value for penalty, value in given.items() if value != weights[penalty]}
    with session.reading() as tx:
        found, zone, locale = evaluations.of_pipeline(tx, pipeline.id), tx.actor.time_zone, tx.actor.language
    health_card.evaluation(found, zone, locale)
    return bool(changed) and session.done(health.set_weights, pipeline.id, changed) is not None
