"""The charts of the conversion page beside the funnel: time in stage, losses by stage and reason, cycle."""

import plotly.graph_objects as go

from crm.foundation.language import tr
from crm.reports import closings, conversion
from crm.reports.conversion import Conversion, Measure, Step
from crm.ui import words
from crm.ui.reports.charts import NO_REASON, Palette, apply_theme, faint, plain, shortened

MOST_REASONS = 5
"""Reasons with a colour of their own; the rest are one."""


def stage_times_chart(report: Conversion, colours: Palette, locale: str) -> go.Figure:
    """A line a stage from the median to the 90th percentile of its completed visits, and the Kaplan–Meier median."""
    steps = [step for step in report.steps if not step.is_won]
    places = list(range(len(steps)))
    figure = go.Figure()
    for step, place in zip(steps, places, strict=True):
        if step.time.median is not None:
            figure.add_scatter(
                x=[step.time.median, step.time.p90],
                y=[place, place],
                mode="lines",
                line={"color": faint(colours.primary), "width": 10},
                hoverinfo="skip",
                showlegend=False,
            )
    marks = (
        (tr("Median"), [step.time.median for step in steps], colours.primary, "circle"),
        ("P75", [step.time.p75 for step in steps], colours.primary, "line-ns-open"),
        ("P90", [step.time.p90 for step in steps], colours.primary, "line-ns-open"),
        (tr("Kaplan–Meier median"), [step.time.survival_median for step in steps], colours.orange, "diamond"),
    )
    for name, found, colour, symbol in marks:
        days = tr("{count} d", count="%{x:,.1f}")
        figure.add_scatter(
            x=found,
            y=places,
            mode="markers",
            name=name,
            marker={"color": colour, "symbol": symbol, "size": 11, "line": {"width": 2, "color": colour}},
            customdata=[plain(step.name) for step in steps],
            hovertemplate=f"%{{customdata}} · {name}: <b>{days}</b><extra></extra>",
        )
    apply_theme(figure, colours, locale, height=90 + 40 * len(steps))
    figure.update_layout(hovermode="closest")
    figure.update_xaxes(showgrid=True, gridcolor=colours.border, rangemode="tozero", title={"text": tr("Days")})
    _stage_axis(figure, steps)
    return figure


def losses_chart(report: Conversion, colours: Palette, locale: str) -> go.Figure:
    """A bar a stage: the deals that were lost there, by reason, the most frequent reasons first."""
    steps = [step for step in report.steps if step.dropped]
    most = reasons_of(report)
    named = most[:MOST_REASONS]
    tones = [colours.red, colours.orange, colours.primary, colours.green, faint(colours.red)]
    figure = go.Figure()
    for (reason_id, name), tone in zip(named, tones, strict=False):
        title = plain(name or tr(NO_REASON))
        figure.add_bar(
            x=[_lost(step, [reason_id]) for step in steps],
            y=list(range(len(steps))),
            orientation="h",
            name=shortened(title),
            marker={"color": tone if reason_id else colours.quiet, "cornerradius": 3},
            customdata=[
                [
                    str(conversion.Cell(measure=Measure.DROPPED, stage_id=step.stage_id, reason_id=reason_id)),
                    plain(step.name),
                ]
                for step in steps
            ],
            hovertemplate=f"%{{customdata[1]}} · {title}: <b>%{{x:,}}</b><extra></extra>",
        )
    if rest := [reason_id for reason_id, _ in most[MOST_REASONS:]]:
        others = tr("Other reasons")
        figure.add_bar(
            x=[_lost(step, rest) for step in steps],
            y=list(range(len(steps))),
            orientation="h",
            name=others,
            marker={"color": faint(colours.quiet), "cornerradius": 3},
            customdata=[
                [str(conversion.Cell(measure=Measure.DROPPED, stage_id=step.stage_id)), plain(step.name)]
                for step in steps
            ],
            hovertemplate=f"%{{customdata[1]}} · {others}: <b>%{{x:,}}</b><extra></extra>",
        )
    apply_theme(figure, colours, locale, height=100 + 40 * len(steps))
    figure.update_layout(barmode="stack", hovermode="closest", bargap=0.35)
    figure.update_xaxes(rangemode="tozero", tickformat=",d", showgrid=True, gridcolor=colours.border)
    _stage_axis(figure, steps)
    return figure


def reasons_of(report: Conversion) -> list[tuple[int, str | None]]:
    """(id, name) of the reasons of the deals lost on the way, over all stages the most frequent first."""
    counts: dict[tuple[int, str | None], int] = {}
    for reason in (reason for step in report.steps for reason in step.reasons):
        key = reason.id, reason.name
        counts[key] = counts.get(key, 0) + reason.deals
    return sorted(counts, key=lambda key: (-counts[key], key[1] or ""))


def _lost(step: Step, reasons: list[int]) -> int:
    return sum(reason.deals for reason in step.reasons if reason.id in reasons)


def cycle_chart(report: closings.Closings, colours: Palette, locale: str) -> go.Figure:
    """Won deals by how long winning took, with the median, the 75th and the 90th percentile."""
    cycle = report.cycle
    figure = go.Figure(
        go.Bar(
            x=[(each.first + each.until) / 2 for each in cycle.bins],
            y=[each.deals for each in cycle.bins],
            width=[(each.until - each.first) * 0.92 for each in cycle.bins],
            marker={"color": colours.primary, "cornerradius": 3},
            customdata=[
                [
                    str(closings.Cell(result=closings.Result.WON, days=(each.first, each.until))),
                    span_of(each),
                ]
                for each in cycle.bins
            ],
            hovertemplate="%{customdata[1]}: <b>%{y:,}</b><extra></extra>",
        )
    )
    apply_theme(figure, colours, locale, height=280, legend=False)
    # Room above the bars for the names of the lines, each a little higher than the one before: they may lie close.
    figure.update_layout(margin={"t": 64}, bargap=0)
    marks = (("P50", cycle.median), ("P75", cycle.p75), ("P90", cycle.p90))
    for height, (name, days) in enumerate(marks):
        if days is not None:
            figure.add_vline(x=days, line={"color": colours.orange, "width": 2, "dash": "dot"})
            figure.add_annotation(
                x=days,
                y=1,
                yref="paper",
                yshift=9 + 17 * height,
                text=tr("{name}: {count:,} d", name=name, count=round(days)),
                showarrow=False,
                font={"color": colours.orange},
            )
    figure.update_xaxes(title={"text": tr("Days from opened to won")}, rangemode="tozero")
    figure.update_yaxes(tickformat=",d", rangemode="tozero")
    return figure


def span_of(found: closings.CycleBin) -> str:
    """The lengths of a bin in words, such as 0–4 d."""
    first, last = words.number(found.first), words.number(found.until - 1)
    return tr("{count} d", count=first if first == last else f"{first}–{last}")


def _stage_axis(figure: go.Figure, steps: list[Step]) -> None:
    figure.update_yaxes(
        range=[len(steps) - 0.4, -0.6],
        showgrid=False,
        zeroline=False,
        tickvals=list(range(len(steps))),
        ticktext=[shortened(step.name) for step in steps],
    )
