"""The choices of a result's chart: its kind, its columns, its colour and how rows are aggregated."""

from collections.abc import Mapping

import pyarrow as pa
import streamlit as st

from crm.foundation.errors import Invalid
from crm.foundation.language import capitalized, tr
from crm.ui import refusals
from crm.ui.workbench import chart as drawing
from crm.ui.workbench.draft import Draft
from crm.workbench import charting
from crm.workbench.charting import NOTHING_DRAWN, Aggregation, Chart, ChartKind, Kind

ICONS = {
    ChartKind.BAR: "bar_chart",
    ChartKind.LINE: "show_chart",
    ChartKind.AREA: "area_chart",
    ChartKind.SCATTER: "scatter_plot",
    ChartKind.NUMBER: "123",
    ChartKind.TABLE: "table",
}


def draw(draft: Draft, table: pa.Table, locale: str) -> None:
    if draft.chart == NOTHING_DRAWN and (draft.saved is None or draft.saved.chart == NOTHING_DRAWN):
        shown = st.session_state.get(_key(draft, "kind")) or charting.proposed(table)
        draft.chart = shown if isinstance(shown, Chart) else draft.chart
    _choices(draft, charting.kinds(table))
    try:
        charting.checked(draft.chart)
        label = tr("Chart of the result")
        drawing.draw(draft.chart, table, key=_key(draft, "drawn"), locale=locale, label=label)
    except Invalid as refusal:
        refusals.show(refusal)


def _choices(draft: Draft, of: Mapping[str, Kind]) -> None:
    chart = draft.chart
    kinds = list(ICONS)
    kind = st.segmented_control(
        tr("Chart"),
        kinds,
        default=chart.kind,
        required=True,
        format_func=lambda each: f":material/{ICONS[each]}: {capitalized(tr(str(each)))}",
        key=_key(draft, "kind"),
    )
    chart = chart.model_copy(update={"kind": kind or ChartKind.TABLE})
    if chart.kind is ChartKind.TABLE:
        draft.chart = NOTHING_DRAWN
        return
    numbers = [name for name, held in of.items() if held == "number"]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if chart.is_plotted:
            chart = chart.model_copy(update={"x": _column(draft, tr("X axis"), "x", chart.x, list(of))})
        aggregation = st.selectbox(
            tr("Rows with the same x") if chart.is_plotted else tr("Rows"),
            list(Aggregation),
            index=list(Aggregation).index(chart.aggregation),
            format_func=lambda each: tr(str(each)),
            key=_key(draft, "aggregation"),
            width=180,
        )
        chart = chart.model_copy(update={"aggregation": aggregation})
        offered = list(of) if aggregation is Aggregation.COUNT else numbers
        if chart.is_plotted:
            chart = chart.model_copy(update={"ys": _columns(draft, chart, offered)})
            if len(chart.ys) < 2:
                colour = _column(draft, tr("Colour"), "colour", chart.colour, list(of), optional=True)
                chart = chart.model_copy(update={"colour": colour})
            else:
                chart = chart.model_copy(update={"colour": ""})
        else:
            value = _column(
                draft, tr("Value"), "value", chart.ys[0] if chart.ys else "", offered,
                optional=aggregation is Aggregation.COUNT,
            )  # fmt: skip
            chart = chart.model_copy(update={"x": "", "colour": "", "ys": (value,) if value else ()})
    draft.chart = chart


def _columns(draft: Draft, chart: Chart, offered: list[str]) -> tuple[str, ...]:
    # A column that the result no longer has stays chosen: the chart says which it is.
    options = list(dict.fromkeys([*offered, *(chart.ys if chart.aggregation is not Aggregation.COUNT else ())]))
    found = st.multiselect(
        tr("Values"),
        options,
        [name for name in chart.ys if name in options],
        max_selections=charting.MOST_VALUES,
        placeholder=tr("Choose columns"),
        key=_key(draft, f"ys-{chart.aggregation is Aggregation.COUNT}"),
        width=300,
    )
    return tuple(found)


def _column(draft: Draft, label: str, what: str, chosen: str, offered: list[str], *, optional: bool = False) -> str:
    options = list(dict.fromkeys([*offered, *([chosen] if chosen else [])]))
    found = st.selectbox(
        label,
        options,
        index=options.index(chosen) if chosen else (None if optional or not options else 0),
        placeholder=tr("None"),
        key=_key(draft, what),
        width=180,
    )
    return found or ""


def _key(draft: Draft, what: str) -> str:
    return f"sql-{draft.place}-{draft.revision}-chart-{what}"
