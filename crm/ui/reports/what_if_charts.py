"""The charts of a what-if: what is expected by month beside the forecast, and what each assumption adds."""

from collections.abc import Mapping
from decimal import Decimal

import plotly.graph_objects as go

from crm.foundation import money
from crm.foundation.language import tr
from crm.reports.assumptions import Cause
from crm.reports.what_if import WhatIf
from crm.ui.reports.charts import Palette, apply_theme, label, period_axis, plain


def months_chart(found: Mapping[str, WhatIf], colours: Palette, locale: str) -> go.Figure:
    """By month or quarter, what is expected as things stand, and under each of the assumptions, {name: what-if}."""
    base = next(iter(found.values())).forecast
    names = [label(bucket.period, base.grain, locale) for bucket in base.buckets]
    series = {tr("Forecast"): [bucket.expected for bucket in base.buckets]}
    series |= {name: [month.assumed for month in each.months] for name, each in found.items()}
    tones = (colours.quiet, colours.primary, colours.orange, colours.green)
    figure = go.Figure()
    for (name, amounts), colour in zip(series.items(), tones, strict=False):
        figure.add_bar(
            x=names,
            y=[float(amount) for amount in amounts],
            name=plain(name),
            marker={"color": colour, "cornerradius": 3},
            customdata=[money.shown(amount, base.currency, locale) for amount in amounts],
            hovertemplate=f"{plain(name)}: <b>%{{customdata}}</b><extra></extra>",
        )
    apply_theme(figure, colours, locale, height=320)
    figure.update_layout(barmode="group", hovermode="x unified", bargap=0.3)
    figure.update_yaxes(tickformat="~s", rangemode="tozero")
    period_axis(figure, [bucket.period for bucket in base.buckets], base.grain, locale)
    return figure


def effects_chart(found: WhatIf, names: Mapping[Cause, str], colours: Palette, locale: str) -> go.Figure:
    """A waterfall from the forecast to what is expected under the assumptions, one bar a kind of these."""
    currency = found.forecast.currency
    steps: list[tuple[str, Decimal]] = [
        (tr("Forecast"), found.forecast.expected),
        *((names[each.cause], each.amount) for each in found.effects),
        (tr("What if"), found.assumed.expected),
    ]
    figure = go.Figure(
        go.Waterfall(
            x=[name for name, _ in steps],
            y=[float(amount) for _, amount in steps],
            measure=["absolute", *["relative"] * len(found.effects), "total"],
            text=[money.compact(amount, currency, locale) for _, amount in steps],
            textposition="outside",
            cliponaxis=False,
            connector={"line": {"color": colours.border, "width": 1}},
            increasing={"marker": {"color": colours.green}},
            decreasing={"marker": {"color": colours.red}},
            totals={"marker": {"color": colours.primary}},
            customdata=[money.shown(amount, currency, locale) for _, amount in steps],
            hovertemplate="%{x}: <b>%{customdata}</b><extra></extra>",
        )
    )
    apply_theme(figure, colours, locale, height=320, legend=False)
    # Room above the highest bar for its number.
    figure.update_layout(margin={"t": 32})
    figure.update_yaxes(tickformat="~s")
    return figure
