"""The result of a query as its chart says: bars, lines, areas, dots, one number, or the table."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import cycle

import plotly.graph_objects as go
import pyarrow as pa
import streamlit as st
from babel.numbers import format_decimal

from crm.foundation.language import plural, tr
from crm.ui.reports import charts
from crm.ui.reports.charts import Palette
from crm.workbench import charting
from crm.workbench.charting import Aggregation, Chart, ChartKind, Number, Points, Series

SHOWN_ROWS = 10_000
"""Of a table in a page: more are for a file."""


def draw(chart: Chart, table: pa.Table, *, key: str, locale: str, label: str, height: int = 360) -> None:
    """Draw a result as its chart says. `label` names it to those who do not see it. Raises Invalid, which names the
    column, where the result no longer has what the chart draws."""
    match chart.kind:
        case ChartKind.TABLE:
            st.dataframe(table.slice(0, SHOWN_ROWS), hide_index=True, key=key, height=height, alt=label)
        case ChartKind.NUMBER:
            st.metric(_number_label(chart), number(charting.number(chart, table), locale))
        case _:
            points = charting.points(chart, table)
            figure = plotted(chart, points, charts.palette(), series_colours(), locale, height=height)
            st.plotly_chart(figure, config=charts.QUIET, key=key, alt=label)
            if said := left_out(points):
                st.caption(said)


def plotted(
    chart: Chart, points: Points, colours: Palette, of_series: Sequence[str], locale: str, *, height: int = 360
) -> go.Figure:
    """The figure of a chart with axes, in these colours, which repeat where there are more series."""
    figure = go.Figure()
    for series, colour in zip(points.series, cycle(of_series), strict=False):
        _add(figure, chart, points, series, colour, colours)
    charts.apply_theme(figure, colours, locale, height=height, legend=len(points.series) > 1)
    figure.update_layout(bargap=0.3, hovermode="closest" if chart.kind is ChartKind.SCATTER else "x unified")
    if chart.kind is ChartKind.BAR:
        figure.update_layout(barmode="relative" if chart.colour else "group")
    # Otherwise texts such as 2026 would be taken for numbers, and 1-2 for days.
    figure.update_xaxes(type={"text": "category", "time": "date", "number": "linear"}[points.x])
    figure.update_xaxes(title={"text": charts.plain(_cut(chart.x)), "standoff": 8})
    figure.update_yaxes(tickformat="~s", title={"text": charts.plain(_cut(_of_values(chart)))})
    if chart.kind in (ChartKind.BAR, ChartKind.AREA):
        figure.update_yaxes(rangemode="tozero")
    return figure


def series_colours() -> list[str]:
    """The colours of series in the theme that the browser shows now."""
    shade = st.context.theme.type or "light"
    found = st.get_option(f"theme.{shade}.chartCategoricalColors") or st.get_option("theme.chartCategoricalColors")
    return list(found or (charts.palette().primary,))


def number(value: Number | None, locale: str) -> str:
    """A number as it is read, with every digit that it has up to four after the point; a dash for none."""
    if value is None or (isinstance(value, float) and value != value):
        return "–"
    digits = Decimal(repr(value)) if isinstance(value, float) else value
    return str(format_decimal(digits, "#,##0.####", locale=locale))


def left_out(points: Points) -> str:
    """What the drawing does not show; empty where it shows all."""
    said = []
    if points.series_left_out:
        said.append(
            plural(
                "{count:,} smaller series is not drawn.",
                "{count:,} smaller series are not drawn.",
                points.series_left_out,
            )
        )
    if points.points_left_out:
        said.append(plural("{count:,} point is not drawn.", "{count:,} points are not drawn.", points.points_left_out))
    return " ".join(said)


def _add(figure: go.Figure, chart: Chart, points: Points, series: Series, colour: str, colours: Palette) -> None:
    name = charts.plain(_cut(series.name))
    xs = [charts.plain(str(x)) for x in series.xs] if points.x == "text" else series.xs
    common = {"x": xs, "y": series.ys, "name": name, "hovertemplate": f"{name}: <b>%{{y:,.6~g}}</b><extra></extra>"}
    match chart.kind:
        case ChartKind.BAR:
            figure.add_bar(**common, marker={"color": colour, "cornerradius": 3})
        case ChartKind.SCATTER:
            common["hovertemplate"] = f"{name}: %{{x}} · <b>%{{y:,.6~g}}</b><extra></extra>"
            edge = {"color": colours.background, "width": 1}
            figure.add_scatter(**common, mode="markers", marker={"color": colour, "size": 8, "line": edge})
        case ChartKind.AREA:
            line = {"color": colour, "width": 2}
            figure.add_scatter(**common, mode="lines", line=line, stackgroup="one", fillcolor=charts.faint(colour))
        case _:
            # A line of one point shows nothing.
            mode = "lines+markers" if len(series.xs) <= 60 else "lines"
            figure.add_scatter(**common, mode=mode, line={"color": colour, "width": 2}, marker={"size": 6})


def _of_values(chart: Chart) -> str:
    """The title of the axis of values: their column, where it is one."""
    if chart.aggregation is Aggregation.COUNT and not chart.ys:
        return tr("Rows")
    return chart.ys[0] if len(chart.ys) == 1 else ""


def _number_label(chart: Chart) -> str:
    return charts.plain(_cut(_of_values(chart)))


def _cut(name: str, most: int = 40) -> str:
    return name if len(name) <= most else name[: most - 1] + "…"
