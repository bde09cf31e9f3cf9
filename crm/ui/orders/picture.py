"""Orders over time as a Plotly figure: bars by status, of one currency."""

from datetime import date

import plotly.graph_objects as go
from babel.dates import format_date

from crm.foundation import money
from crm.orders import Bar, Grain
from crm.orders.statuses import STATUS_NAMES
from crm.ui.reports.charts import Palette, dress, faint

NEXT = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}


def chart(bars: tuple[Bar, ...], grain: Grain, colours: Palette, locale: str) -> go.Figure:
    """Each mark carries the days and the status that it stands for: [first day, last day's follower, status]."""
    starts = _every(bars, grain)
    names = [label(start, grain, locale) for start in starts]
    held = {(bar.start, bar.status): bar for bar in bars}
    figure = go.Figure()
    for status, colour in _colours(colours).items():
        theirs = [held.get((start, status)) for start in starts]
        if not any(theirs):
            continue
        figure.add_bar(
            x=names,
            y=[float(bar.value) if bar else 0 for bar in theirs],
            name=STATUS_NAMES[status],
            marker={"color": colour, "cornerradius": 3},
            customdata=[
                [start.isoformat(), after(start, grain).isoformat(), status, _said(bar, locale)]
                for start, bar in zip(starts, theirs, strict=True)
            ],
            hovertemplate=f"{STATUS_NAMES[status]}: <b>%{{customdata[3]}}</b><extra></extra>",
        )
    dress(figure, colours, locale, height=300)
    figure.update_layout(barmode="stack", hovermode="x unified", bargap=0.25)
    figure.update_xaxes(type="category", nticks=6, tickangle=0)
    figure.update_yaxes(tickformat="~s", rangemode="tozero")
    return figure


def label(start: date, grain: Grain, locale: str) -> str:
    """Nov 2026, Q4 2026 or 2026, in the locale's words."""
    words = {Grain.MONTH: "MMM y", Grain.QUARTER: "QQQ y", Grain.YEAR: "y"}
    return str(format_date(start, words[grain], locale=locale))


def after(start: date, grain: Grain) -> date:
    """The first day of the next month, quarter or year."""
    month = 12 * start.year + start.month - 1 + NEXT[grain]
    return date(month // 12, month % 12 + 1, 1)


def _every(bars: tuple[Bar, ...], grain: Grain) -> list[date]:
    """From the first to the last, those without an order too: a gap is news."""
    starts = [bars[0].start]
    while starts[-1] < bars[-1].start:
        starts.append(after(starts[-1], grain))
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


def _said(bar: Bar | None, locale: str) -> str:
    return f"{money.shown(bar.value, bar.currency, locale)} in {bar.count:,}" if bar else "–"
