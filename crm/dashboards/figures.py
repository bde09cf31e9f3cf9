"""The tiles that show one figure: each a report's own, in the reader's words."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

from babel.dates import format_date

from crm import pipelines
from crm.dashboards.content import Column, Content, Metric, Table
from crm.foundation import money
from crm.foundation.language import plural, tr
from crm.reports import attainment, backtests, closings, forecast, stalled
from crm.reports.attainment import Attainment
from crm.reports.closings import Closings, Result, WinRate
from crm.reports.figure_codes import EVERY_OPEN
from crm.reports.forecast import Cell, Figure, Forecast, State
from crm.reports.periods import Grain, Period
from crm.reports.prediction.outlook import ExpectedWins
from crm.reports.query import ReportFilters
from crm.reports.wording import WHY_NO_RANGE, counts, label, percent
from crm.store import Reading

DASH = "–"
MOST_ROWS = 10
MOST_DEALS = 4
"""Of a list in a tile; what is beyond is counted."""


def of_forecast(tx: Reading, filters: ReportFilters) -> Forecast:
    return forecast.report(
        tx, period=filters.period, grain=filters.grain, scope=filters.scope, currency=filters.currency
    )


def of_closings(tx: Reading, filters: ReportFilters) -> Closings:
    return closings.report(
        tx, period=filters.period, grain=filters.grain, scope=filters.scope, currency=filters.currency
    )


def counted(figure: Figure) -> str:
    return plural("{count:,} deal", "{count:,} deals", figure.count)


def open_pipeline(tx: Reading, filters: ReportFilters) -> Content:
    report, locale = of_forecast(tx, filters), tx.actor.language
    shown = partial(money.shown, code=report.currency, locale=locale)
    every = report.every_open
    parts = {
        tr("In the period"): report.open,
        tr("Overdue"): report.overdue,
        tr("Undated"): report.undated,
        tr("Outside the period"): report.outside,
        tr("All"): every,
    }
    return Content(
        metrics=(
            Metric(
                text=money.compact(every.value, report.currency, locale),
                amount=every.value,
                unit="money",
                why=f"forecast:value:{EVERY_OPEN}",
                note=tr(
                    "{deals} · {amount} weighted",
                    deals=counted(every),
                    amount=money.compact(every.weighted, report.currency, locale),
                ),
            ),
        ),
        table=Table(
            columns=(
                Column(name=tr("Expected to close")),
                Column(name=tr("Deals"), right=True),
                Column(name=tr("Value"), right=True),
                Column(name=tr("Weighted"), right=True),
            ),
            rows=tuple(
                (name, tr("{count:,}", count=part.count), shown(part.value), shown(part.weighted))
                for name, part in parts.items()
            ),
        ),
        notes=left_out(report.left_out),
    )


def left_out(found: dict[str, int]) -> tuple[str, ...]:
    """Which deals the amounts leave out. Short: several tiles of a page say so."""
    return (tr("Without deals that have no rate: {others}.", others=counts(found)),) if found else ()


def won_against_target(tx: Reading, filters: ReportFilters) -> Content:
    report, locale = of_forecast(tx, filters), tx.actor.language
    against = attainment.of(tx, report)
    shown = partial(money.shown, code=report.currency, locale=locale)
    trend = tuple(float(bucket.won.value) for bucket in report.buckets)
    whole = _attained(report, against.total, report.won, str(Cell(state=State.WON)), locale)
    metrics = [whole.model_copy(update={"trend": trend})]
    this_month = report.today.replace(day=1)
    for bucket, each in zip(report.buckets, against.buckets, strict=True):
        if len(report.buckets) > 1 and report.grain is Grain.MONTH and bucket.period.first == this_month:
            code = str(Cell(state=State.WON, bucket=bucket.period.first))
            month = _attained(report, each, bucket.won, code, locale)
            metrics.append(month.model_copy(update={"label": tr("This month")}))
    rows = [
        (
            label(bucket.period, report.grain, locale),
            shown(bucket.won.value),
            shown(each.target),
            percent(_share(bucket.won.value, each), locale),
            shown(each.gap),
        )
        for bucket, each in zip(report.buckets, against.buckets, strict=True)
    ]
    return Content(
        metrics=tuple(metrics),
        table=Table(
            columns=(
                Column(name=tr("Period")),
                Column(name=tr("Won"), right=True),
                Column(name=tr("Target"), right=True),
                Column(name=tr("Of the target"), right=True),
                Column(name=tr("Gap"), right=True),
            ),
            rows=tuple(rows),
        ),
        notes=(*((against.why_not,) if against.why_not else ()), *left_out(report.left_out)),
    )


def _share(won: Decimal, against: Attainment) -> float | None:
    return float(won / against.target) if against.is_whole and against.target else None


def _attained(report: Forecast, against: Attainment, won: Figure, code: str, locale: str) -> Metric:
    compact = partial(money.compact, code=report.currency, locale=locale)
    share = _share(won.value, against)
    if share is None or against.target is None:
        without = tr("no target")
        note = f"{counted(won)} · {without}"
    else:
        note = tr("{share} of {target}", share=percent(share, locale), target=compact(against.target))
        if against.gap is not None and against.gap > 0:
            note = tr("{attained} · gap {gap}", attained=note, gap=compact(against.gap))
    return Metric(
        text=compact(won.value),
        amount=won.value,
        unit="money",
        note=note,
        cell=f"forecast/{code}" if won.count else "",
        why=f"forecast:value:{code}",
        progress=share,
    )


def rate_words(rate: WinRate, locale: str) -> str:
    """How many were won of how many, with the interval where there is one."""
    if not rate.closings:
        return tr("Nothing was closed")
    if rate.interval is None:
        return tr("{won:,} won of {closed:,} closed", won=rate.won.count, closed=rate.closings)
    low, high = (percent(end, locale) for end in rate.interval)
    return tr(
        "{won:,} won of {closed:,} closed; 95 %: {low} to {high}",
        won=rate.won.count,
        closed=rate.closings,
        low=low,
        high=high,
    )


def rates_table(report: Closings, locale: str) -> Table:
    def row(name: str, rate: WinRate) -> tuple[str, ...]:
        interval = " – ".join(percent(end, locale) for end in rate.interval) if rate.interval else ""
        return (
            name,
            tr("{count:,}", count=rate.won.count),
            tr("{count:,}", count=rate.lost.count),
            percent(rate.by_count, locale),
            interval,
        )

    return Table(
        columns=(
            Column(name=tr("Period")),
            Column(name=tr("Won"), right=True),
            Column(name=tr("Lost"), right=True),
            Column(name=tr("Win rate"), right=True),
            Column(name="95 %", right=True),
        ),
        rows=(
            *(row(label(each.period, report.grain, locale), each.rate) for each in report.buckets),
            row(tr("All"), report.rate),
        ),
    )


def win_rate(tx: Reading, filters: ReportFilters) -> Content:
    report, locale = of_closings(tx, filters), tx.actor.language
    rate = report.rate
    return Content(
        metrics=(
            Metric(
                text=percent(rate.by_count, locale),
                amount=rate.by_count,
                unit="share",
                why="closings:rate",
                note=rate_words(rate, locale),
                trend=tuple(each.rate.by_count for each in report.buckets if each.rate.by_count is not None),
                cell=f"closings/{closings.Cell(result=Result.WON)}" if rate.won.count else "",
            ),
        ),
        table=rates_table(report, locale),
    )


def cycle(tx: Reading, filters: ReportFilters) -> Content:
    report = of_closings(tx, filters)
    found = report.cycle
    if found.mean is None or found.median is None or found.longest is None:
        return Content(metrics=(Metric(text=DASH, amount=None, unit="days", note=tr("No deal was won")),))
    days = {tr("Mean"): found.mean, tr("Median"): found.median, tr("Longest"): found.longest}
    return Content(
        metrics=(
            Metric(
                text=tr("{count:,} d", count=round(found.mean)),
                amount=found.mean,
                unit="days",
                why="closings:cycle",
                note=tr(
                    "Median {median:,} d, longest {longest:,} d", median=round(found.median), longest=found.longest
                ),
                cell=f"closings/{closings.Cell(result=Result.WON)}",
            ),
        ),
        table=Table(
            columns=(Column(name=tr("Of the deals won")), Column(name=tr("Days"), right=True)),
            rows=tuple((name, tr("{count:,.1f}", count=float(value))) for name, value in days.items()),
        ),
    )


def stalled_deals(tx: Reading, filters: ReportFilters) -> Content:
    report, locale = stalled.report(tx, scope=filters.scope, currency=filters.currency), tx.actor.language
    shown = report.deals[:MOST_DEALS]
    return Content(
        metrics=(
            Metric(
                text=tr("{count:,}", count=report.count),
                amount=report.count,
                unit="count",
                note=tr(
                    "{amount} · of {count:,} open deals",
                    amount=money.compact(report.worth.value, report.currency, locale),
                    count=report.open,
                ),
            ),
        ),
        table=Table(
            columns=(
                Column(name=tr("Deal")),
                Column(name=tr("Value"), right=True),
                Column(name=tr("Idle"), right=True),
                Column(name=tr("Stage")),
                Column(name=tr("Owner")),
            ),
            rows=tuple(
                (
                    deal.title,
                    money.shown(deal.value, deal.currency, locale),
                    plural("{count:,} day idle", "{count:,} days idle", deal.idle_days),
                    deal.stage_name,
                    deal.owner_name or DASH,
                )
                for deal in shown
            ),
            links=tuple(f"/deal?deal={deal.deal_id}" for deal in shown),
            more=report.count - len(shown),
        )
        if shown
        else None,
        notes=left_out(report.worth.left_out),
    )


def forecast_range(tx: Reading, filters: ReportFilters) -> Content:
    """Of each pipeline by itself: ranges do not add up."""
    scope, locale = filters.scope, tx.actor.language
    if scope.owner_id is not None or scope.team_id is not None or scope.source is not None:
        return Content(empty=tr("The range is of a whole pipeline, never of one owner or team."))
    if not tx.actor.sees_everything:
        return Content(empty=tr("The range tells of everybody’s deals: whoever sees them all sees it."))
    metrics, notes, rows = [], [], []
    chosen = [each for each in pipelines.all_of(tx) if each.id in scope.pipeline_ids or not scope.pipeline_ids]
    for pipeline in chosen:
        found = backtests.of_pipeline(tx, pipeline.id)
        if found is None or found.outlook is None:
            continue
        amount = partial(_compact, currency=found.currency, locale=locale)
        whole = found.outlook.whole
        until = str(format_date(whole.end - timedelta(days=1), "medium", locale=locale))
        metrics.append(
            Metric(
                text=amount(whole.expected),
                amount=whole.expected,
                unit="money",
                label=pipeline.name if len(chosen) > 1 else "",
                note=_range(whole, until, amount),
            )
        )
        if found.outlook.why_not:
            why = tr(WHY_NO_RANGE[found.outlook.why_not])
            notes.append(tr("{pipeline}: {why}", pipeline=pipeline.name, why=why) if len(chosen) > 1 else why)
        rows += [
            (
                pipeline.name,
                name,
                amount(each.expected),
                DASH if each.p10 is None else amount(each.p10),
                DASH if each.p90 is None else amount(each.p90),
            )
            for each, name in (
                *(
                    (bucket, label(Period(first=bucket.first, end=bucket.end), Grain.MONTH, locale))
                    for bucket in found.outlook.buckets
                ),
                (whole, tr("All")),
            )
        ]
    if not metrics:
        return Content(
            empty=tr(
                "There is no back-test yet. It is made each night, once deals have been won or lost for a few months."
            )
        )
    columns = (tr("Pipeline"), tr("Period"), tr("Expected"), "P10", "P90")
    return Content(
        metrics=tuple(metrics),
        table=Table(
            columns=tuple(Column(name=name, right=place > 1) for place, name in enumerate(columns)), rows=tuple(rows)
        ),
        notes=tuple(notes),
    )


def _compact(value: float, *, currency: str, locale: str) -> str:
    return money.compact(Decimal(round(value)), currency, locale)


def _range(whole: ExpectedWins, until: str, amount: "partial[str]") -> str:
    if whole.p10 is None or whole.p90 is None:
        return tr("by {day}, without a range", day=until)
    return tr("{low} to {high} by {day}", low=amount(whole.p10), high=amount(whole.p90), day=until)
