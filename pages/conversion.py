"""Conversion: how far the deals of a period came, how many were won, and why the others were lost."""

from functools import partial
from typing import Any

import polars as pl
import streamlit as st

from crm import pipelines
from crm.foundation.errors import CrmError
from crm.foundation.language import later, plural, tr
from crm.reports import breakdown, closings, conversion, query, velocity
from crm.reports.breakdown import Breakdown
from crm.reports.closings import Closings, Result
from crm.reports.conversion import Conversion, Measure, Step
from crm.reports.figure_codes import Figure
from crm.reports.periods import Grain
from crm.reports.query import ReportFilters
from crm.reports.scope import require_crm
from crm.reports.split import Split
from crm.reports.velocity import Velocity
from crm.store import Reading
from crm.ui import session
from crm.ui.reports import (
    breakdown_table,
    charts,
    report_cards,
    report_drawer,
    report_filters,
    report_tables,
    stage_details,
    velocity_cards,
    why_drawer,
    why_titles,
    win_rate,
)

PERIODS = ["this-quarter", "last-quarter", "last-6-months", "last-12-months", "this-year", "last-year"]
ABOUT_FUNNEL = later("""
**Reached**: of the deals that arrived in this pipeline in the period, those whose furthest stage ever was this one or a
later one, or that were won. A skipped stage counts as passed, a move back undoes nothing, a second pass counts once.

**Conversion** = reached the next stage ÷ reached this one, as it stands. **At most**: if every deal that is still open
here passes. **Lost here**: lost, and never further. **Undecided**: open, and never further.

**Strict**: entered this stage after every earlier one, in order; a skipped stage counts as missing. **Strict
conversion** = the next stage’s ÷ this one’s.

**Touched**: stood in the stage at all. **Now here**: open deals in the stage today, whenever they arrived: a
distribution, not a conversion.

**Grey** and “young”: the cohort, taken from the middle of its period, is younger than the 90th percentile of time in
that stage, so the rate may still change.

Stages have the order and the names that they had when the period began. One that was added later, or is removed by now,
shows only where deals of the cohort stood in it.

Deals moved to another pipeline stand apart, neither pass nor fail. A deal that was won and reopened counts as won.
""")
ABOUT_COHORTS = later("""
Of the deals that arrived in each month: the share won as it stands, and the share that is still undecided on top of it.
**Grey**: a cohort, taken from the middle of its month, younger than the 90th percentile of the time from arriving to
closing.
""")
MEASURES = {
    "Reached": Measure.REACHED,
    "Strict": Measure.STRICT,
    "Lost here": Measure.DROPPED,
    "Undecided": Measure.UNDECIDED,
    "Touched": Measure.TOUCHED,
    "Now here": Measure.SNAPSHOT,
}


def draw_title(tx: Reading, filters: ReportFilters, pipeline_id: int) -> None:
    every = {str(each.id): each.name for each in pipelines.all_of(tx)}
    with report_cards.title_row(tr("Conversion")):
        report_filters.choice(
            tr("Pipeline"), "pipeline", every, default=str(pipeline_id), key="conversion-pipeline", bare=True
        )
        active = report_filters.count("owner", "team", "source", "segment", "attribute", "currency", "as_of")
        with st.popover(
            tr("Filters ({count})", count=active) if active else tr("Filters"), icon=":material/filter_list:"
        ):
            report_filters.period_choice(
                filters.period, PERIODS, default=query.LOOK_BACK_PERIOD, key="conversion-period"
            )
            report_filters.scope_choices(tx, page="conversion", with_pipeline=False)
            report_filters.membership_choices(tx, page="conversion")
        report_filters.grain_choice(key="conversion-by")


def draw_cards(funnel: Conversion, closed: Closings, locale: str) -> None:
    percent, rate = partial(charts.percent, locale=locale), closed.rate
    first = str(conversion.Cell(measure=Measure.REACHED, stage_id=funnel.steps[0].stage_id))
    last = str(conversion.Cell(measure=Measure.REACHED, stage_id=funnel.steps[-1].stage_id))
    with st.grid(4, min_column_width=150):
        report_cards.card(
            later("Arrived"),
            tr("{count:,}", count=funnel.entered),
            plural("{count:,} deal in this pipeline", "{count:,} deals in this pipeline", funnel.entered),
            first if funnel.entered else "",
            icon=":material/input:",
            why=f"conversion:count:{first}",
            trend=[cohort.arrived for cohort in funnel.cohorts],
        )
        report_cards.card(
            later("Won of those"),
            percent(funnel.rate),
            tr("{deals}; up to {share}", deals=report_cards.deals(funnel.won), share=percent(funnel.rate_at_most))
            if funnel.entered
            else tr("Nothing arrived"),
            last if funnel.won else "",
            icon=":material/filter_alt:",
            why="conversion:won",
            trend=[cohort.won for cohort in funnel.cohorts],
        )
        report_cards.card(
            later("Win rate"),
            percent(rate.by_count),
            win_rate.words(rate, percent),
            str(closings.Cell(result=Result.WON)) if rate.won.count else "",
            icon=":material/target:",
            why="closings:rate",
            trend=[each.rate.by_count for each in closed.buckets if each.rate.by_count is not None],
            line=True,
        )
        cycle = closed.cycle
        report_cards.card(
            later("Median cycle"),
            "–" if cycle.median is None else tr("{count:,} d", count=round(cycle.median)),
            tr("No deal was won")
            if cycle.mean is None
            else tr(
                "Mean {mean} d, longest {longest:,} d",
                mean=stage_details.days(cycle.mean, locale),
                longest=cycle.longest,
            ),
            icon=":material/timer:",
            why="closings:count:won",
        )


def draw_funnel(funnel: Conversion, locale: str) -> None:
    report_cards.headline(tr("How far deals came"), ABOUT_FUNNEL, csv="conversion", pipeline_id=funnel.pipeline_id)
    if not funnel.entered:
        st.info(tr("No deal arrived in this pipeline in the period."), icon=":material/inbox:")
    else:
        st.plotly_chart(
            charts.funnel_chart(funnel, charts.palette(), locale),
            config=charts.QUIET,
            on_select=partial(report_drawer.open_marked, "conversion-funnel"),
            selection_mode="points",
            key="conversion-funnel",
            alt=tr("Deals that reached each stage"),
        )
    stages = funnel_table(funnel, locale)
    st.dataframe(
        stages,
        hide_index=True,
        column_config=report_tables.columns(stages, ("Conversion", "At most", "Strict conversion")),
        on_select=report_cards.opening("conversion-table", partial(code_at, funnel), partial(why_at, funnel)),
        selection_mode="single-cell",
        key="conversion-table",
        alt=tr("Stage conversion"),
    )
    apart = {Measure.OUT: funnel.out, Measure.REVERSED: funnel.reversed}
    with st.container(horizontal=True):
        for measure, count in apart.items():
            if count:
                st.button(
                    tr("{title}: {count:,}", title=tr(stage_details.TITLES[measure]), count=count),
                    type="tertiary",
                    icon=":material/arrow_forward:",
                    icon_position="right",
                    key=f"behind-{measure}",
                    on_click=report_drawer.open_cell,
                    args=(str(conversion.Cell(measure=measure)),),
                )


def funnel_table(funnel: Conversion, locale: str) -> pl.DataFrame:
    percent = partial(charts.percent, locale=locale)

    def row(step: Step) -> dict[str, object]:
        return {
            later("Stage"): stage_name(step),
            later("Reached"): step.reached,
            later("Conversion"): percent(step.rate),
            later("At most"): percent(step.rate_at_most),
            later("Undecided"): step.undecided,
            later("Lost here"): step.dropped,
            later("Strict"): step.strict,
            later("Strict conversion"): percent(step.strict_rate),
            later("Touched"): step.touched,
            later("Now here"): step.snapshot,
        }

    return pl.DataFrame([row(step) for step in funnel.steps], infer_schema_length=None)


def stage_name(step: Step) -> str:
    """The stage's name when the cohort began, and what became of it since."""
    name = step.name
    if step.removed:
        name = tr("{name} (removed)", name=step.name)
    elif step.name != step.name_now:
        name = tr("{name} (now {name_now})", name=step.name, name_now=step.name_now)
    return tr("{name} (young)", name=name) if step.young else name


def code_at(funnel: Conversion, row: int, column: str) -> str:
    if column not in MEASURES:
        return ""
    return str(conversion.Cell(measure=MEASURES[column], stage_id=funnel.steps[row].stage_id))


def why_at(funnel: Conversion, row: int, column: str) -> str:
    is_rate = column == "Conversion" and row < len(funnel.steps) - 1
    return f"conversion:rate:{funnel.steps[row].stage_id}" if is_rate else ""


def draw_cohorts(funnel: Conversion, grain: Grain, locale: str) -> None:
    word = report_tables.grain(grain)
    report_cards.headline(
        tr("Won, by {grain} of arrival", grain=word), ABOUT_COHORTS, csv="cohorts", pipeline_id=funnel.pipeline_id
    )
    st.plotly_chart(
        charts.cohorts_chart(funnel, grain, charts.palette(), locale),
        config=charts.QUIET,
        key="conversion-cohorts",
        alt=tr("Share of the deals of each {grain} that was won, and that is undecided", grain=word),
    )
    cohorts = cohorts_table(funnel, grain, locale)
    st.dataframe(
        cohorts,
        hide_index=True,
        column_config=report_tables.columns(cohorts, ("Won, as it stands", "At most")),
        height=report_cards.height(len(funnel.cohorts)),
        alt=tr("Arrived, won and undecided deals by {grain} of arrival", grain=word),
    )


def cohorts_table(funnel: Conversion, grain: Grain, locale: str) -> pl.DataFrame:
    cohorts = funnel.cohorts
    names = [charts.label(cohort.period, grain, locale) for cohort in cohorts]
    percent = partial(charts.percent, locale=locale)
    return pl.DataFrame(
        {
            grain.title(): [
                tr("{name} (young)", name=name) if cohort.young else name
                for cohort, name in zip(cohorts, names, strict=True)
            ],
            later("Arrived"): [cohort.arrived for cohort in cohorts],
            later("Won"): [cohort.won for cohort in cohorts],
            later("Undecided"): [cohort.undecided for cohort in cohorts],
            later("Won, as it stands"): [percent(cohort.rate) for cohort in cohorts],
            later("At most"): [percent(cohort.rate_at_most) for cohort in cohorts],
        }
    )


def draw_drilldown(
    funnel: Conversion, closed: Closings, pace: Velocity, parts: Breakdown, code: str, locale: str
) -> None:
    kind, part = code.partition(":")[0], ""
    if kind == breakdown_table.PREFIX:
        title, look_up = breakdown_table.drill_down(parts, code)
        code, at, key = code.removeprefix(f"{kind}:").partition("@")
        part = at + key
    elif kind == velocity.PREFIX:
        title, look_up = velocity_cards.drill_down(pace, velocity.Cell.parse(code))
    elif kind in set(Result):
        title, look_up = win_rate.drill_down(closed, closings.Cell.parse(code), locale)
    else:
        title, look_up = stage_details.drill_down(funnel, conversion.Cell.parse(code))
    explain = partial(why_drawer.open_, why_titles.count_of(code) + part)
    report_drawer.drawer(title, look_up, locale, weighted=False, explain=explain)


def draw_why(parts: Breakdown, filters: ReportFilters, locale: str) -> None:
    """Explain the figure of the address, of the whole pipeline or of a part of the comparison."""
    figure, key = Figure.parse(why_drawer.open_code()), why_drawer.open_part()
    title = why_titles.title(figure, filters, locale)
    if key is not None:
        title = f"{breakdown_table.name_of_key(parts, key)}: {title}"
        filters = filters.model_copy(update={"scope": parts.split.narrowed(filters.scope, key)})
    why_drawer.drawer(title, filters, locale)


def show() -> None:
    with session.reading() as tx:
        require_crm(tx)
        filters = report_filters.from_address(tx, period=query.LOOK_BACK_PERIOD)
        every = pipelines.all_of(tx)
        if not every:
            st.title(tr("Conversion"), anchor=False)
            st.info(tr("There is no pipeline yet, so nothing to convert."), icon=":material/inbox:")
            return
        pipeline_id = filters.pipeline_id or every[0].id
        # First: a report that takes too long is refused, and whoever has to narrow it needs the filters.
        draw_title(tx, filters, every[0].id)
        scope = filters.scope.model_copy(update={"pipeline_ids": (pipeline_id,)})
        measured: dict[str, Any] = {"period": filters.period, "grain": filters.grain, "scope": scope}
        funnel = session.read(conversion.report, pipeline_id=pipeline_id, **measured)
        closed = session.read(closings.report, currency=filters.currency, **measured)
        by = Split.parse(breakdown_table.chosen())
        parts = session.read(breakdown.report, split=by, pipeline_id=pipeline_id, currency=filters.currency, **measured)
        splits = breakdown_table.choices(tx)
        pace = session.read(velocity.report, scope=scope, currency=filters.currency)
        locale = tx.actor.language
    report_filters.as_of_notice(filters, locale)
    if filters.scope.of_now:
        st.caption(tr("Segments and attributes are those of now: nobody records when they change."))
    draw_cards(funnel, closed, locale)
    draw_funnel(funnel, locale)
    if funnel.entered:
        stage_details.draw_losses(funnel, locale)
        stage_details.draw_times(funnel, locale)
        draw_cohorts(funnel, filters.grain, locale)
    win_rate.draw(closed, locale)
    win_rate.draw_cycle(closed, locale)
    velocity_cards.draw(pace, locale, pipeline_id=pipeline_id)
    breakdown_table.draw(parts, funnel, splits, locale)
    win_rate.draw_reasons(closed, locale)
    win_rate.draw_reversals(closed)
    if why_drawer.open_code():
        draw_why(parts, filters.model_copy(update={"scope": scope}), locale)
    elif code := report_drawer.open_code():
        draw_drilldown(funnel, closed, pace, parts, code, locale)


try:
    show()
except CrmError as refusal:
    st.error(str(refusal), icon=":material/error:")
