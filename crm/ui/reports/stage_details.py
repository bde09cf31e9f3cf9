"""Parts of the conversion page about single stages: how long deals stay in them, and why they are lost there."""

from decimal import Decimal
from functools import partial

import polars as pl
import streamlit as st
from babel.numbers import format_decimal

from crm.foundation.language import later, tr
from crm.reports import conversion
from crm.reports.conversion import Cell, Conversion, Measure, Step
from crm.reports.drilldown import Behind
from crm.store import Reading
from crm.ui.reports import charts, conversion_charts, report_cards, report_drawer, report_tables

ABOUT_TIMES = later("""
How long the deals of the cohort stayed in each stage, in days. A deal that comes back has visits of its own; the time
between a closing and a reopening is in no stage.

**Median, P75, P90**: of completed visits alone. Deals that stay long are still there and not among them, so these are
too short. **Kaplan–Meier median**: of all visits, those that still last counted for as long as they have lasted; “–”
where half of them are not known to have ended. Visits that still last are followed until the last thing that is known
of any deal, and at least until last midnight.
""")
ABOUT_LOSSES = later("""
The deals of the cohort that were lost, by the furthest stage that they ever reached and the reason chosen at closing.
**Drop-off** = lost in the stage, and never further ÷ reached the stage. Select a bar or a cell for its deals.
""")

TITLES = {
    Measure.REACHED: later("Reached {stage}"),
    Measure.STRICT: later("Entered {stage} after every earlier stage"),
    Measure.DROPPED: later("Lost in {stage}, and never further"),
    Measure.UNDECIDED: later("Undecided: open, no further than {stage}"),
    Measure.TOUCHED: later("Stood in {stage}"),
    Measure.SNAPSHOT: later("Now in {stage}"),
    Measure.OUT: later("Moved to another pipeline"),
    Measure.REVERSED: later("Won and reopened"),
}


def draw_times(funnel: Conversion, locale: str) -> None:
    report_cards.headline(tr("Time in stage"), ABOUT_TIMES, csv="stage-times", pipeline_id=funnel.pipeline_id)
    st.plotly_chart(
        conversion_charts.stage_times_chart(funnel, charts.palette(), locale),
        config=charts.QUIET,
        key="conversion-times",
        alt=tr("Days that deals stayed in each stage"),
    )
    times = times_table(funnel, locale)
    st.dataframe(
        times,
        hide_index=True,
        column_config=report_tables.columns(times, ("Median days", "P75", "P90", "Kaplan–Meier median")),
        alt=tr("Days that deals stayed in each stage"),
    )


def times_table(funnel: Conversion, locale: str) -> pl.DataFrame:
    def row(step: Step) -> dict[str, object]:
        return {
            later("Stage"): step.name,
            later("Completed visits"): step.time.visits,
            later("Median days"): days(step.time.median, locale),
            "P75": days(step.time.p75, locale),
            "P90": days(step.time.p90, locale),
            later("Visits that still last"): step.time.open_visits,
            later("Kaplan–Meier median"): days(step.time.survival_median, locale),
        }

    return pl.DataFrame([row(step) for step in funnel.steps if not step.is_won], infer_schema_length=None)


def draw_losses(funnel: Conversion, locale: str) -> None:
    lost = [step for step in funnel.steps if step.dropped]
    if not lost:
        return
    report_cards.headline(
        tr("Where and why deals were lost"), ABOUT_LOSSES, csv="drop-off", pipeline_id=funnel.pipeline_id
    )
    st.plotly_chart(
        conversion_charts.losses_chart(funnel, charts.palette(), locale),
        config=charts.QUIET,
        on_select=partial(report_drawer.open_marked, "conversion-losses"),
        selection_mode="points",
        key="conversion-losses",
        alt=tr("Lost deals by stage and reason"),
    )
    reasons = conversion_charts.reasons_of(funnel)
    losses = losses_table(lost, reasons, locale)
    st.dataframe(
        losses,
        hide_index=True,
        # A reason is called as people named it: its column has no other words.
        column_config=report_tables.columns(losses.select("Stage", "Lost here", "Drop-off"), ("Drop-off",)),
        on_select=report_cards.opening("losses-table", partial(_loss_at, lost, reasons)),
        selection_mode="single-cell",
        key="losses-table",
        alt=tr("Lost deals by stage and reason"),
    )


def losses_table(lost: list[Step], reasons: list[tuple[int, str | None]], locale: str) -> pl.DataFrame:
    names = _column_names(reasons)

    def row(step: Step) -> dict[str, object]:
        counts = {reason.id: reason.deals for reason in step.reasons}
        return {
            later("Stage"): step.name,
            later("Lost here"): step.dropped,
            later("Drop-off"): charts.percent(step.drop_off, locale),
            **{name: counts.get(reason_id, 0) for name, (reason_id, _) in zip(names, reasons, strict=True)},
        }

    return pl.DataFrame([row(step) for step in lost], infer_schema_length=None)


def _column_names(reasons: list[tuple[int, str | None]]) -> list[str]:
    """Two reasons may have the same name, or that of another column."""
    names: list[str] = []
    for reason_id, name in reasons:
        shown = name or tr(charts.NO_REASON)
        names.append(f"{shown} ({reason_id})" if shown in ("Stage", "Lost here", "Drop-off", *names) else shown)
    return names


def _loss_at(lost: list[Step], reasons: list[tuple[int, str | None]], row: int, column: str) -> str:
    stage_id = lost[row].stage_id
    if column == "Lost here":
        return str(Cell(measure=Measure.DROPPED, stage_id=stage_id))
    for (reason_id, _), name in zip(reasons, _column_names(reasons), strict=True):
        if name == column:
            return str(Cell(measure=Measure.DROPPED, stage_id=stage_id, reason_id=reason_id))
    return ""


def drill_down(funnel: Conversion, cell: Cell) -> tuple[str, report_drawer.LookUp]:
    """Title and look-up of the deals behind a figure of the funnel."""
    name = next((step.name for step in funnel.steps if step.stage_id == cell.stage_id), "")

    def look_up(tx: Reading, limit: int, offset: int) -> Behind:
        return conversion.drill_down(tx, funnel, cell, limit=limit, offset=offset)

    title = tr(TITLES[cell.measure], stage=name)
    if cell.reason_id is None:
        return title, look_up
    reasons = {reason.id: reason.name for step in funnel.steps for reason in step.reasons}
    return f"{title}, {reasons.get(cell.reason_id) or tr(charts.NO_REASON).lower()}", look_up


def days(found: float | None, locale: str) -> str:
    return "–" if found is None else format_decimal(Decimal(f"{found:.1f}"), "#,##0.0", locale=locale)
