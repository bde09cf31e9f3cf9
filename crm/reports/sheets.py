"""The reports as CSV: plain figures for other programs, one header row, with formulas escaped."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping

from crm.foundation.access import Module, Permission
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.pipelines import Category
from crm.platform import rates
from crm.platform.people import users
from crm.platform.spreadsheets import defused
from crm.reports import (
    attainment,
    backtests,
    breakdown,
    bridge,
    closings,
    conversion,
    forecast,
    leaderboard,
    scenarios,
    unvalued,
    velocity,
    what_if,
)
from crm.reports import query as report_query
from crm.reports.amounts import RateUsed
from crm.reports.attainment import Attainment
from crm.reports.bridge import Bridge
from crm.reports.causes import Total
from crm.reports.closings import Closings, Result
from crm.reports.conversion import Conversion
from crm.reports.forecast import Figure, Forecast
from crm.reports.prediction.backtest import Backtest, Method
from crm.reports.query import ReportFilters
from crm.reports.split import By, Split
from crm.store import Reading, Row

CHANGES = "changes"
SCENARIOS = "scenarios"
BREAKDOWN = "breakdown"


def sheet(tx: Reading, name: str, query: Mapping[str, str]) -> bytes:
    """One of SHEETS, the bridge between two days, or saved scenarios beside the forecast, as CSV in UTF-8 with a
    byte-order mark; `query` are URL parameters, see crm/reports/query.py."""
    tx.require(Permission.EXPORT, Module.CRM)
    if name == CHANGES:
        return csv_of(_changes(tx, query))
    if name == SCENARIOS:
        return csv_of(_scenarios(tx, query))
    if name == BREAKDOWN:
        return csv_of(_breakdown(tx, query))
    if name not in SHEETS:
        raise Invalid(tr("There is no report called “{name}”.", name=name))
    period, rows_of = SHEETS[name]
    return csv_of(rows_of(tx, report_query.parse(query, tx.today, period=period)))


def _forecast(tx: Reading, query: ReportFilters) -> Iterable[Row]:
    report = _forecasted(tx, query)
    nothing = Figure()
    for bucket, against in zip(report.buckets, attainment.of(tx, report).buckets, strict=True):
        yield _forecast_row(str(bucket.period.first), report.currency, bucket.won, bucket.open, against)
    yield _forecast_row("overdue", report.currency, nothing, report.overdue)
    yield _forecast_row("undated", report.currency, nothing, report.undated)
    yield _forecast_row("outside the period", report.currency, nothing, report.outside)


def _forecast_categories(tx: Reading, query: ReportFilters) -> Iterable[Row]:
    report = _forecasted(tx, query)
    yield _category_row(Category.CLOSED, report.currency, report.won, report.won)
    for category, figure in report.categories.items():
        yield _category_row(category, report.currency, figure, report.at_least(category))


def _category_row(category: Category, currency: str, figure: Figure, at_least: Figure) -> Row:
    return {
        "category": category.value,
        "currency": currency,
        "value": figure.value,
        "weighted": figure.weighted,
        "deals": figure.count,
        "with_surer": at_least.value,
    }


def _forecast_unvalued(tx: Reading, query: ReportFilters) -> Iterable[Row]:
    found = unvalued.report(tx, period=query.period, scope=query.scope, currency=query.currency)
    for part in found.parts:
        yield {
            "deals": part.state.value,
            "pipeline": part.pipeline_name,
            "without_value": part.count,
            "rule": "median of won deals",
            "won_deals": part.won,
            "currency": found.currency,
            "median": part.typical,
            "value": part.value,
            "weighted": part.weighted,
        }


def _forecast_rates(tx: Reading, query: ReportFilters) -> Iterable[Row]:
    return map(_rate_row, _forecasted(tx, query).rates)


def _rate_row(used: RateUsed) -> Row:
    return {"currency": used.currency, "rate": rates.plain(used.rate), "day": used.day, "deals": used.deals}


def _forecast_row(name: str, currency: str, won: Figure, open_deals: Figure, against: Attainment | None = None) -> Row:
    return {
        "period": name,
        "currency": currency,
        "expected": won.value + open_deals.weighted,
        "won": won.value,
        "won_deals": won.count,
        "weighted": open_deals.weighted,
        "open": open_deals.value,
        "open_deals": open_deals.count,
        "without_value": won.valueless + open_deals.valueless,
        "target": against.target if against else None,
        "coverage": against.coverage if against else None,
        "gap": against.gap if against else None,
    }


def _changes(tx: Reading, query: Mapping[str, str]) -> Iterable[Row]:
    report = bridge.report(tx, **dict(report_query.parse_two_days(query, tx.today)))
    yield _changes_row(f"start {report.first}", report, report.start)
    for cause, total in report.causes.items():
        yield _changes_row(cause.value, report, total)
    yield _changes_row(f"end {report.last}", report, report.end)


def _changes_row(name: str, report: Bridge, total: Total) -> Row:
    return {"cause": name, "currency": report.currency, "amount": total.amount, "deals": total.count}


def _scenarios(tx: Reading, query: Mapping[str, str]) -> Iterable[Row]:
    filters = report_query.parse(query, tx.today, period=report_query.FORECAST_PERIOD)
    for scenario in scenarios.named(tx, f"{query.get('scenario', '')},{query.get('compare', '')}"):
        found = what_if.report(tx, filters, scenario.assumptions)
        for bucket, each in zip(found.forecast.buckets, found.months, strict=True):
            yield {
                "scenario": scenario.name,
                "period": bucket.period.first,
                "currency": found.forecast.currency,
                "forecast": each.expected,
                "assumed": each.assumed,
                "difference": each.difference,
            }


def _conversion(tx: Reading, query: ReportFilters) -> Iterable[Row]:
    for step in _funnel(tx, query).steps:
        yield {
            "stage": step.name,
            "stage_now": step.name_now,
            "reached": step.reached,
            "conversion": step.rate,
            "conversion_at_most": step.rate_at_most,
            "drop_off": step.drop_off,
            "undecided": step.undecided,
            "lost_here": step.dropped,
            "strict": step.strict,
            "strict_conversion": step.strict_rate,
            "touched": step.touched,
            "now_here": step.snapshot,
            "young": step.young,
            "removed": step.removed,
        }


def _stage_times(tx: Reading, query: ReportFilters) -> Iterable[Row]:
    for step in _funnel(tx, query).steps:
        if not step.is_won:
            yield {
                "stage": step.name,
                "stage_now": step.name_now,
                "completed_visits": step.time.visits,
                "median_days": step.time.median,
                "p75_days": step.time.p75,
                "p90_days": step.time.p90,
                "open_visits": step.time.open_visits,
                "kaplan_meier_median_days": step.time.survival_median,
            }


def _drop_off(tx: Reading, query: ReportFilters) -> Iterable[Row]:
    for step in _funnel(tx, query).steps:
        for reason in step.reasons:
            yield {
                "stage": step.name,
                "stage_now": step.name_now,
                "reached": step.reached,
                "reason": reason.name,
                "lost_here": reason.deals,
            }


def _cohorts(tx: Reading, query: ReportFilters) -> Iterable[Row]:
    for cohort in _funnel(tx, query).cohorts:
        yield {
            "arrived_from": cohort.period.first,
            "arrived": cohort.arrived,
            "won": cohort.won,
            "undecided": cohort.undecided,
            "young": cohort.young,
        }


def _win_rate(tx: Reading, query: ReportFilters) -> Iterable[Row]:
    report = _closings(tx, query)
    for bucket in report.buckets:
        rate = bucket.rate
        low, high = rate.interval or (None, None)
        yield {
            "period": bucket.period.first,
            "won": rate.won.count,
            "lost": rate.lost.count,
            "by_count": rate.by_count,
            "wilson_low": low,
            "wilson_high": high,
            "currency": report.currency,
            "won_value": rate.won.value,
            "lost_value": rate.lost.value,
            "by_value": rate.by_value,
            "why_not_by_value": rate.why_not_by_value,
        }


def _reasons(tx: Reading, query: ReportFilters) -> Iterable[Row]:
    report = _closings(tx, query)
    for reason in report.reasons:
        if reason.result is Result.LOST:
            yield {
                "reason": reason.name,
                "lost": reason.closed.count,
                "currency": report.currency,
                "lost_value": reason.closed.value,
            }


def _breakdown(tx: Reading, query: Mapping[str, str]) -> Iterable[Row]:
    filters = report_query.parse(query, tx.today, period=report_query.LOOK_BACK_PERIOD)
    report = breakdown.report(
        tx,
        split=Split.parse(query.get("split") or By.OWNER.value),
        pipeline_id=_one_pipeline(filters),
        period=filters.period,
        grain=filters.grain,
        scope=filters.scope,
        currency=filters.currency,
    )
    for part in report.parts:
        low, high = part.rate.interval or (None, None)
        pace = part.velocity
        yield {
            "part": part.name,
            "arrived": part.arrived,
            "won_of_those": part.won,
            "undecided": part.undecided,
            "conversion": part.conversion,
            "conversion_at_most": part.conversion_at_most,
            "won": part.rate.won.count,
            "lost": part.rate.lost.count,
            "win_rate": part.rate.by_count,
            "wilson_low": low,
            "wilson_high": high,
            "currency": report.amounts.currency,
            "won_value": part.rate.won.value,
            "lost_value": part.rate.lost.value,
            "by_value": part.rate.by_value,
            "mean_days_to_win": part.cycle.mean,
            "median_days_to_win": part.cycle.median,
            "open_deals": pace.open if pace else 0,
            "velocity_per_day": pace.per_day if pace else None,
            # A stage may be called as one of the columns above.
            **{
                f"reached {place}: {name}": count
                for place, (name, count) in enumerate(zip(report.stages, part.reached, strict=True), 1)
            },
        }


def _one_pipeline(query: ReportFilters) -> int:
    if query.pipeline_id is None:
        raise Invalid(tr("Stage conversion is of one pipeline: say which."), "pipeline")
    return query.pipeline_id


def _cycle(tx: Reading, query: ReportFilters) -> Iterable[Row]:
    for each in _closings(tx, query).cycle.bins:
        yield {"days_from": each.first, "days_until": each.until, "won": each.deals}


def _velocity(tx: Reading, query: ReportFilters) -> Iterable[Row]:
    report = velocity.report(tx, scope=query.scope, currency=query.currency)
    yield {
        "from": report.window.first,
        "until": report.window.end,
        "currency": report.currency,
        "per_day": report.per_day,
        "open_deals": report.open,
        "win_rate": report.win_rate,
        "mean_won_value": report.mean_value,
        "mean_days_to_win": report.cycle,
        "won": report.rate.won.count,
        "lost": report.rate.lost.count,
        "won_without_value": report.rate.won.valueless,
    }


def _velocity_rates(tx: Reading, query: ReportFilters) -> Iterable[Row]:
    return map(_rate_row, velocity.report(tx, scope=query.scope, currency=query.currency).rates)


def _win_rate_rates(tx: Reading, query: ReportFilters) -> Iterable[Row]:
    return map(_rate_row, _closings(tx, query).rates)


def _backtest(tx: Reading, query: ReportFilters) -> Iterable[Row]:
    for who, currency, tested in _tested(tx, query):
        for point in tested.points:
            yield {
                "owner": who,
                "month_end": point.day,
                "currency": currency,
                "open_deals": point.deals,
                "won": point.actual,
                **{f"forecast_{method.value}": point.forecasts[method] for method in Method},
                "p10": point.p10,
                "p90": point.p90,
            }


def _backtest_accuracy(tx: Reading, query: ReportFilters) -> Iterable[Row]:
    for who, _, tested in _tested(tx, query):
        for method, accuracy in tested.accuracy.items():
            single = tested.discrimination.get(method)
            ranged = method is Method.MODEL
            yield {
                "owner": who,
                "method": method.value,
                "bias": accuracy.bias,
                "wape": accuracy.wape,
                "wape_by_owner": accuracy.wape_by_owner,
                "brier": single.brier if single else None,
                "brier_base": single.base if single else None,
                "auc": single.auc if single else None,
                "within_range": tested.covered if ranged else None,
                "ranges": tested.backtests if ranged else None,
            }


def _backtest_reliability(tx: Reading, query: ReportFilters) -> Iterable[Row]:
    for who, _, tested in _tested(tx, query):
        for method, single in tested.discrimination.items():
            for each in single.reliability:
                yield {
                    "owner": who,
                    "method": method.value,
                    "chance_given": each.chance,
                    "share_won": each.won,
                    "deals": each.deals,
                }


def _tested(tx: Reading, query: ReportFilters) -> list[tuple[str, str, Backtest]]:
    """(owner, currency, back-test): that of all deals under an empty name, then those of the owners, by name; of one
    owner alone where one is chosen."""
    if query.pipeline_id is None:
        raise Invalid(tr("A back-test is of one pipeline: name it."), "pipeline")
    found = backtests.of_pipeline(tx, query.pipeline_id)
    if found is None:
        return []
    owner_id = query.scope.owner_id
    whole = [("", found.currency, found.whole)] if found.whole and owner_id is None else []
    own = [
        (person.name, found.currency, found.owners[person.id])
        for person in users.everyone(tx)
        if person.id in found.owners and owner_id in (None, person.id)
    ]
    return [*whole, *own]


def _forecasted(tx: Reading, query: ReportFilters) -> Forecast:
    return forecast.report(tx, period=query.period, grain=query.grain, scope=query.scope, currency=query.currency)


def _funnel(tx: Reading, query: ReportFilters) -> Conversion:
    return conversion.report(
        tx, pipeline_id=_one_pipeline(query), period=query.period, scope=query.scope, grain=query.grain
    )


def _leaderboard(tx: Reading, query: ReportFilters) -> Iterable[Row]:
    report = leaderboard.report(tx, period=query.period, scope=query.scope, currency=query.currency)
    for each in report.standings:
        yield {
            "owner": each.owner_name,
            "currency": report.currency,
            "won": each.won.value,
            "won_deals": each.won.count,
            "win_rate": each.rate.by_count,
            "target": each.target,
            "of_target": each.attained,
            "open": each.open.value,
            "open_deals": each.open.count,
        }


def _closings(tx: Reading, query: ReportFilters) -> Closings:
    return closings.report(tx, period=query.period, grain=query.grain, scope=query.scope, currency=query.currency)


SHEETS: dict[str, tuple[str, Callable[[Reading, ReportFilters], Iterable[Row]]]] = {
    "forecast": (report_query.FORECAST_PERIOD, _forecast),
    "forecast-categories": (report_query.FORECAST_PERIOD, _forecast_categories),
    "forecast-unvalued": (report_query.FORECAST_PERIOD, _forecast_unvalued),
    "forecast-rates": (report_query.FORECAST_PERIOD, _forecast_rates),
    "conversion": (report_query.LOOK_BACK_PERIOD, _conversion),
    "stage-times": (report_query.LOOK_BACK_PERIOD, _stage_times),
    "drop-off": (report_query.LOOK_BACK_PERIOD, _drop_off),
    "cohorts": (report_query.LOOK_BACK_PERIOD, _cohorts),
    "win-rate": (report_query.LOOK_BACK_PERIOD, _win_rate),
    "win-rate-rates": (report_query.LOOK_BACK_PERIOD, _win_rate_rates),
    "cycle": (report_query.LOOK_BACK_PERIOD, _cycle),
    "velocity": (report_query.LOOK_BACK_PERIOD, _velocity),
    "velocity-rates": (report_query.LOOK_BACK_PERIOD, _velocity_rates),
    "loss-reasons": (report_query.LOOK_BACK_PERIOD, _reasons),
    "leaderboard": (report_query.LOOK_BACK_PERIOD, _leaderboard),
    "backtest": (report_query.LOOK_BACK_PERIOD, _backtest),
    "backtest-accuracy": (report_query.LOOK_BACK_PERIOD, _backtest_accuracy),
    "backtest-reliability": (report_query.LOOK_BACK_PERIOD, _backtest_reliability),
}
"""{name: (default period, function that yields the rows)}."""


def csv_of(rows: Iterable[Row]) -> bytes:
    """The rows as CSV in UTF-8 with a byte-order mark, which Excel needs to read accents."""
    found = list(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, found[0] if found else [], lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in found)
    return text.getvalue().encode("utf-8-sig")


def _cell(value: object) -> object:
    if isinstance(value, str):
        return defused(value)
    return "" if value is None else value
