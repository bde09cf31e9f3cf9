"""The closings of the conversion page: win rate, reasons of lost deals, reversals."""

from functools import partial

import polars as pl
import streamlit as st

from crm.foundation import money
from crm.foundation.language import later, listed, tr
from crm.reports import closings
from crm.reports.closings import Cell, Closings, CycleBin, Result, WinRate
from crm.reports.drilldown import Behind
from crm.store import Reading
from crm.ui.reports import charts, conversion_charts, rate_notes, report_cards, report_drawer, report_tables

ABOUT = later("""
**By count**: won ÷ (won + lost), of the deals closed in the period, by closing day. Under 100 closings with the Wilson
95 % interval. **By value**: the same with the values that the deals had when they were closed; “–” where more than one
in ten of the lost deals, or of the won, carried none: the rate would leave them out, and be too high or too low. Values
in other currencies are added through the rate of the closing day; those without a rate are left out.

Value, owner and team are those of the closing: what is corrected or handed over later changes no past figure.

A reopened deal counts at its last closing; the earlier one is listed as a reversal.
""")
ABOUT_CYCLE = later("""
Of the deals won in the period: days from the day a deal was opened to the day it was won. **P50**, **P75**, **P90**:
half, three quarters and nine in ten of them took so long at most. Select a bar or a row for its deals.
""")
ABOUT_REASONS = later("""
Deals lost in the period, by the reason chosen at closing. Select a bar or a row for its deals.
""")
ABOUT_REVERSALS = later("""
Closings of the period whose deal was reopened, or closed the other way, afterwards. The win rate counts each deal at
its last closing only.
""")
RESULTS = {"Won": Result.WON, "Won value": Result.WON, "Lost": Result.LOST, "Lost value": Result.LOST}
NAMES = {Result.WON: later("Won"), Result.LOST: later("Lost")}


def words(rate: WinRate, percent: partial[str]) -> str:
    if not rate.closings:
        return tr("Nothing was closed")
    if rate.interval is None:
        return tr("{won:,} won of {closed:,} closed", won=rate.won.count, closed=rate.closings)
    low, high = (percent(end) for end in rate.interval)
    return tr(
        "{won:,} won of {closed:,} closed; 95 %: {low} to {high}",
        won=rate.won.count,
        closed=rate.closings,
        low=low,
        high=high,
    )


def about_value(rate: WinRate) -> str:
    """Why the rate by value is “–”, or how many deals it leaves out."""
    if rate.why_not_by_value:
        return tr("The rate by value is “–”: {why}.", why=rate.why_not_by_value)
    without = []
    if rate.won.valueless:
        without.append(tr("{count:,} won", count=rate.won.valueless))
    if rate.lost.valueless:
        without.append(tr("{count:,} lost", count=rate.lost.valueless))
    if not without:
        return ""
    return tr("The rate by value leaves out deals without a value: {deals}.", deals=listed(without))


def draw(closed: Closings, locale: str) -> None:
    report_cards.headline(tr("Win rate"), ABOUT, csv="win-rate", pipeline_id=closed.scope.pipeline_ids[0])
    if not closed.rate.closings:
        st.info(tr("No deal was won or lost in this period."), icon=":material/inbox:")
        return
    st.plotly_chart(
        charts.win_rate_chart(closed, charts.palette(), locale),
        config=charts.QUIET,
        on_select=partial(report_drawer.open_marked, "conversion-win-rate"),
        selection_mode="points",
        key="conversion-win-rate",
        alt=tr("Win rate by {grain}", grain=report_tables.grain(closed.grain)),
    )
    rates = table(closed, locale)
    st.dataframe(
        rates,
        hide_index=True,
        column_config=report_tables.columns(rates, ("By count", "95 %", "By value", "Won value", "Lost value")),
        on_select=report_cards.opening("win-rate-table", partial(code_at, closed), partial(why_at, closed)),
        selection_mode="single-cell",
        key="win-rate-table",
        height=report_cards.height(len(closed.buckets) + 1),
        alt=tr("Win rate by {grain}", grain=report_tables.grain(closed.grain)),
    )
    if note := about_value(closed.rate):
        st.caption(note)
    rate_notes.draw(
        closed.rates, closed.currency, locale, csv="win-rate-rates", pipeline_id=closed.scope.pipeline_ids[0]
    )
    if closed.left_out:
        st.caption(left_out(closed))


def left_out(closed: Closings) -> str:
    currency, others = closed.currency, rate_notes.counts(closed.left_out)
    if closed.amounts.alone:
        return tr(
            "Amounts are in {currency}, without deals in other currencies ({others}). Counts include all of them.",
            currency=currency,
            others=others,
        )
    return tr(
        "Amounts are in {currency}, without deals that had no rate when they were closed ({others}). Counts include "
        "all of them.",
        currency=currency,
        others=others,
    )


def table(closed: Closings, locale: str) -> pl.DataFrame:
    percent = partial(charts.percent, locale=locale)
    shown = partial(money.shown, code=closed.currency, locale=locale)
    periods = [charts.label(each.period, closed.grain, locale) for each in closed.buckets]

    def row(name: str, rate: WinRate) -> dict[str, object]:
        return {
            closed.grain.title(): name,
            later("Won"): rate.won.count,
            later("Lost"): rate.lost.count,
            later("By count"): percent(rate.by_count),
            "95 %": f"{percent(rate.interval[0])} – {percent(rate.interval[1])}" if rate.interval else "",
            later("By value"): percent(rate.by_value),
            later("Won value"): shown(rate.won.value),
            later("Lost value"): shown(rate.lost.value),
        }

    rows = [row(name, each.rate) for name, each in zip(periods, closed.buckets, strict=True)]
    return pl.DataFrame([*rows, row(tr("All"), closed.rate)], infer_schema_length=None)


def why_at(closed: Closings, row: int, column: str) -> str:
    if column != "By count":
        return ""
    bucket = f":{closed.buckets[row].period.first}" if row < len(closed.buckets) else ""
    return f"closings:rate{bucket}"


def code_at(closed: Closings, row: int, column: str) -> str:
    if column not in RESULTS:
        return ""
    # The row after the last bucket is the sum of all.
    bucket = closed.buckets[row].period.first if row < len(closed.buckets) else None
    return str(Cell(result=RESULTS[column], bucket=bucket))


def draw_cycle(closed: Closings, locale: str) -> None:
    if not closed.cycle.bins:
        return
    report_cards.headline(
        tr("How long winning takes"), ABOUT_CYCLE, csv="cycle", pipeline_id=closed.scope.pipeline_ids[0]
    )
    st.plotly_chart(
        conversion_charts.cycle_chart(closed, charts.palette(), locale),
        config=charts.QUIET,
        on_select=partial(report_drawer.open_marked, "conversion-cycle"),
        selection_mode="points",
        key="conversion-cycle",
        alt=tr("Won deals by days from opened to won"),
    )
    bins = closed.cycle.bins
    lengths = pl.DataFrame(
        {
            later("Length"): [conversion_charts.span_of(each) for each in bins],
            later("Won"): [each.deals for each in bins],
            later("Share"): [charts.percent(each.deals / closed.rate.won.count, locale) for each in bins],
        }
    )
    st.dataframe(
        lengths,
        hide_index=True,
        column_config=report_tables.columns(lengths, ("Share",)),
        on_select=report_cards.opening(
            "cycle-table", lambda row, _: str(Cell(result=Result.WON, days=(bins[row].first, bins[row].until)))
        ),
        selection_mode="single-cell",
        key="cycle-table",
        height=report_cards.height(len(bins)),
        width="content",
        alt=tr("Won deals by days from opened to won"),
    )


def draw_reasons(closed: Closings, locale: str) -> None:
    lost = [reason for reason in closed.reasons if reason.result is Result.LOST]
    if not lost:
        return
    report_cards.headline(
        tr("Why deals were lost"), ABOUT_REASONS, csv="loss-reasons", pipeline_id=closed.scope.pipeline_ids[0]
    )
    st.plotly_chart(
        charts.reasons_chart(closed, charts.palette(), locale),
        config=charts.QUIET,
        on_select=partial(report_drawer.open_marked, "conversion-reasons"),
        selection_mode="points",
        key="conversion-reasons",
        alt=tr("Lost deals by reason"),
    )
    reasons = pl.DataFrame(
        {
            later("Reason"): [reason.name or tr(charts.NO_REASON) for reason in lost],
            later("Lost"): [reason.closed.count for reason in lost],
            later("Lost value"): [money.shown(reason.closed.value, closed.currency, locale) for reason in lost],
        }
    )
    st.dataframe(
        reasons,
        hide_index=True,
        column_config=report_tables.columns(reasons, ("Lost value",)),
        on_select=report_cards.opening(
            "reasons-table", lambda row, _: str(Cell(result=Result.LOST, reason_id=lost[row].id))
        ),
        selection_mode="single-cell",
        key="reasons-table",
        alt=tr("Lost deals by reason"),
    )


def draw_reversals(closed: Closings) -> None:
    if closed.reversals:
        report_cards.headline(tr("Reversed"), ABOUT_REVERSALS)
        reversals = pl.DataFrame(
            {
                "": [f"/deal?deal={each.deal_id}" for each in closed.reversals],
                "Deal": [each.title for each in closed.reversals],
                later("Closed as"): [tr(NAMES[each.result]) for each in closed.reversals],
                "Closed": [each.closed_on for each in closed.reversals],
                "Reversed": [each.taken_back_on for each in closed.reversals],
            }
        )
        days = {name: report_tables.day(name) for name in ("Closed", "Reversed")}
        st.dataframe(
            reversals,
            hide_index=True,
            column_config=report_tables.columns(reversals) | {"": report_tables.link()} | days,
            width="content",
            alt=tr("Closings that were reversed"),
        )


def drill_down(closed: Closings, cell: Cell, locale: str) -> tuple[str, report_drawer.LookUp]:
    """Title and look-up of the deals behind a figure."""
    when = next((each.period for each in closed.buckets if each.period.first == cell.bucket), None)
    reason = next((each for each in closed.reasons if each.id == cell.reason_id and each.result is cell.result), None)
    parts = [tr(NAMES[cell.result]), charts.label(when, closed.grain, locale) if when else ""]
    parts.append((reason.name or tr(charts.NO_REASON).lower()) if reason else "")
    if cell.days:
        parts.append(conversion_charts.span_of(CycleBin(first=cell.days[0], until=cell.days[1], deals=0)))

    def look_up(tx: Reading, limit: int, offset: int) -> Behind:
        return closings.drill_down(tx, closed, cell, limit=limit, offset=offset)

    return ", ".join(part for part in parts if part), look_up
