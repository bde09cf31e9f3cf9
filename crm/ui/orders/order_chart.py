"""The chart of orders over time: a Plotly figure of bars by status, in one currency."""

from datetime import date

import plotly.graph_objects as go
from babel.dates import format_skeleton

from crm.foundation import money
from crm.foundation.language import tr
from crm.orders import Bar, Grain
from crm.orders.statuses import STATUS_NAMES
from crm.ui.reports.charts import Palette, apply_theme, faint

NEXT = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}


def figure(bars: tuple[Bar, ...], grain: Grain, colours: Palette, locale: str) -> go.Figure:
    """The chart. Each mark carries the span and the status that it stands for: [first day, next span's first day,
    status, text]."""
    starts = _all_starts(bars, grain)
    names = [label(start, grain, locale) for start in starts]
    by_start = {(bar.start, bar.status): bar for bar in bars}
    chart = go.Figure()
    for status, colour in _colours(colours).items():
        status_bars = [by_start.get((start, status)) for start in starts]
        # A status that no bar shows would only fill the legend.
        if not any(status_bars):
            continue
        chart.add_bar(
            x=names,
            y=[float(bar.value) if bar else 0 for bar in status_bars],
            name=tr(STATUS_NAMES[status]),
            marker={"color": colour, "cornerradius": 3},
            customdata=[
                [start.isoformat(), next_start(start, grain).isoformat(), status, _hover_text(bar, locale)]
                for start, bar in zip(starts, status_bars, strict=True)
            ],
            hovertemplate=f"{tr(STATUS_NAMES[status])}: <b>%{{customdata[3]}}</b><extra></extra>",
        )
    apply_theme(chart, colours, locale, height=300)
    chart.update_layout(barmode="stack", hovermode="x unified", bargap=0.25)
    # Plotly would read “2026” as a number, and lay the years out on a scale.
    chart.update_xaxes(type="category", nticks=6, tickangle=0)
    chart.update_yaxes(tickformat="~s", rangemode="tozero")
    return chart


def label(start: date, grain: Grain, locale: str) -> str:
    """Nov 2026, Q4 2026 or 2026, in the locale's words."""
    parts = {Grain.MONTH: "yMMM", Grain.QUARTER: "yQQQ", Grain.YEAR: "y"}
    return str(format_skeleton(parts[grain], start, locale=locale))


def next_start(start: date, grain: Grain) -> date:
    """The first day of the next month, quarter or year."""
    month = 12 * start.year + start.month - 1 + NEXT[grain]
    return date(month // 12, month % 12 + 1, 1)


def _all_starts(bars: tuple[Bar, ...], grain: Grain) -> list[date]:
    """The first days of all spans from the first to the last."""
    # Spans without an order too: a gap has to be seen.
    starts = [bars[0].start]
    while starts[-1] < bars[-1].start:
        starts.append(next_start(starts[-1], grain))
    return starts


def _colours(colours: Palette) -> dict[str, str]:
    return {
        "paid": colours.green,
        "partially_paid": faint(colours.green),
        "pending": colours.primary,
        "overdue": colours.orange,
        "refunded": colours.quiet,
        "cancelled": colours.border,
        "failed": colours.red,
    }


def _hover_text(bar: Bar | None, locale: str) -> str:
    if bar is None:
        return "–"
    return tr("{amount} in {count:,}", amount=money.shown(bar.value, bar.currency, locale), count=bar.count)
