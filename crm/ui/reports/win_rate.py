"""The closings of the conversion page: win rate, reasons of lost deals, reversals."""

from functools import partial

import polars as pl
import streamlit as st

from crm.foundation import money
from crm.reports import closings
from crm.reports.closings import Cell, Closings, Result, WinRate
from crm.reports.drilldown import Behind
from crm.store import Reading
from crm.ui.reports import charts, report_cards, report_drawer

ABOUT = """
**By count**: won ÷ (won + lost), of the deals closed in the period, by closing day. Under 100 closings with the Wilson
95 % interval. **By value**: the same with the values that the deals had when they were closed; “–” where more than one
in ten of the lost deals, or of the won, carried none: the rate would leave them out, and be too high or too low.

Value, owner and team are those of the closing: what is corrected or handed over later changes no past figure.

A reopened deal counts at its last closing; the earlier one is listed as a reversal. **Cycle**: days from the day a deal
was opened to the day it was won.
"""
ABOUT_REASONS = """
Deals lost in the period, by the reason chosen at closing. Select a bar or a row for its deals.
"""
ABOUT_REVERSALS = """
Closings of the period whose deal was reopened, or closed the other way, afterwards. The win rate counts each deal at
its last closing only.
"""
RESULTS = {"Won": Result.WON, "Won value": Result.WON, "Lost": Result.LOST, "Lost value": Result.LOST}


def words(rate: WinRate, percent: partial[str]) -> str:
    text = f"{rate.won.count:,} won of {rate.closings:,} closed"
    if rate.interval:
        text += f"; 95 %: {percent(rate.interval[0])} to {percent(rate.interval[1])}"
    return text if rate.closings else "Nothing was closed"


def about_value(rate: WinRate) -> str:
    """Why the rate by value is “–”, or how many deals it leaves out."""
    if rate.why_not_by_value:
        return f"The rate by value is “–”: {rate.why_not_by_value}."
    parts = {"won": rate.won.valueless, "lost": rate.lost.valueless}
    without = [f"{count:,} {name}" for name, count in parts.items() if count]
    return f"The rate by value leaves out deals without a value: {' and '.join(without)}." if without else ""


def draw(closed: Closings, locale: str) -> None:
    report_cards.headline("Win rate", ABOUT, csv="win-rate", pipeline_id=closed.scope.pipeline_ids[0])
    if not closed.rate.closings:
        st.info("No deal was won or lost in this period.", icon=":material/inbox:")
        return
    st.plotly_chart(
        charts.win_rate_chart(closed, charts.palette(), locale),
        config=charts.QUIET,
        on_select=partial(report_drawer.open_marked, "conversion-win-rate"),
        selection_mode="points",
        key="conversion-win-rate",
        alt=f"Win rate by {closed.grain}",
    )
    st.dataframe(
        table(closed, locale),
        hide_index=True,
        column_config={
            name: st.column_config.TextColumn(alignment="right")
            for name in ("By count", "95 %", "By value", "Won value", "Lost value")
        },
        on_select=report_cards.opening("win-rate-table", partial(code_at, closed)),
        selection_mode="single-cell",
        key="win-rate-table",
        height=report_cards.height(len(closed.buckets) + 1),
        alt=f"Win rate by {closed.grain}",
    )
    if note := about_value(closed.rate):
        st.caption(note)
    if closed.left_out:
        others = ", ".join(f"{count:,} in {code}" for code, count in closed.left_out.items())
        st.caption(f"Amounts are in {closed.currency}; without those of deals {others}. Counts hold them all.")


def table(closed: Closings, locale: str) -> pl.DataFrame:
    percent = partial(charts.percent, locale=locale)
    shown = partial(money.shown, code=closed.currency, locale=locale)
    periods = [charts.label(each.period, closed.grain, locale) for each in closed.buckets]

    def row(name: str, rate: WinRate) -> dict[str, object]:
        return {
            closed.grain.title(): name,
            "Won": rate.won.count,
            "Lost": rate.lost.count,
            "By count": percent(rate.by_count),
            "95 %": f"{percent(rate.interval[0])} – {percent(rate.interval[1])}" if rate.interval else "",
            "By value": percent(rate.by_value),
            "Won value": shown(rate.won.value),
            "Lost value": shown(rate.lost.value),
        }

    rows = [row(name, each.rate) for name, each in zip(periods, closed.buckets, strict=True)]
    return pl.DataFrame([*rows, row("All", closed.rate)], infer_schema_length=None)


def code_at(closed: Closings, row: int, column: str) -> str:
    if column not in RESULTS:
        return ""
    # The row after the last bucket is the sum of all.
    bucket = closed.buckets[row].period.first if row < len(closed.buckets) else None
    return str(Cell(result=RESULTS[column], bucket=bucket))


def draw_reasons(closed: Closings, locale: str) -> None:
    lost = [reason for reason in closed.reasons if reason.result is Result.LOST]
    if not lost:
        return
    report_cards.headline(
        "Why deals were lost", ABOUT_REASONS, csv="loss-reasons", pipeline_id=closed.scope.pipeline_ids[0]
    )
    st.plotly_chart(
        charts.reasons_chart(closed, charts.palette(), locale),
        config=charts.QUIET,
        on_select=partial(report_drawer.open_marked, "conversion-reasons"),
        selection_mode="points",
        key="conversion-reasons",
        alt="Lost deals by reason",
    )
    st.dataframe(
        pl.DataFrame(
            {
                "Reason": [reason.name or charts.NO_REASON for reason in lost],
                "Lost": [reason.closed.count for reason in lost],
                "Lost value": [money.shown(reason.closed.value, closed.currency, locale) for reason in lost],
            }
        ),
        hide_index=True,
        column_config={"Lost value": st.column_config.TextColumn(alignment="right")},
        on_select=report_cards.opening(
            "reasons-table", lambda row, _: str(Cell(result=Result.LOST, reason_id=lost[row].id))
        ),
        selection_mode="single-cell",
        key="reasons-table",
        alt="Lost deals by reason",
    )


def draw_reversals(closed: Closings) -> None:
    if closed.reversals:
        report_cards.headline("Reversed", ABOUT_REVERSALS)
        st.dataframe(
            pl.DataFrame(
                {
                    "": [f"/deal?deal={each.deal_id}" for each in closed.reversals],
                    "Deal": [each.title for each in closed.reversals],
                    "Closed as": [each.result.title() for each in closed.reversals],
                    "Closed": [each.closed_on for each in closed.reversals],
                    "Reversed": [each.taken_back_on for each in closed.reversals],
                }
            ),
            hide_index=True,
            column_config={"": report_drawer.LINK, "Closed": report_drawer.DAY, "Reversed": report_drawer.DAY},
            width="content",
            alt="Closings that were reversed",
        )


def drill_down(closed: Closings, cell: Cell, locale: str) -> tuple[str, report_drawer.LookUp]:
    """Title and look-up of the deals behind a figure."""
    when = next((each.period for each in closed.buckets if each.period.first == cell.bucket), None)
    reason = next((each for each in closed.reasons if each.id == cell.reason_id and each.result is cell.result), None)
    parts = [cell.result.title(), charts.label(when, closed.grain, locale) if when else ""]
    parts.append((reason.name or charts.NO_REASON.lower()) if reason else "")

    def look_up(tx: Reading, limit: int, offset: int) -> Behind:
        return closings.drill_down(tx, closed, cell, limit=limit, offset=offset)

    return ", ".join(part for part in parts if part), look_up
