"""Forecast: what is won, weighted and open by month or quarter, with the deals behind each figure."""

from functools import partial

import polars as pl
import streamlit as st

from crm.foundation import money
from crm.foundation.errors import CrmError
from crm.foundation.language import later, tr
from crm.pipelines import Category, categories
from crm.reports import attainment, forecast, query, unvalued
from crm.reports.attainment import Attainment, Attainments
from crm.reports.figure_codes import Figure as ExplainedFigure
from crm.reports.figure_codes import Measure
from crm.reports.forecast import Cell, Figure, Forecast, State
from crm.reports.query import ReportFilters
from crm.reports.unvalued import Unvalued
from crm.reports.wording import STATES as TITLES
from crm.store import Reading
from crm.ui import session, words
from crm.ui.reports import (
    charts,
    rate_notes,
    report_cards,
    report_drawer,
    report_filters,
    report_tables,
    targets_dialog,
    why_drawer,
    why_titles,
)

PERIODS = [
    "this-quarter",
    "next-quarter",
    "next-6-months",
    "next-12-months",
    "this-year",
    "next-year",
    "last-12-months",
]
ABOUT = later("""
**Won so far**: deals won in the period, by the day they were closed, at full value: the value, owner and team that they
were closed with, whatever was corrected or handed over since. Lost deals count nothing.

**Open**: open deals expected to close in the period. **Weighted**: each one's value × its own
probability, else that of its stage.

**Expected** = won so far + weighted.

**Overdue**: open deals whose expected close is before today. **Undated**: open deals without one. Both stand apart,
never in a month. **Outside**: open deals expected before or after the period.

A deal without a value counts as a deal and adds nothing. Amounts of two currencies are added through the rate of a
day: an open deal counts at the latest rate of today, or of the day under “As of”; a won deal at that of its closing
day. A deal whose currency had no rate in the 31 days before is left out, and the page says so.
""")
ABOUT_TARGETS = later("""
**Target**: what the owner, team or pipeline of the filters, or everybody, is to win in the period; a quarter's is of no
month.

**Coverage** = (won + open) / target. **Gap** = target − won − weighted: what is missing if the open deals close as they
weigh. Both are told where every month has a target.
""")
ABOUT_CATEGORIES = later("""
The open deals that are expected to close in the period, by how sure they are: the category that a deal has of its own,
else that of its stage. **Closed**: won in the period. **With surer ones**: the whole value of this category and of all
above it: what is called the commit and the best case. Omitted deals are open all the same, and in the figures above.
""")
ABOUT_UNVALUED = later("""
Open deals that have no value, which every figure of the forecast counts as nothing. **By rule** each would be won for
the median of what deals of its pipeline were won for by the day asked, whoever had them, in this currency. A deal with
products has the sum of its lines as its value, so none of these has a list price. Switch it off under Filters.
""")
TARGETS = ("Target", "Coverage", "Gap")
OF_TARGET = {"Target": "target:attained", "Coverage": "target:coverage", "Gap": "target:gap"}
"""What of each is explained."""
STATES = {
    "Won": State.WON,
    "Won deals": State.WON,
    "Weighted": State.OPEN,
    "Open": State.OPEN,
    "Open deals": State.OPEN,
}


def draw_title(tx: Reading, filters: ReportFilters) -> None:
    with report_cards.title_row(tr("Forecast")):
        active = report_filters.count("pipeline", "owner", "team", "source", "currency", "as_of")
        with st.popover(
            tr("Filters ({count})", count=active) if active else tr("Filters"), icon=":material/filter_list:"
        ):
            report_filters.period_choice(filters.period, PERIODS, default=query.FORECAST_PERIOD, key="forecast-period")
            report_filters.scope_choices(tx, page="forecast", with_pipeline=True)
            report_filters.choice(
                tr("Deals without a value"),
                "unvalued",
                {"": tr("Valued by rule, apart"), "off": tr("Not valued")},
                key="forecast-unvalued-choice",
            )
        report_filters.grain_choice(key="forecast-by")
        if st.button(tr("Targets"), icon=":material/flag:"):
            targets_dialog.show()


def draw_cards(report: Forecast, locale: str) -> None:
    def card(
        label: str, figure: Figure, state: State, icon: str, weighted: bool = False, trend: list[float] | None = None
    ) -> None:
        amount = figure.weighted if weighted else figure.value
        words = report_cards.deals(figure.count)
        if figure.valueless:
            words = tr("{deals}, {count:,} without a value", deals=words, count=figure.valueless)
        report_cards.card(
            label,
            money.compact(amount, report.currency, locale),
            words,
            state.value if figure.count else "",
            icon=icon,
            trend=trend,
            why=f"forecast:{Measure.WEIGHTED if weighted else Measure.VALUE}:{state}",
        )

    buckets = report.buckets
    with st.grid(3, min_column_width=150):
        card(
            later("Won so far"), report.won, State.WON, ":material/trophy:", trend=[float(b.won.value) for b in buckets]
        )
        card(
            later("Weighted"),
            report.open,
            State.OPEN,
            ":material/balance:",
            weighted=True,
            trend=[float(b.open.weighted) for b in buckets],
        )
        card(
            later("Open"),
            report.open,
            State.OPEN,
            ":material/hourglass_empty:",
            trend=[float(b.open.value) for b in buckets],
        )
        card(later("Overdue"), report.overdue, State.OVERDUE, ":material/event_busy:")
        card(later("Undated"), report.undated, State.UNDATED, ":material/calendar_today:")
        card(later("Outside the period"), report.outside, State.OUTSIDE, ":material/update:")


def draw_targets(report: Forecast, against: Attainments, locale: str) -> None:
    if not against.any_target:
        return
    total, shown = against.total, partial(money.compact, code=report.currency, locale=locale)
    dash = "–"
    report_cards.headline(tr("Against the target"), ABOUT_TARGETS)
    with st.grid(3, min_column_width=150):
        report_cards.card(
            later("Target"),
            shown(total.target) if total.target is not None else dash,
            attained(total, locale),
            icon=":material/flag:",
            why="target:attained" if total.is_whole else "",
        )
        report_cards.card(
            later("Coverage"),
            charts.percent(total.coverage, locale),
            tr("won and open of the target"),
            icon=":material/donut_large:",
            why="target:coverage" if total.is_whole else "",
        )
        report_cards.card(
            later("Gap"),
            shown(total.gap) if total.gap is not None else dash,
            tr("target, less won and weighted"),
            icon=":material/straighten:",
            why="target:gap" if total.is_whole else "",
        )
    if against.why_not:
        st.caption(against.why_not)


def attained(total: Attainment, locale: str) -> str:
    """How much of the target is won."""
    if not total.is_whole or not total.target:
        return tr("of the period")
    return tr("{share} of it won", share=charts.percent(float(total.won / total.target), locale))


def draw_chart(report: Forecast, against: Attainments, locale: str) -> None:
    grain = report_tables.grain(report.grain)
    report_cards.headline(tr("By {grain} of expected close", grain=grain), ABOUT, csv="forecast")
    if report.is_empty:
        st.info(tr("No deals to show: none is open, and none was won in this period."), icon=":material/inbox:")
        return
    st.plotly_chart(
        charts.forecast_chart(report, against, charts.palette(), locale),
        config=charts.QUIET,
        on_select=partial(report_drawer.open_marked, "forecast-chart"),
        selection_mode="points",
        key="forecast-chart",
        alt=tr("Won, weighted and open value by {grain}", grain=grain),
    )
    figures = table(report, against, locale)
    st.dataframe(
        figures,
        hide_index=True,
        column_config=report_tables.columns(figures, ("Expected", "Won", "Weighted", "Open", *TARGETS)),
        on_select=report_cards.opening("forecast-table", partial(code_at, report), partial(why_at, report, against)),
        selection_mode="single-cell",
        key="forecast-table",
        height=report_cards.height(len(report.buckets)),
        alt=tr("Forecast by {grain}", grain=grain),
    )
    rate_notes.draw(report.rates, report.currency, locale, csv="forecast-rates")
    if report.left_out:
        st.caption(left_out(report))


def draw_unvalued(found: Unvalued, locale: str) -> None:
    """Say what the deals without a value would add, which no figure counts."""
    if not found.count:
        return
    shown = partial(money.compact, code=found.currency, locale=locale)
    report_cards.headline(tr("Without a value"), ABOUT_UNVALUED, csv="forecast-unvalued")
    rows = found.parts
    table = pl.DataFrame(
        {
            "Deals": [tr(TITLES[part.state]) for part in rows],
            later("Pipeline"): [part.pipeline_name for part in rows],
            later("Without a value"): [part.count for part in rows],
            later("Median of won"): ["–" if part.typical is None else shown(part.typical) for part in rows],
            later("Won deals"): [part.won for part in rows],
            later("Value by rule"): ["–" if part.typical is None else shown(part.value) for part in rows],
            later("Weighted by rule"): ["–" if part.typical is None else shown(part.weighted) for part in rows],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        column_config=report_tables.columns(table, ("Median of won", "Value by rule", "Weighted by rule")),
        key="forecast-unvalued",
        height="content",
        alt=tr("Open deals without a value, by rule"),
    )
    of_period = found.of_period
    if of_period.count > of_period.unknown:
        st.caption(
            tr(
                "In the period they would add {value}, {weighted} weighted. No figure above counts it.",
                value=words.plain(shown(of_period.value)),
                weighted=words.plain(shown(of_period.weighted)),
            )
        )


def draw_categories(report: Forecast, locale: str) -> None:
    if not (report.won.count or report.open.count):
        return
    report_cards.headline(tr("By category"), ABOUT_CATEGORIES, csv="forecast-categories")
    shown = partial(money.shown, code=report.currency, locale=locale)
    rows = [(Category.CLOSED, report.won, report.won)]
    rows += [(category, figure, report.at_least(category)) for category, figure in report.categories.items()]
    table = pl.DataFrame(
        {
            "Category": [tr(categories.NAMES[category]) for category, _, _ in rows],
            later("Deals"): [figure.count for _, figure, _ in rows],
            later("Value"): [shown(figure.value) for _, figure, _ in rows],
            later("Weighted"): [shown(figure.weighted) for _, figure, _ in rows],
            later("With surer ones"): [shown(at_least.value) for _, _, at_least in rows],
        }
    )
    surer = ["", *(f"forecast:at_least:{each}" for each in report.categories)]

    def at_least(row: int, column: str) -> str:
        return surer[row] if column == "With surer ones" else ""

    codes = [str(Cell(state=State.WON)), *(str(Cell(state=State.OPEN, category=each)) for each in report.categories)]
    st.dataframe(
        table,
        hide_index=True,
        column_config=report_tables.columns(table, ("Value", "Weighted", "With surer ones")),
        on_select=report_cards.opening("forecast-categories", lambda row, _: codes[row], at_least),
        selection_mode="single-cell",
        key="forecast-categories",
        height="content",
        alt=tr("Forecast by category"),
    )


def left_out(report: Forecast) -> str:
    if not report.amounts.alone:
        return rate_notes.without_rate(report.left_out, report.currency)
    return tr(
        "All amounts are in {currency}. Deals left out: {others}. Choose the currency under Filters.",
        currency=report.currency,
        others=rate_notes.counts(report.left_out),
    )


def table(report: Forecast, against: Attainments, locale: str) -> pl.DataFrame:
    buckets = report.buckets
    shown = partial(money.shown, code=report.currency, locale=locale)
    targets = {
        later("Target"): [shown(each.target) for each in against.buckets],
        later("Coverage"): [charts.percent(each.coverage, locale) for each in against.buckets],
        later("Gap"): [shown(each.gap) for each in against.buckets],
    }
    return pl.DataFrame(
        {
            report.grain.title(): [charts.label(bucket.period, report.grain, locale) for bucket in buckets],
            later("Expected"): [shown(bucket.expected) for bucket in buckets],
            later("Won"): [shown(bucket.won.value) for bucket in buckets],
            later("Won deals"): [bucket.won.count for bucket in buckets],
            later("Weighted"): [shown(bucket.open.weighted) for bucket in buckets],
            later("Open"): [shown(bucket.open.value) for bucket in buckets],
            later("Open deals"): [bucket.open.count for bucket in buckets],
            **(targets if against.any_target else {}),
        }
    )


def code_at(report: Forecast, row: int, column: str) -> str:
    return str(Cell(state=STATES[column], bucket=report.buckets[row].period.first)) if column in STATES else ""


def why_at(report: Forecast, against: Attainments, row: int, column: str) -> str:
    month = report.buckets[row].period.first
    if column in OF_TARGET:
        return f"{OF_TARGET[column]}:{month}" if against.buckets[row].is_whole else ""
    return f"forecast:expected:{month}" if column == "Expected" else ""


def draw_drilldown(report: Forecast, code: str, locale: str) -> None:
    cell = Cell.parse(code)
    report_drawer.drawer(
        why_titles.of_forecast(cell, [bucket.period for bucket in report.buckets], report.grain, locale),
        lambda tx, limit, offset: forecast.drill_down(tx, report, cell, limit=limit, offset=offset),
        locale,
        weighted=cell.state is not State.WON,
        explain=lambda: why_drawer.open_(f"forecast:{Measure.VALUE}:{cell}"),
    )


def show() -> None:
    with session.reading() as tx:
        filters = report_filters.from_address(tx, period=query.FORECAST_PERIOD)
        # First: a report that takes too long is refused, and whoever has to narrow it needs the filters.
        draw_title(tx, filters)
        report = session.read(
            forecast.report,
            period=filters.period,
            grain=filters.grain,
            scope=filters.scope,
            currency=filters.currency,
        )
        locale = tx.actor.language
    against = session.read(attainment.of, report)
    report_filters.as_of_notice(filters, locale)
    draw_cards(report, locale)
    draw_targets(report, against, locale)
    draw_chart(report, against, locale)
    draw_categories(report, locale)
    if st.query_params.get("unvalued") != "off":
        draw_unvalued(
            session.read(unvalued.report, period=filters.period, scope=filters.scope, currency=filters.currency), locale
        )
    if figure := why_drawer.open_code():
        why_drawer.drawer(why_titles.title(ExplainedFigure.parse(figure), filters, locale), filters, locale)
    elif code := report_drawer.open_code():
        draw_drilldown(report, code, locale)


try:
    show()
except CrmError as refusal:
    st.error(str(refusal), icon=":material/error:")
