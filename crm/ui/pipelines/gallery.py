"""The choice of a template for a new pipeline, or an empty start."""

import streamlit as st

from crm import pipelines
from crm.foundation.language import later, tr
from crm.pipelines import Pipeline, Template
from crm.ui import session
from crm.ui.components import dialogs

BLANK_STAGES = (later("New"), later("Qualified"), later("Proposal"), later("Negotiation"))


@dialogs.dialog(later("New pipeline"), width="large", icon=":material/add_circle:")
def dialog() -> None:
    show()


def show() -> None:
    """Draw the templates; the page goes to the pipeline that was made."""
    with st.grid(3, min_column_width=260):
        for template in pipelines.templates():
            _card(template)
        with st.container(border=True, height="stretch"):
            st.markdown("**:material/edit_square: " + tr("From scratch") + "**")
            st.caption(tr("Four plain stages to rename, recolour and put in order."))
            st.space("stretch")
            name = st.text_input(
                tr("Name"), placeholder=tr("Name of the pipeline"), label_visibility="collapsed", max_chars=80
            )
            if st.button(tr("Start empty"), key="blank", width="stretch"):
                _go(session.attempt(pipelines.create, name or "", [tr(stage) for stage in BLANK_STAGES]))


def _card(template: Template) -> None:
    with st.container(border=True, height="stretch"):
        st.markdown(f"**:material/{template.icon}: {tr(template.niche)}**")
        st.caption(tr(template.description))
        names = [*(stage.name for stage in template.stages), template.won]
        st.caption(" → ".join(tr(name) for name in names))
        st.space("stretch")
        if st.button(tr("Use this"), key=f"template-{template.key}", width="stretch"):
            _go(session.attempt(pipelines.create_from_template, template.key))


def _go(made: Pipeline | None) -> None:
    if made is not None:
        st.query_params["pipeline"] = str(made.id)
        st.rerun()
