"""The charts of the reports: Plotly figures in the theme's colours, light and dark, that read well on a phone.

A builder takes a report and gives a figure; each mark carries, as `customdata`, the code of the figure it stands for,
so that a click can open the deals behind it. Text from people goes through `plain`: Plotly reads markup.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from typing import Any

import plotly.graph_objects as go
import streamlit as st
from babel.dates import format_date
from babel.numbers import get_decimal_symbol, get_group_symbol

from crm.foundation import money
from crm.foundation.language import tr
from crm.reports import attainment, bridge, closings, conversion, forecast, wording
from crm.reports.causes import Cause
from crm.reports.periods import Grain, Period
from crm.ui import words

NO_REASON, label, percent = wording.NO_REASON, wording.label, wording.percent
FONT = "Inter, sans-serif"
QUIET: dict[str, Any] = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}


@dataclass(frozen=True)
class Palette:
    primary: str
    green: str
    orange: str
    red: str
    text: str
    border: str
    background: str
    quiet: str
    """For what does not count yet: undecided deals, young cohorts."""


def palette() -> Palette:
    """The colours of the theme that the browser shows now, as .streamlit/config.toml has them."""
    shade = st.context.theme.type or "light"
    colour = {name: str(st.get_option(f"theme.{shade}.{name}")) for name in THEME}
    primary, green, orange, red, text, border, background = (colour[name] for name in THEME)
    return Palette(
        primary, green, orange, red, text, border, background, quiet="#5a6072" if shade == "dark" else "#b4bac8"
    )


THEME = ("primaryColor", "greenColor", "orangeColor", "redColor", "textColor", "borderColor", "backgroundColor")


def faint(colour: str) -> str:
    """A colour `#rrggbb` at a quarter of its strength."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, 0.25)"


def plain(text: str) -> str:
    """Text from people, shown by Plotly letter by letter."""
    return escape(text, quote=False)


def forecast_chart(
    report: forecast.Forecast, against: attainment.Attainments, colours: Palette, locale: str
) -> go.Figure:
    """Stacked bars: won so far, weighted open, and the rest of the open value; a line of what is expected, and a step
    at each target."""
    names = [label(bucket.period, report.grain, locale) for bucket in report.buckets]
    shown = [money.shown(bucket.expected, report.currency, locale) for bucket in report.buckets]
    figure = go.Figure()
    for title, colour, amounts, codes in _layers(report, colours):
        figure.add_bar(
            x=names,
            y=[float(amount) for amount in amounts],
            name=title,
            marker={"color": colour, "cornerradius": 3},
            customdata=[
                [code, money.shown(amount, report.currency, locale)]
                for code, amount in zip(codes, amounts, strict=True)
            ],
            hovertemplate=f"{title}: <b>%{{customdata[1]}}</b><extra></extra>",
        )
    expected = tr("Expected")
    figure.add_scatter(
        x=names,
        y=[float(bucket.expected) for bucket in report.buckets],
        name=expected,
        mode="lines+markers",
        line={"color": colours.text, "width": 2, "dash": "dot"},
        marker={"size": 7, "color": colours.text, "line": {"color": colours.background, "width": 2}},
        customdata=[["", each] for each in shown],
        hovertemplate=f"{expected}: <b>%{{customdata[1]}}</b><extra></extra>",
    )
    _add_targets(figure, names, report.currency, against, colours, locale)
    apply_theme(figure, colours, locale, height=360)
    figure.update_layout(barmode="stack", hovermode="x unified", bargap=0.35)
    figure.update_yaxes(tickformat="~s", rangemode="tozero")
    period_axis(figure, [bucket.period for bucket in report.buckets], report.grain, locale)
    return figure


def _add_targets(
    figure: go.Figure,
    names: list[str],
    currency: str,
    against: attainment.Attainments,
    colours: Palette,
    locale: str,
) -> None:
    targets = [each.target for each in against.buckets]
    if not any(target is not None for target in targets):
        return
    title = tr("Target")
    figure.add_scatter(
        x=names,
        y=[None if target is None else float(target) for target in targets],
        name=title,
        mode="lines+markers",
        # In steps: what is between two months is nobody's target.
        line={"color": colours.red, "width": 2, "shape": "hvh"},
        marker={"size": 9, "symbol": "line-ew-open", "color": colours.red},
        customdata=[["", money.shown(target, currency, locale)] for target in targets],
        hovertemplate=f"{title}: <b>%{{customdata[1]}}</b><extra></extra>",
    )


def bridge_chart(report: bridge.Bridge, names: Mapping[Cause, str], colours: Palette, locale: str) -> go.Figure:
    """A waterfall from the first day's open value to the second's, one bar a cause."""
    causes = list(report.causes.items())
    totals = [report.start, *(total for _, total in causes), report.end]
    ends = (format_date(report.first, "d MMM", locale=locale), format_date(report.last, "d MMM", locale=locale))
    deals = tr("{count} deals", count="%{customdata[2]:,}")
    figure = go.Figure(
        go.Waterfall(
            x=[ends[0], *(names[cause] for cause, _ in causes), ends[1] if ends[1] != ends[0] else f"{ends[1]} "],
            y=[float(total.amount) for total in totals],
            measure=["absolute", *["relative"] * len(causes), "total"],
            text=[money.compact(total.amount, report.currency, locale) for total in totals],
            textposition="outside",
            cliponaxis=False,
            connector={"line": {"color": colours.border, "width": 1}},
            increasing={"marker": {"color": colours.green}},
            decreasing={"marker": {"color": colours.red}},
            totals={"marker": {"color": colours.primary}},
            customdata=[
                [code, money.shown(total.amount, report.currency, locale), total.count]
                for code, total in zip(["", *(cause.value for cause, _ in causes), ""], totals, strict=True)
            ],
            hovertemplate=f"%{{x}}: <b>%{{customdata[1]}}</b> · {deals}<extra></extra>",
        )
    )
    apply_theme(figure, colours, locale, height=380, legend=False)
    # Room above the highest bar for its number.
    figure.update_layout(margin={"t": 32})
    figure.update_yaxes(tickformat="~s")
    return figure


def funnel_chart(report: conversion.Conversion, colours: Palette, locale: str) -> go.Figure:
    """One bar a stage, as long as the deals that reached it: those that went further, are undecided, were lost."""
    steps = report.steps
    places = list(range(len(steps)))
    figure = go.Figure()
    for title, colours_of, counts, codes in _parts(report, colours):
        figure.add_bar(
            x=counts,
            y=places,
            orientation="h",
            name=title,
            marker={"color": colours_of, "cornerradius": 3},
            customdata=[[code, plain(step.name)] for code, step in zip(codes, steps, strict=True)],
            hovertemplate=f"%{{customdata[1]}} · {title.lower()}: <b>%{{x:,}}</b><extra></extra>",
        )
    figure.add_scatter(
        x=[step.reached for step in steps],
        y=places,
        mode="text",
        text=[
            f"  {words.number(step.reached)}" + (f" · {percent(step.rate, locale)}" if step.rate is not None else "")
            for step in steps
        ],
        textposition="middle right",
        textfont={"color": colours.text},
        cliponaxis=False,
        hoverinfo="skip",
        showlegend=False,
    )
    apply_theme(figure, colours, locale, height=90 + 44 * len(steps))
    figure.update_layout(barmode="stack", hovermode="closest", bargap=0.3)
    # Room for the number behind the longest bar, which would otherwise be cut.
    largest = max((step.reached for step in steps), default=1) or 1
    figure.update_xaxes(visible=False, range=[0, largest * 1.35])
    figure.update_yaxes(
        autorange="reversed",
        showgrid=False,
        zeroline=False,
        tickvals=places,
        ticktext=[
            tr("{name} (removed)", name=shortened(step.name)) if step.removed else shortened(step.name)
            for step in steps
        ],
    )
    return figure


def win_rate_chart(report: closings.Closings, colours: Palette, locale: str) -> go.Figure:
    """The win rate by count of each month or quarter with its 95 % interval; a gap where nothing was closed."""
    names = [label(bucket.period, report.grain, locale) for bucket in report.buckets]
    rates = [bucket.rate for bucket in report.buckets]
    spans = [closings.wilson(rate.won.count, rate.closings) if rate.closings else (0, 0) for rate in rates]
    middles = [rate.by_count or 0 for rate in rates]
    counts = tr("{won} won of {closed} closed", won="%{customdata[1]:,}", closed="%{customdata[2]:,}")
    figure = go.Figure()
    figure.add_scatter(
        x=names,
        y=[rate.by_count for rate in rates],
        mode="lines+markers",
        name=tr("Win rate"),
        line={"color": colours.primary, "width": 2},
        marker={"size": 8},
        error_y={
            "type": "data",
            "array": [high - middle for (_, high), middle in zip(spans, middles, strict=True)],
            "arrayminus": [middle - low for (low, _), middle in zip(spans, middles, strict=True)],
            "color": colours.quiet,
            "thickness": 1.5,
            "width": 4,
        },
        customdata=[
            [
                str(closings.Cell(result=closings.Result.WON, bucket=bucket.period.first)),
                bucket.rate.won.count,
                bucket.rate.closings,
            ]
            for bucket in report.buckets
        ],
        hovertemplate=f"%{{x}}: <b>%{{y:.1%}}</b>, {counts}<extra></extra>",
    )
    apply_theme(figure, colours, locale, height=250, legend=False)
    # A little above 100 %, where half of a point would be cut off.
    figure.update_yaxes(tickformat=".0%", range=[0, 1.02])
    period_axis(figure, [bucket.period for bucket in report.buckets], report.grain, locale)
    return figure


def cohorts_chart(report: conversion.Conversion, grain: Grain, colours: Palette, locale: str) -> go.Figure:
    """Won of each month's arrivals: as it stands, and up to all undecided deals being won; young cohorts in grey."""
    cohorts = report.cohorts
    names = [label(cohort.period, grain, locale) for cohort in cohorts]
    counted = [[cohort.won, cohort.arrived, cohort.undecided] for cohort in cohorts]
    as_it_stands, still = tr("As it stands"), tr("Undecided")
    won, undecided = (
        tr("{part} of {whole}", part=f"%{{customdata[{place}]:,}}", whole="%{customdata[1]:,}") for place in (0, 2)
    )
    figure = go.Figure()
    figure.add_bar(
        x=names,
        y=[cohort.won / cohort.arrived if cohort.arrived else None for cohort in cohorts],
        name=tr("Won, as it stands"),
        marker={"color": [colours.quiet if cohort.young else colours.primary for cohort in cohorts], "cornerradius": 3},
        customdata=counted,
        hovertemplate=f"{as_it_stands}: <b>%{{y:.1%}}</b>, {won}<extra></extra>",
    )
    figure.add_bar(
        x=names,
        y=[cohort.undecided / cohort.arrived if cohort.arrived else None for cohort in cohorts],
        name=still,
        marker={"color": faint(colours.quiet), "cornerradius": 3},
        customdata=counted,
        hovertemplate=f"{still}: <b>%{{y:.1%}}</b>, {undecided}<extra></extra>",
    )
    apply_theme(figure, colours, locale, height=280)
    figure.update_layout(barmode="stack", hovermode="x unified", bargap=0.35)
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    period_axis(figure, [cohort.period for cohort in cohorts], grain, locale)
    return figure


def reasons_chart(report: closings.Closings, colours: Palette, locale: str) -> go.Figure:
    """Why deals were lost: deals by reason, most frequent first."""
    reasons = [reason for reason in report.reasons if reason.result is closings.Result.LOST]
    places = list(range(len(reasons)))
    figure = go.Figure(
        go.Bar(
            x=[reason.closed.count for reason in reasons],
            y=places,
            orientation="h",
            marker={"color": colours.red, "cornerradius": 3},
            text=[words.number(reason.closed.count) for reason in reasons],
            textposition="outside",
            cliponaxis=False,
            customdata=[
                [
                    str(closings.Cell(result=reason.result, reason_id=reason.id)),
                    plain(reason.name or tr(NO_REASON)),
                ]
                for reason in reasons
            ],
            hovertemplate="%{customdata[1]}: <b>%{x:,}</b><extra></extra>",
        )
    )
    apply_theme(figure, colours, locale, height=30 + 36 * len(reasons), legend=False)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(
        autorange="reversed",
        showgrid=False,
        zeroline=False,
        tickvals=places,
        ticktext=[shortened(reason.name or tr(NO_REASON)) for reason in reasons],
    )
    return figure


def _layers(report: forecast.Forecast, colours: Palette) -> list[tuple[str, str, list[Decimal], list[str]]]:
    buckets = report.buckets
    won = [str(forecast.Cell(state=forecast.State.WON, bucket=bucket.period.first)) for bucket in buckets]
    still = [str(forecast.Cell(state=forecast.State.OPEN, bucket=bucket.period.first)) for bucket in buckets]
    return [
        (tr("Won"), colours.green, [bucket.won.value for bucket in buckets], won),
        (tr("Weighted"), colours.primary, [bucket.open.weighted for bucket in buckets], still),
        (
            tr("Rest of open"),
            faint(colours.primary),
            [bucket.open.value - bucket.open.weighted for bucket in buckets],
            still,
        ),
    ]


def _parts(report: conversion.Conversion, colours: Palette) -> list[tuple[str, list[str], list[int], list[str]]]:
    steps = report.steps
    further = [step.reached - step.dropped - step.undecided for step in steps]
    # The deals that went further are those that reached the next stage; the last stage has none.
    following = [other.stage_id for other in steps[1:]] + [step.stage_id for step in steps[-1:]]
    code = conversion.Cell
    tones = [colours.green if step.is_won else colours.quiet if step.young else colours.primary for step in steps]
    return [
        (
            tr("Went further"),
            tones,
            further,
            [str(code(measure=conversion.Measure.REACHED, stage_id=each)) for each in following],
        ),
        (
            tr("Undecided"),
            [colours.orange] * len(steps),
            [step.undecided for step in steps],
            [str(code(measure=conversion.Measure.UNDECIDED, stage_id=step.stage_id)) for step in steps],
        ),
        (
            tr("Lost here"),
            [colours.red] * len(steps),
            [step.dropped for step in steps],
            [str(code(measure=conversion.Measure.DROPPED, stage_id=step.stage_id)) for step in steps],
        ),
    ]


def period_axis(figure: go.Figure, periods: list[Period], grain: Grain, locale: str) -> None:
    """Name the periods on the axis, the year below the first and below each January, so that they fit a phone."""
    figure.update_xaxes(
        tickvals=[label(period, grain, locale) for period in periods],
        ticktext=[name.replace("\n", "<br>") for name in wording.axis_names(periods, grain, locale)],
        tickangle=0,
    )


def shortened(name: str, most: int = 18) -> str:
    """A name from people for an axis, cut to a length that leaves room for the chart on a phone."""
    return plain(name if len(name) <= most else name[: most - 1] + "…")


def apply_theme(figure: go.Figure, colours: Palette, locale: str, *, height: int, legend: bool = True) -> None:
    """Lay out a figure as all charts are: the theme's colours and font, no frame, nothing to drag."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 32 if legend else 8, "b": 8},
        showlegend=legend,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "size": 13, "color": colours.text},
        legend={"orientation": "h", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom", "traceorder": "normal"},
        hoverlabel={
            "bgcolor": colours.background,
            "bordercolor": colours.border,
            "font": {"color": colours.text, "family": FONT},
        },
        # Plotly's locales are scripts of their own; of all they change, only the two signs show here.
        separators=get_decimal_symbol(locale) + get_group_symbol(locale),
        dragmode=False,
    )
    figure.update_xaxes(showgrid=False, fixedrange=True, automargin=True, linecolor=colours.border)
    figure.update_yaxes(gridcolor=colours.border, zerolinecolor=colours.border, fixedrange=True, automargin=True)
