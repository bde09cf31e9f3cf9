"""The tiles that show a report's chart and table."""

from functools import partial

from babel.dates import format_date

from crm import pipelines
from crm.dashboards.content import Chart, Column, Content, Metric, Series, Table
from crm.dashboards.figures import DASH, MOST_ROWS, left_out, of_closings, of_forecast, rates_table
from crm.foundation import money
from crm.foundation.language import plural, tr
from crm.pipelines import Category, categories
from crm.reports import attainment, bridge, closings, conversion, leaderboard
from crm.reports.closings import Result
from crm.reports.conversion import Conversion, Measure
from crm.reports.forecast import Cell, State
from crm.reports.query import WEEK, ReportFilters
from crm.reports.wording import CAUSES, NO_REASON, axis_names, label, percent
from crm.store import Reading


def bridge_of_week(tx: Reading, filters: ReportFilters) -> Content:
    report = bridge.report(tx, first=tx.today - WEEK, last=tx.today, scope=filters.scope)
    locale = tx.actor.language
    shown = partial(money.shown, code=report.currency, locale=locale)
    names = [tr(CAUSES[cause]) for cause in report.causes]
    totals = [report.start, *report.causes.values(), report.end]
    first, last = (str(format_date(day, "d MMM", locale=locale)) for day in (report.first, report.last))
    deals = plural(
        "{count:+,} deal since {day}", "{count:+,} deals since {day}", report.end.count - report.start.count, day=first
    )
    return Content(
        metrics=(
            Metric(
                text=_signed(money.compact(report.difference, report.currency, locale), report.difference > 0),
                amount=report.difference,
                unit="money",
                note=deals,
            ),
        ),
        chart=Chart(
            shape="waterfall",
            labels=(first, *names, last),
            series=(
                Series(
                    name=tr("Open pipeline"),
                    tone="primary",
                    values=tuple(float(total.amount) for total in totals),
                    texts=tuple(money.compact(total.amount, report.currency, locale) for total in totals),
                    cells=("", *(f"changes/{cause}" for cause in report.causes), ""),
                ),
            ),
            unit="money",
            alt=tr("What made the difference, by cause"),
        )
        if report.causes
        else None,
        table=Table(
            columns=(
                Column(name=tr("Cause")),
                Column(name=tr("Deals"), right=True),
                Column(name=tr("Amount"), right=True),
            ),
            rows=tuple(
                (name, tr("{count:,}", count=total.count), shown(total.amount))
                for name, total in zip((first, *names, last), totals, strict=True)
            ),
        ),
        notes=left_out(report.left_out),
    )


def _signed(text: str, more: bool) -> str:
    return f"+{text}" if more else text


def leaders(tx: Reading, filters: ReportFilters) -> Content:
    report = leaderboard.report(tx, period=filters.period, scope=filters.scope, currency=filters.currency)
    if not report.standings:
        return Content(empty=tr("No deal is open, and none was closed in this period."))
    locale = tx.actor.language
    shown = partial(money.shown, code=report.currency, locale=locale)
    first = report.standings[:MOST_ROWS]
    names = [each.owner_name or tr("Nobody") for each in first]
    columns = (tr("Owner"), tr("Won"), tr("Deals won"), tr("Win rate"), tr("Of the target"), tr("Open"))
    return Content(
        chart=Chart(
            shape="rows",
            labels=tuple(names),
            series=(
                Series(
                    name=tr("Won"),
                    tone="green",
                    values=tuple(float(each.won.value) for each in first),
                    texts=tuple(money.compact(each.won.value, report.currency, locale) for each in first),
                ),
            ),
            unit="money",
            alt=tr("Value won by owner"),
        )
        if any(each.won.value for each in first)
        else None,
        table=Table(
            columns=tuple(Column(name=name, right=place > 0) for place, name in enumerate(columns)),
            rows=tuple(
                (
                    each.owner_name or tr("Nobody"),
                    shown(each.won.value),
                    tr("{count:,}", count=each.won.count),
                    percent(each.rate.by_count, locale),
                    percent(each.attained, locale),
                    shown(each.open.value),
                )
                for each in report.standings
            ),
        ),
    )


def forecast_by_month(tx: Reading, filters: ReportFilters) -> Content:
    report, locale = of_forecast(tx, filters), tx.actor.language
    if report.is_empty:
        return Content(empty=tr("No deals to show: none is open, and none was won in this period."))
    against = attainment.of(tx, report)
    shown, compact = (partial(form, code=report.currency, locale=locale) for form in (money.shown, money.compact))
    buckets = report.buckets
    names = tuple(label(bucket.period, report.grain, locale) for bucket in buckets)
    won = tuple(f"forecast/{Cell(state=State.WON, bucket=bucket.period.first)}" for bucket in buckets)
    still = tuple(f"forecast/{Cell(state=State.OPEN, bucket=bucket.period.first)}" for bucket in buckets)
    layers = (
        (tr("Won"), "green", [bucket.won.value for bucket in buckets], won),
        (tr("Weighted"), "primary", [bucket.open.weighted for bucket in buckets], still),
        (tr("Rest of open"), "faint", [bucket.open.value - bucket.open.weighted for bucket in buckets], still),
    )
    columns = (tr("Period"), tr("Expected"), tr("Won"), tr("Weighted"), tr("Open"), tr("Target"))
    return Content(
        chart=Chart(
            shape="columns",
            labels=names,
            series=tuple(
                Series.model_validate(
                    {
                        "name": name,
                        "tone": tone,
                        "values": tuple(float(amount) for amount in amounts),
                        "texts": tuple(compact(amount) for amount in amounts),
                        "cells": cells,
                    }
                )
                for name, tone, amounts, cells in layers
            ),
            unit="money",
            alt=tr("Won, weighted and open value by month"),
            ticks=tuple(axis_names([bucket.period for bucket in buckets], report.grain, locale)),
        ),
        table=Table(
            columns=tuple(Column(name=name, right=place > 0) for place, name in enumerate(columns)),
            rows=tuple(
                (
                    name,
                    shown(bucket.expected),
                    shown(bucket.won.value),
                    shown(bucket.open.weighted),
                    shown(bucket.open.value),
                    shown(target.target),
                )
                for name, bucket, target in zip(names, buckets, against.buckets, strict=True)
            ),
        ),
        notes=left_out(report.left_out),
    )


def categories_of_forecast(tx: Reading, filters: ReportFilters) -> Content:
    report, locale = of_forecast(tx, filters), tx.actor.language
    if not (report.won.count or report.open.count):
        return Content(empty=tr("No deal was won in this period, and none is expected to close in it."))
    shown, compact = (partial(form, code=report.currency, locale=locale) for form in (money.shown, money.compact))
    rows = [(Category.CLOSED, report.won, report.won, str(Cell(state=State.WON)))]
    rows += [
        (category, figure, report.at_least(category), str(Cell(state=State.OPEN, category=category)))
        for category, figure in report.categories.items()
    ]
    columns = (tr("Category"), tr("Deals"), tr("Value"), tr("Weighted"), tr("With surer ones"))
    return Content(
        chart=Chart(
            shape="rows",
            labels=tuple(tr(categories.NAMES[category]) for category, *_ in rows),
            series=(
                Series(
                    name=tr("Value"),
                    tone="primary",
                    values=tuple(float(figure.value) for _, figure, *_ in rows),
                    texts=tuple(compact(figure.value) for _, figure, *_ in rows),
                    cells=tuple(f"forecast/{code}" for *_, code in rows),
                ),
            ),
            unit="money",
            alt=tr("Forecast by category"),
        ),
        table=Table(
            columns=tuple(Column(name=name, right=place > 0) for place, name in enumerate(columns)),
            rows=tuple(
                (
                    tr(categories.NAMES[category]),
                    tr("{count:,}", count=figure.count),
                    shown(figure.value),
                    shown(figure.weighted),
                    shown(at_least.value),
                )
                for category, figure, at_least, _ in rows
            ),
        ),
        notes=left_out(report.left_out),
    )


def win_rate_by_month(tx: Reading, filters: ReportFilters) -> Content:
    report, locale = of_closings(tx, filters), tx.actor.language
    if not report.rate.closings:
        return Content(empty=tr("No deal was won or lost in this period."))
    rates = [bucket.rate for bucket in report.buckets]
    spans = [closings.wilson(rate.won.count, rate.closings) if rate.closings else (0.0, 0.0) for rate in rates]
    return Content(
        chart=Chart(
            shape="line",
            labels=tuple(label(bucket.period, report.grain, locale) for bucket in report.buckets),
            series=(
                Series(
                    name=tr("Win rate"),
                    tone="primary",
                    values=tuple(rate.by_count for rate in rates),
                    texts=tuple(percent(rate.by_count, locale) for rate in rates),
                    cells=tuple(
                        f"closings/{closings.Cell(result=Result.WON, bucket=bucket.period.first)}"
                        for bucket in report.buckets
                    ),
                    lows=tuple(low for low, _ in spans),
                    highs=tuple(high for _, high in spans),
                ),
            ),
            unit="share",
            alt=tr("Win rate by month"),
            ticks=tuple(axis_names([bucket.period for bucket in report.buckets], report.grain, locale)),
        ),
        table=rates_table(report, locale),
    )


def reasons_of_losses(tx: Reading, filters: ReportFilters) -> Content:
    report, locale = of_closings(tx, filters), tx.actor.language
    lost = [reason for reason in report.reasons if reason.result is Result.LOST]
    if not lost:
        return Content(empty=tr("No deal was lost in this period."))
    names = [reason.name or tr(NO_REASON) for reason in lost]
    counts = [tr("{count:,}", count=reason.closed.count) for reason in lost]
    return Content(
        chart=Chart(
            shape="rows",
            labels=tuple(names[:MOST_ROWS]),
            series=(
                Series(
                    name=tr("Lost"),
                    tone="red",
                    values=tuple(float(reason.closed.count) for reason in lost[:MOST_ROWS]),
                    texts=tuple(counts[:MOST_ROWS]),
                    cells=tuple(
                        f"closings/{closings.Cell(result=Result.LOST, reason_id=reason.id)}"
                        for reason in lost[:MOST_ROWS]
                    ),
                ),
            ),
            unit="count",
            alt=tr("Lost deals by reason"),
        ),
        table=Table(
            columns=(
                Column(name=tr("Reason")),
                Column(name=tr("Lost"), right=True),
                Column(name=tr("Lost value"), right=True),
            ),
            rows=tuple(
                (name, count, money.shown(reason.closed.value, report.currency, locale))
                for name, count, reason in zip(names, counts, lost, strict=True)
            ),
        ),
    )


def of_conversion(tx: Reading, filters: ReportFilters) -> Conversion | None:
    """Of the pipeline of the filters, else of the first one, as the page has it; None where there is none."""
    every = pipelines.all_of(tx)
    pipeline_id = filters.pipeline_id or (every[0].id if every else None)
    if pipeline_id is None:
        return None
    return conversion.report(
        tx, pipeline_id=pipeline_id, period=filters.period, scope=filters.scope, grain=filters.grain
    )


def funnel(tx: Reading, filters: ReportFilters) -> Content:
    report, locale = of_conversion(tx, filters), tx.actor.language
    if report is None or not report.entered:
        return Content(empty=tr("No deal arrived in this pipeline in the period."))
    steps = report.steps
    columns = (tr("Stage"), tr("Reached"), tr("Conversion"), tr("At most"), tr("Undecided"), tr("Lost here"))
    return Content(
        chart=Chart(
            shape="rows",
            labels=tuple(step.name for step in steps),
            series=(
                Series(
                    name=tr("Reached"),
                    tone="primary",
                    values=tuple(float(step.reached) for step in steps),
                    texts=tuple(
                        " · ".join(
                            [
                                tr("{count:,}", count=step.reached),
                                *([percent(step.rate, locale)] if step.rate is not None else []),
                            ]
                        )
                        for step in steps
                    ),
                    cells=tuple(
                        f"conversion/{conversion.Cell(measure=Measure.REACHED, stage_id=step.stage_id)}"
                        for step in steps
                    ),
                ),
            ),
            unit="count",
            alt=tr("Deals that reached each stage"),
        ),
        table=Table(
            columns=tuple(Column(name=name, right=place > 0) for place, name in enumerate(columns)),
            rows=tuple(
                (
                    step.name,
                    tr("{count:,}", count=step.reached),
                    percent(step.rate, locale),
                    percent(step.rate_at_most, locale),
                    tr("{count:,}", count=step.undecided),
                    tr("{count:,}", count=step.dropped),
                )
                for step in steps
            ),
        ),
        notes=(tr("Pipeline: {name}", name=report.pipeline_name),),
    )


def cohorts(tx: Reading, filters: ReportFilters) -> Content:
    report, locale = of_conversion(tx, filters), tx.actor.language
    if report is None or not report.entered:
        return Content(empty=tr("No deal arrived in this pipeline in the period."))
    found = report.cohorts
    names = tuple(label(cohort.period, filters.grain, locale) for cohort in found)
    undecided = [cohort.undecided / cohort.arrived if cohort.arrived else None for cohort in found]
    columns = (tr("Period"), tr("Arrived"), tr("Won"), tr("Undecided"), tr("Won, as it stands"), tr("At most"))
    return Content(
        chart=Chart(
            shape="columns",
            labels=names,
            series=(
                Series(
                    name=tr("Won, as it stands"),
                    tone="primary",
                    values=tuple(cohort.rate for cohort in found),
                    texts=tuple(percent(cohort.rate, locale) for cohort in found),
                ),
                Series(
                    name=tr("Undecided"),
                    tone="faint",
                    values=tuple(undecided),
                    texts=tuple(percent(share, locale) for share in undecided),
                ),
            ),
            unit="share",
            alt=tr("Share of the arrivals of each month that was won, and that is undecided"),
            ticks=tuple(axis_names([cohort.period for cohort in found], filters.grain, locale)),
        ),
        table=Table(
            columns=tuple(Column(name=name, right=place > 0) for place, name in enumerate(columns)),
            rows=tuple(
                (
                    tr("{name} (young)", name=name) if cohort.young else name,
                    tr("{count:,}", count=cohort.arrived),
                    tr("{count:,}", count=cohort.won),
                    tr("{count:,}", count=cohort.undecided),
                    percent(cohort.rate, locale) if cohort.arrived else DASH,
                    percent(cohort.rate_at_most, locale) if cohort.arrived else DASH,
                )
                for name, cohort in zip(names, found, strict=True)
            ),
        ),
        notes=(tr("Pipeline: {name}", name=report.pipeline_name),),
    )
