"""The names of figures of reports that are explained, by their codes. Those above a board are named there."""

from collections.abc import Iterable

from crm.foundation.language import later, tr
from crm.pipelines import Category, categories
from crm.reports import closings, conversion
from crm.reports.figure_codes import EVERY_OPEN, TARGET, Figure
from crm.reports.forecast import Cell
from crm.reports.periods import Grain, Period
from crm.reports.query import ReportFilters
from crm.reports.velocity import Term
from crm.reports.wording import STATES, label
from crm.ui import session
from crm.ui.reports import stage_details, velocity_cards, win_rate

NAMES = {
    "closings:cycle": later("Mean cycle"),
    "conversion:won": later("Won of those that arrived"),
    "velocity:per_day": later("Sales velocity per day"),
    "velocity:rate": later("Win rate of the last 90 days"),
    "velocity:mean_value": later("Mean value of the deals won in the last 90 days"),
    "velocity:cycle": later("Mean days to win, of the last 90 days"),
}
OF_TARGET = {"attained": later("Won of the target"), "coverage": later("Coverage"), "gap": later("Gap")}


def title(figure: Figure, filters: ReportFilters, locale: str) -> str:
    kind, how, cell = figure.words
    if figure.code in NAMES:
        return tr(NAMES[figure.code])
    if kind == TARGET:
        return _in_month(tr(OF_TARGET[how]), cell, filters, locale)
    if kind == "velocity":
        return tr(velocity_cards.TITLES[Term(cell)])
    if kind == "closings":
        return _of_closings(how, cell, filters, locale)
    return _of_conversion(how, cell, filters) if kind == "conversion" else _of_forecast(how, cell, filters, locale)


def of_forecast(cell: Cell, periods: Iterable[Period], grain: Grain, locale: str) -> str:
    """The name of a cell of the forecast."""
    if cell.category:
        return tr(categories.NAMES[cell.category])
    when = next((period for period in periods if period.first == cell.bucket), None)
    return tr(STATES[cell.state]) + (f", {label(when, grain, locale)}" if when else "")


def count_of(code: str) -> str:
    """The code of the figure that counts the deals of a cell of the conversion page."""
    kind = code.partition(":")[0]
    if kind == "velocity":
        return code.replace(":", ":count:", 1)
    return f"closings:count:{code}" if kind in set(closings.Result) else f"conversion:count:{code}"


def _in_month(name: str, month: str, filters: ReportFilters, locale: str) -> str:
    when = next((period for period in filters.period.cut(filters.grain) if str(period.first) == month), None)
    return f"{name}, {label(when, filters.grain, locale)}" if when else name


def _of_forecast(how: str, cell: str, filters: ReportFilters, locale: str) -> str:
    if how == "expected":
        return _in_month(tr("Expected"), cell, filters, locale)
    if how == "at_least":
        return tr("{category} with surer ones", category=tr(categories.NAMES[Category(cell)]))
    if cell == EVERY_OPEN:
        return tr("Open pipeline")
    return of_forecast(Cell.parse(cell), filters.period.cut(filters.grain), filters.grain, locale)


def _of_closings(how: str, cell: str, filters: ReportFilters, locale: str) -> str:
    if how == "rate":
        return _in_month(tr("Win rate"), cell, filters, locale)
    closed = session.read(
        closings.report, currency=filters.currency, period=filters.period, grain=filters.grain, scope=filters.scope
    )
    return win_rate.drill_down(closed, closings.Cell.parse(cell), locale)[0]


def _of_conversion(how: str, cell: str, filters: ReportFilters) -> str:
    funnel = session.read(
        conversion.report,
        pipeline_id=filters.pipeline_id or 0,
        period=filters.period,
        grain=filters.grain,
        scope=filters.scope,
    )
    if how == "rate":
        name = next((step.name for step in funnel.steps if str(step.stage_id) == cell), "")
        return tr("Conversion from {stage} to the next stage", stage=name)
    return stage_details.drill_down(funnel, conversion.Cell.parse(cell))[0]
