"""The charts of the back-test: what was forecast beside what came of it, and how far chances can be trusted."""

from collections.abc import Mapping
from decimal import Decimal

import plotly.graph_objects as go
from babel.dates import format_skeleton

from crm.foundation import money
from crm.foundation.language import tr
from crm.reports.prediction.backtest import Backtest, Method
from crm.ui.reports.charts import Palette, apply_theme, faint


def past_chart(
    tested: Backtest, names: Mapping[Method, str], currency: str, colours: Palette, locale: str
) -> go.Figure:
    """By month end: what was won as bars, the forecasts as lines, and the range of the model's where one is drawn."""
    points = tested.points
    months = [str(format_skeleton("yMMM", point.day, locale=locale)) for point in points]
    figure = go.Figure()
    if all(point.p10 is not None for point in points):
        figure.add_scatter(
            x=months,
            y=[point.p90 for point in points],
            mode="lines",
            line={"width": 0},
            hoverinfo="skip",
            showlegend=False,
        )
        figure.add_scatter(
            x=months,
            y=[point.p10 for point in points],
            mode="lines",
            line={"width": 0},
            fill="tonexty",
            fillcolor=faint(colours.primary),
            name=tr("P10 to P90"),
            hoverinfo="skip",
        )
    figure.add_bar(
        x=months,
        y=[point.actual for point in points],
        name=tr("Won"),
        marker={"color": colours.green, "cornerradius": 3},
        customdata=[money.compact(Decimal(point.actual), currency, locale) for point in points],
        hovertemplate="<b>%{customdata}</b>",
    )
    strokes = {
        Method.MODEL: (colours.primary, "solid", 3),
        Method.AALEN_JOHANSEN: (colours.orange, "dot", 2),
        Method.STATIC: (colours.quiet, "dash", 2),
        Method.LAST_ACTUAL: (colours.red, "dashdot", 1),
    }
    for method, (colour, dash, width) in strokes.items():
        amounts = [point.forecasts[method] for point in points]
        figure.add_scatter(
            x=months,
            y=amounts,
            mode="lines+markers",
            name=names[method],
            line={"color": colour, "dash": dash, "width": width},
            customdata=[money.compact(Decimal(amount), currency, locale) for amount in amounts],
            hovertemplate="<b>%{customdata}</b>",
        )
    apply_theme(figure, colours, locale, height=380)
    figure.update_layout(hovermode="x unified", bargap=0.5)
    figure.update_yaxes(tickformat="~s", rangemode="tozero")
    return figure


def reliability_chart(tested: Backtest, colours: Palette, locale: str) -> go.Figure:
    """Of the deals given a chance, the share that was won: on the diagonal the chances are what they say."""
    bins = tested.discrimination[Method.MODEL].reliability
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"color": colours.quiet, "dash": "dot", "width": 1},
        hoverinfo="skip",
        showlegend=False,
    )
    deals = tr("{count} deals", count="%{customdata:,}")
    figure.add_scatter(
        x=[each.chance for each in bins],
        y=[each.won for each in bins],
        mode="lines+markers",
        marker={"size": 9, "color": colours.primary},
        line={"color": colours.primary, "width": 2},
        customdata=[each.deals for each in bins],
        hovertemplate=f"%{{x:.0%}} → <b>%{{y:.0%}}</b> · {deals}<extra></extra>",
        showlegend=False,
    )
    apply_theme(figure, colours, locale, height=300, legend=False)
    figure.update_xaxes(tickformat=".0%", range=[0, 1], title=tr("Chance given"))
    figure.update_yaxes(tickformat=".0%", range=[0, 1], title=tr("Share won"))
    return figure
