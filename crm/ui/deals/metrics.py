"""The row of figures above the board, each with its last twelve months."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from crm.deals import Figures
from crm.foundation import bounds, money
from crm.foundation.language import later, plural, tr
from crm.reports.periods import Grain, Period
from crm.reports.query import ReportFilters
from crm.reports.scope import Scope
from crm.ui import session, words
from crm.ui.components import sparkline
from crm.ui.reports import rate_notes, why_drawer

HEIGHT = 168
"""Pixels of a figure's card, with or without a picture."""


def row(figures: Figures, locale: str) -> None:
    months = figures.months
    with st.grid(4, gap="small", min_column_width=200, wrap=False):
        _figure(
            tr("Open pipeline"),
            money.compact(figures.open_value, figures.currency, locale),
            tr("{amount} weighted", amount=words.plain(money.compact(figures.weighted, figures.currency, locale))),
            [float(month.open_value) for month in months],
            "area",
            "board:open",
            delta_color="off",
            delta_arrow="off",
            icon=":material/account_balance_wallet:",
            help=_about_open(figures),
        )
        _figure(
            tr("Won this quarter"),
            money.compact(figures.won_value, figures.currency, locale),
            _growth(figures),
            [float(month.won_value) for month in months],
            "bar",
            "board:won",
            delta_color="normal" if figures.won_value_before else "off",
            delta_arrow="auto" if figures.won_value_before else "off",
            icon=":material/emoji_events:",
            help=tr(
                "Deals closed as won since the quarter began, compared with the same days of the quarter before. "
                "Bars: won by month."
            ),
        )
        _figure(
            tr("Win rate"),
            "–" if figures.win_rate is None else f"{figures.win_rate:.0%}",
            _points(figures.win_rate, figures.win_rate_before),
            [month.win_rate for month in months if month.win_rate is not None],
            "line",
            "board:win-rate",
            icon=":material/target:",
            help=tr(
                "Won deals among those closed in the last 90 days, by count, compared with the 90 days before. "
                "Line: by month."
            ),
        )
        _figure(
            tr("Median cycle"),
            "–" if figures.cycle_days is None else tr("{days:.0f} d", days=figures.cycle_days),
            _days(figures.cycle_days, figures.cycle_days_before),
            [month.cycle_days for month in months if month.cycle_days is not None],
            "line",
            "board:cycle",
            # Fewer days are better.
            delta_color="inverse",
            icon=":material/timer:",
            help=tr(
                "Days from opened to won, of the deals won in the last 90 days, compared with the 90 days before. "
                "Line: by month."
            ),
        )


def _figure(
    label: str, value: str, delta: str | None, points: Sequence[float], shape: sparkline.Shape, why: str, **options: Any
) -> None:
    with st.container(border=True, height=HEIGHT, gap="xsmall"):
        with st.container(horizontal=True, horizontal_alignment="distribute", gap="xsmall"):
            st.metric(label, value, delta, width="content", **options)
            why_drawer.press(why, key=why)
        sparkline.draw(points, shape)


def _about_open(figures: Figures) -> str:
    sentences = [
        plural(
            "{count:,} open deal, in {currency}; weighted by each one’s probability.",
            "{count:,} open deals, in {currency}; weighted by each one’s probability.",
            figures.open_count,
            currency=figures.currency,
        )
    ]
    if figures.converted:
        sentences.append(
            plural(
                "{count:,} deal in another currency is converted at the rate of today, or of its closing day.",
                "{count:,} deals in other currencies are converted at the rate of today, or of their closing day.",
                figures.converted,
            )
        )
    if figures.left_out:
        sentences.append(rate_notes.without_rate(figures.left_out, figures.currency))
    sentences.append(tr("Area: open at the end of each month, at the values they have now, or closed with."))
    return " ".join(sentences)


def _growth(figures: Figures) -> str:
    if not figures.won_value_before:
        return plural("{count:,} deals", "{count:,} deals", figures.won_count)
    change = figures.won_value / figures.won_value_before - 1
    return tr("{change:+.0%} vs last quarter", change=change)


def _points(now: float | None, before: float | None) -> str | None:
    return None if now is None or before is None else tr("{points:+.1f} pts", points=(now - before) * 100)


def _days(now: float | None, before: float | None) -> str | None:
    return None if now is None or before is None else tr("{days:+.0f} d", days=now - before)


NAMES = {
    "board:open": later("Open pipeline"),
    "board:weighted": later("Weighted"),
    "board:won": later("Won this quarter"),
    "board:win-rate": later("Win rate"),
    "board:cycle": later("Deals that the median cycle is of"),
}
"""What is explained of the figures above a board."""


def is_explained() -> bool:
    return why_drawer.open_code() in NAMES


def explain(pipeline_id: int, owner_id: int | None, figures: Figures, locale: str) -> None:
    """Draw why the figure of the address has changed."""
    scope = Scope(pipeline_ids=(pipeline_id,), owner_id=owner_id)
    # Both ends of a figure above a board look back from their own day: the period says nothing.
    period = Period(first=bounds.FIRST_DAY, end=bounds.LAST_DAY)
    # All deals in one foreign currency are in it alone; else everything is converted.
    currency = None if figures.currency == session.actor().currency else figures.currency
    filters = ReportFilters(scope=scope, period=period, grain=Grain.MONTH, currency=currency)
    why_drawer.drawer(tr(NAMES[why_drawer.open_code()]), filters, locale)
