"""The row of figures above the board, each with its last twelve months."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from crm.deals import Figures
from crm.foundation import money
from crm.ui import words
from crm.ui.components import sparkline

HEIGHT = 168
"""Pixels of a figure's card, with or without a picture."""


def row(figures: Figures, locale: str) -> None:
    months = figures.months
    with st.grid(4, gap="small", min_column_width=200, wrap=False):
        _figure(
            "Open pipeline",
            money.compact(figures.open_value, figures.currency, locale),
            f"{words.plain(money.compact(figures.weighted, figures.currency, locale))} weighted",
            [float(month.open_value) for month in months],
            "area",
            delta_color="off",
            delta_arrow="off",
            icon=":material/account_balance_wallet:",
            help=_about_open(figures),
        )
        _figure(
            "Won this quarter",
            money.compact(figures.won_value, figures.currency, locale),
            _growth(figures),
            [float(month.won_value) for month in months],
            "bar",
            delta_color="normal" if figures.won_value_before else "off",
            delta_arrow="auto" if figures.won_value_before else "off",
            icon=":material/emoji_events:",
            help="Deals closed as won since the quarter began, compared with the same days of the quarter before. "
            "Bars: won by month.",
        )
        _figure(
            "Win rate",
            "–" if figures.win_rate is None else f"{figures.win_rate:.0%}",
            _points(figures.win_rate, figures.win_rate_before),
            [month.win_rate for month in months if month.win_rate is not None],
            "line",
            icon=":material/target:",
            help="Won deals among those closed in the last 90 days, by count, compared with the 90 days before. "
            "Line: by month.",
        )
        _figure(
            "Median cycle",
            "–" if figures.cycle_days is None else f"{figures.cycle_days:.0f} d",
            _days(figures.cycle_days, figures.cycle_days_before),
            [month.cycle_days for month in months if month.cycle_days is not None],
            "line",
            # Fewer days are better.
            delta_color="inverse",
            icon=":material/timer:",
            help="Days from opened to won, of the deals won in the last 90 days, compared with the 90 days before. "
            "Line: by month.",
        )


def _figure(
    label: str, value: str, delta: str | None, points: Sequence[float], shape: sparkline.Shape, **options: Any
) -> None:
    with st.container(border=True, height=HEIGHT, gap="xsmall"):
        st.metric(label, value, delta, **options)
        sparkline.draw(points, shape)


def _about_open(figures: Figures) -> str:
    others = f" {figures.others:,} deals in other currencies are left out." if figures.others else ""
    return (
        f"{figures.open_count:,} open deals in {figures.currency}; weighted by the probability of their stages."
        f"{others} Area: open at the end of each month, at the values they have now, or closed with."
    )


def _growth(figures: Figures) -> str:
    if not figures.won_value_before:
        return f"{figures.won_count:,} deals"
    change = figures.won_value / figures.won_value_before - 1
    return f"{change:+.0%} vs last quarter"


def _points(now: float | None, before: float | None) -> str | None:
    return None if now is None or before is None else f"{(now - before) * 100:+.1f} pts"


def _days(now: float | None, before: float | None) -> str | None:
    return None if now is None or before is None else f"{now - before:+.0f} d"
