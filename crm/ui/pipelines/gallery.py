"""The choice of a template for a new pipeline, or an empty start."""

import streamlit as st

from crm import pipelines
from crm.pipelines import Pipeline, Template
from crm.ui import session

BLANK_STAGES = ("New", "Qualified", "Proposal", "Negotiation")


@st.dialog("New pipeline", width="large", icon=":material/add_circle:")
def dialog() -> None:
    show()


def show() -> None:
    """Draw the templates; the page goes to the pipeline that was made."""
    with st.grid(3, min_column_width=260):
        for template in pipelines.templates():
            _card(template)
        with st.container(border=True, height="stretch"):
            st.markdown("**:material/edit_square: From scratch**")
            st.caption("Four plain stages to rename, recolour and put in order.")
            st.space("stretch")
            name = st.text_input("Name", placeholder="Name of the pipeline", label_visibility="collapsed", max_chars=80)
            if st.button("Start empty", key="blank", width="stretch"):
                _go(session.attempt(pipelines.create, name or "", BLANK_STAGES))


def _card(template: Template) -> None:
    with st.container(border=True, height="stretch"):
        st.markdown(f"**:material/{template.icon}: {template.niche}**")
        st.caption(template.description)
        names = [stage.name for stage in template.stages]
        st.caption(" → ".join([*names, template.won]))
        st.space("stretch")
        if st.button("Use this", key=f"template-{template.key}", width="stretch"):
            _go(session.attempt(pipelines.create_from_template, template.key))


def _go(made: Pipeline | None) -> None:
    if made is not None:
        st.query_params["pipeline"] = str(made.id)
        st.rerun()
