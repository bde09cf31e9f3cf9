"""The tile of what new and returning customers bring."""

from functools import partial

from crm.dashboards.content import Chart, Column, Content, Metric, Series, Table
from crm.foundation import money
from crm.foundation.language import tr
from crm.reports import customers
from crm.reports.customers import Customers, CustomerScope
from crm.reports.query import ReportFilters
from crm.reports.wording import axis_names, counts, label, percent
from crm.store import Reading


def content(tx: Reading, filters: ReportFilters) -> Content:
    scope = CustomerScope(owner_id=filters.scope.owner_id, team_id=filters.scope.team_id, currency=filters.currency)
    report = customers.report(tx, period=filters.period, grain=filters.grain, scope=scope)
    if not report.total.orders:
        return Content(empty=tr("Nothing was bought in the period."))
    locale = tx.actor.language
    returning = sum(bucket.returning.revenue for bucket in report.buckets)
    share = percent(float(returning / report.total.revenue) if report.total.revenue else None, locale)
    return Content(
        metrics=(
            Metric(
                text=money.compact(report.total.revenue, report.currency, locale),
                amount=report.total.revenue,
                unit="money",
                note=tr("{share} of it from returning customers", share=share),
            ),
        ),
        chart=_chart(report, locale),
        table=_table(report, locale),
        notes=(tr("Without orders that have no rate: {others}.", others=counts(report.left_out)),)
        if report.left_out
        else (),
    )


def _chart(report: Customers, locale: str) -> Chart:
    buckets = report.buckets
    layers = [
        (tr("Returning"), "primary", [bucket.returning.revenue for bucket in buckets]),
        (tr("New"), "green", [bucket.new.revenue for bucket in buckets]),
        (tr("No customer"), "quiet", [bucket.nobody.revenue for bucket in buckets]),
    ]
    return Chart(
        shape="columns",
        labels=tuple(label(bucket.period, report.grain, locale) for bucket in buckets),
        series=tuple(
            Series.model_validate(
                {
                    "name": name,
                    "tone": tone,
                    "values": tuple(float(amount) for amount in amounts),
                    "texts": tuple(money.compact(amount, report.currency, locale) for amount in amounts),
                }
            )
            for name, tone, amounts in layers
            if tone != "quiet" or report.nobody.orders
        ),
        unit="money",
        alt=tr("Revenue from new and returning customers"),
        ticks=tuple(axis_names([bucket.period for bucket in buckets], report.grain, locale)),
    )


def _table(report: Customers, locale: str) -> Table:
    shown = partial(money.shown, code=report.currency, locale=locale)
    columns = (tr("Period"), tr("New"), tr("Returning"), tr("No customer"), tr("Total"), tr("Orders"))
    return Table(
        columns=tuple(Column(name=name, right=place > 0) for place, name in enumerate(columns)),
        rows=tuple(
            (
                label(bucket.period, report.grain, locale),
                shown(bucket.new.revenue),
                shown(bucket.returning.revenue),
                shown(bucket.nobody.revenue),
                shown(bucket.total.revenue),
                tr("{count:,}", count=bucket.total.orders),
            )
            for bucket in report.buckets
        ),
    )
