"""Draws the elements of the page that the address names."""

import json
import os
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import plotly.graph_objects as go
import pyarrow as pa
import streamlit as st

from benchmarks.bare_streamlit import PLAN_VARIABLE

ROWS = 50
CHOICES = [f"Choice {n}" for n in range(12)]


@cache
def plan(path: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(Path(path).read_text())
    return found


@cache
def rows() -> pa.Table:
    return pa.table({f"Column {n}": [f"Value {row} {n}" for row in range(ROWS)] for n in range(10)})


@cache
def chart() -> go.Figure:
    return go.Figure(go.Bar(x=CHOICES, y=list(range(len(CHOICES)))))


DRAWN: dict[str, Callable[[str], object]] = {
    "button": lambda key: st.button(key, key=key),
    "button_group": lambda key: st.segmented_control(key, CHOICES[:3], key=key),
    "checkbox": lambda key: st.checkbox(key, key=key),
    "dataframe": lambda key: st.dataframe(rows(), key=key),
    "date_input": lambda key: st.date_input(key, date(2026, 1, 1), key=key),
    "file_uploader": lambda key: st.file_uploader(key, key=key),
    "heading": lambda key: st.subheader(key, anchor=False),
    "html": lambda key: st.html(f"<i>{key}</i>"),
    "link_button": lambda key: st.link_button(key, "https://example.com"),
    "markdown": st.markdown,
    "menu_button": lambda key: st.menu_button(key, CHOICES[:3], key=key),
    "metric": lambda key: st.metric(key, 12),
    "multiselect": lambda key: st.multiselect(key, CHOICES, key=key),
    "number_input": lambda key: st.number_input(key, key=key),
    "pagination": lambda key: st.pagination(10, key=key),
    "plotly_chart": lambda key: st.plotly_chart(chart(), key=key),
    "progress": lambda _: st.progress(0.5),
    "selectbox": lambda key: st.selectbox(key, CHOICES, key=key),
    "table": lambda _: st.table(rows().slice(0, 5)),
    "text_area": lambda key: st.text_area(key, key=key),
    "text_input": lambda key: st.text_input(key, key=key),
    "block:form": st.form,
    "block:popover": st.popover,
    "block:expandable": st.expander,
    "block:tab_container": lambda key: st.tabs([key]),
    "block:flex_container": lambda _: st.container(),
    "block:grid_container": lambda _: st.container(),
    "block:column": lambda _: st.container(),
    "block:tab": lambda _: st.container(),
}
"""{kind of element, as in a message to the browser: draws one}. Anything else is drawn as a line of text."""


def show() -> None:
    st.set_page_config(layout="wide")
    page = st.query_params["page"]
    for place, kind in enumerate(plan(os.environ[PLAN_VARIABLE])[page]):
        DRAWN.get(kind, st.text)(f"{page}-{place}")


show()
