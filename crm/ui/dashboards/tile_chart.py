"""The chart of a tile, in the theme's colours."""

from itertools import accumulate

import plotly.graph_objects as go

from crm.dashboards.content import Chart, Series
from crm.ui.reports.charts import Palette, apply_theme, faint, plain

HEIGHT = 260
ROW = 34
"""Pixels of one bar with its name."""
TICKS = {"money": "~s", "count": "~s", "share": ".0%", "days": "~s"}


def figure(chart: Chart, colours: Palette, locale: str) -> go.Figure:
    drawn = {"columns": _columns, "rows": _rows, "line": _line, "waterfall": _waterfall}[chart.shape](chart, colours)
    several = len(chart.series) > 1
    height = 24 + ROW * max(len(chart.labels), 2) if chart.shape == "rows" else HEIGHT
    apply_theme(drawn, colours, locale, height=height, legend=several)
    if chart.shape == "rows":
        drawn.update_xaxes(visible=False)
        drawn.update_yaxes(
            autorange="reversed",
            showgrid=False,
            zeroline=False,
            tickvals=list(range(len(chart.labels))),
            ticktext=[_short(label) for label in chart.labels],
        )
        # Room for the number behind the longest bar, which would otherwise be cut.
        most = max((value or 0 for series in chart.series for value in series.values), default=0) or 1
        drawn.update_xaxes(range=[0, most * 1.35])
        return drawn
    drawn.update_xaxes(tickvals=list(range(len(chart.labels))), ticktext=_names(chart), tickangle=0)
    drawn.update_yaxes(tickformat=TICKS[chart.unit], rangemode="tozero")
    if chart.shape == "columns":
        drawn.update_layout(barmode="stack", hovermode="x unified", bargap=0.35)
    elif chart.shape == "line":
        drawn.update_yaxes(range=[0, 1.02] if chart.unit == "share" else None)
    elif chart.shape == "waterfall":
        drawn.update_layout(margin={"t": 32})
    return drawn


def _names(chart: Chart) -> list[str]:
    if chart.ticks:
        return [plain(tick).replace("\n", "<br>") for tick in chart.ticks]
    # A waterfall's causes are words, broken where they are two.
    return [plain(label).replace(" ", "<br>", 1) for label in chart.labels]


def _columns(chart: Chart, colours: Palette) -> go.Figure:
    return go.Figure(
        [
            go.Bar(
                x=list(range(len(chart.labels))),
                y=list(series.values),
                name=series.name,
                marker={"color": _colour(series, colours), "cornerradius": 3},
                customdata=_marks(series),
                hovertemplate=f"{plain(series.name)}: <b>%{{customdata[1]}}</b><extra></extra>",
            )
            for series in chart.series
        ]
    )


def _rows(chart: Chart, colours: Palette) -> go.Figure:
    return go.Figure(
        [
            go.Bar(
                x=list(series.values),
                y=list(range(len(chart.labels))),
                orientation="h",
                name=series.name,
                marker={"color": _colour(series, colours), "cornerradius": 3},
                text=[plain(text) for text in series.texts],
                textposition="outside",
                cliponaxis=False,
                customdata=[[*mark, plain(label)] for mark, label in zip(_marks(series), chart.labels, strict=True)],
                hovertemplate="%{customdata[2]}: <b>%{customdata[1]}</b><extra></extra>",
            )
            for series in chart.series
        ]
    )


def _line(chart: Chart, colours: Palette) -> go.Figure:
    drawn = go.Figure()
    for series in chart.series:
        middles = [value or 0 for value in series.values]
        drawn.add_scatter(
            x=list(range(len(chart.labels))),
            y=list(series.values),
            mode="lines+markers",
            name=series.name,
            line={"color": _colour(series, colours), "width": 2},
            marker={"size": 8},
            error_y={
                "type": "data",
                "array": [high - middle for high, middle in zip(series.highs, middles, strict=True)],
                "arrayminus": [middle - low for low, middle in zip(series.lows, middles, strict=True)],
                "color": colours.quiet,
                "thickness": 1.5,
                "width": 4,
            }
            if series.highs
            else None,
            customdata=_marks(series),
            hovertemplate="<b>%{customdata[1]}</b><extra></extra>",
        )
    return drawn


def _waterfall(chart: Chart, colours: Palette) -> go.Figure:
    [series] = chart.series
    values = [value or 0 for value in series.values]
    drawn = go.Figure(
        go.Waterfall(
            x=list(range(len(values))),
            y=values,
            measure=["absolute", *["relative"] * (len(values) - 2), "total"],
            text=list(series.texts),
            textposition="outside",
            cliponaxis=False,
            connector={"line": {"color": colours.border, "width": 1}},
            increasing={"marker": {"color": colours.green}},
            decreasing={"marker": {"color": colours.red}},
            totals={"marker": {"color": colours.primary}},
            customdata=_marks(series),
            hovertemplate="<b>%{customdata[1]}</b><extra></extra>",
        )
    )
    # What changed in a week is small beside a pipeline: the axis begins near the lowest step, never below nothing.
    steps = [*accumulate(values[:-1]), values[-1]]
    low, high = min(steps), max(steps)
    drawn.update_yaxes(range=[max(low - (high - low) * 0.6, 0) if low > 0 else None, high + (high - low) * 0.2 or None])
    return drawn


def _marks(series: Series) -> list[list[str]]:
    cells = series.cells or ("",) * len(series.texts)
    return [[cell, plain(text)] for cell, text in zip(cells, series.texts, strict=True)]


def _colour(series: Series, colours: Palette) -> str:
    return faint(colours.primary) if series.tone == "faint" else str(getattr(colours, series.tone))


def _short(name: str, most: int = 18) -> str:
    return plain(name if len(name) <= most else name[: most - 1] + "…")
