"""The tile of sales velocity, with its four terms."""

from functools import partial

from crm.dashboards.content import Column, Content, Metric, Table
from crm.dashboards.figures import DASH, left_out, rate_words
from crm.foundation import money
from crm.foundation.language import plural, tr
from crm.reports import velocity
from crm.reports.query import ReportFilters
from crm.reports.velocity import Cell, Term, Velocity
from crm.reports.wording import percent
from crm.store import Reading


def content(tx: Reading, filters: ReportFilters) -> Content:
    report, locale = velocity.report(tx, scope=filters.scope, currency=filters.currency), tx.actor.language
    terms = _terms(report, locale)
    shown = partial(money.shown, code=report.currency, locale=locale)
    per_day = DASH if report.per_day is None else money.compact(report.per_day, report.currency, locale)
    mean = DASH if report.mean_value is None else shown(report.mean_value)
    formula = tr(
        "{open} × {win_rate} × {value} ÷ {days}",
        open=terms[0].text,
        win_rate=terms[1].text,
        value=mean,
        days=terms[3].text,
    )
    headline = Metric(text=per_day, amount=report.per_day, unit="money", note=tr("a day: {formula}", formula=formula))
    notes = list(left_out(report.left_out))
    if report.rate.won.valueless:
        notes.append(tr("A leaves out won deals without a value: {count:,}.", count=report.rate.won.valueless))
    return Content(
        metrics=(headline, *terms),
        table=Table(
            columns=(Column(name=tr("Term")), Column(name=tr("Value"), right=True)),
            rows=(
                (tr("V · per day"), DASH if report.per_day is None else shown(report.per_day)),
                *((term.label, mean if term.unit == "money" else term.text) for term in terms),
            ),
        ),
        notes=tuple(notes),
    )


def _terms(report: Velocity, locale: str) -> tuple[Metric, ...]:
    """N, WR, A and C, each with the code of its deals."""

    def code(term: Term, count: int) -> str:
        return f"velocity/{Cell(term=term)}" if count else ""

    rate, mean, cycle = report.rate, report.mean_value, report.cycle
    return (
        Metric(
            label=tr("N · open deals"),
            text=tr("{count:,}", count=report.open),
            amount=report.open,
            unit="count",
            cell=code(Term.OPEN, report.open),
        ),
        Metric(
            label=tr("WR · win rate"),
            text=percent(report.win_rate, locale),
            amount=report.win_rate,
            unit="share",
            note=rate_words(rate, locale),
            cell=code(Term.LOST, rate.lost.count),
        ),
        Metric(
            label=tr("A · mean won value"),
            text=DASH if mean is None else money.compact(mean, report.currency, locale),
            amount=mean,
            unit="money",
            note=plural("{count:,} won deal with a value", "{count:,} won deals with a value", rate.won.valued),
            cell=code(Term.WON, rate.won.count),
        ),
        Metric(
            label=tr("C · days to win"),
            text=DASH if cycle is None else tr("{count:,} d", count=round(cycle)),
            amount=cycle,
            unit="days",
            note=tr("Mean from opened to won") if cycle is not None else tr("No deal was won"),
        ),
    )
