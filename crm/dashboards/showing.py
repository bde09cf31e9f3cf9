"""What a tile shows to a reader, and the deals behind its figures."""

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from crm.dashboards import sources
from crm.dashboards.content import Content
from crm.dashboards.figures import of_closings, of_forecast
from crm.dashboards.model import FILTERS, Tile
from crm.dashboards.reports import of_conversion
from crm.foundation import bounds
from crm.foundation.errors import CrmError, Invalid
from crm.foundation.language import tr
from crm.reports import closings, conversion, forecast, velocity
from crm.reports.drilldown import Behind
from crm.reports.figure_codes import Figure, Measure
from crm.reports.query import ReportFilters
from crm.store import Reading

LookUp = Callable[[Reading, int, int], Behind]
"""`look_up(tx, limit, offset)`: a page of the deals behind a figure, and the sums over all of them."""


def content(tx: Reading, tile: Tile, filters: ReportFilters) -> Content:
    """What the actor sees in a tile. Where it is refused, by a module that is off or a report that takes too long, the
    content says so: the other tiles go on."""
    try:
        if tile.source_id is not None:
            read = sources.segment if tile.kind == "segment" else sources.saved_query
            return read(tx, tile.source_id)
        return tile.type.read(tx, filters)
    except CrmError as refusal:
        return Content(empty=str(refusal))


def report_query(tile: Tile, query: Mapping[str, str]) -> dict[str, str]:
    """The address of the tile's report with the filters of the dashboard, of which `query` is the address."""
    return {name: query[name] for name in FILTERS if query.get(name) and name not in tile.type.drops}


def csv_path(tile: Tile, query: Mapping[str, str]) -> str:
    """The path of the tile's file; empty where it has none."""
    if not tile.type.csv:
        return ""
    return f"/reports/{tile.type.csv}.csv?{urlencode(report_query(tile, query))}"


def behind(tx: Reading, filters: ReportFilters, code: str) -> LookUp:
    """The deals behind the figure of a code such as `forecast/won:2026-03-01`. Raises Invalid where there is none."""
    report, _, cell = code.partition("/")
    if report == "forecast":
        return _of_forecast(tx, filters, forecast.Cell.parse(cell))
    if report == "closings":
        return _of_closings(tx, filters, closings.Cell.parse(cell))
    if report == "conversion" and (found := of_conversion(tx, filters)):
        shown = conversion.Cell.parse(cell)
        return lambda tx, limit, offset: conversion.drill_down(tx, found, shown, limit=limit, offset=offset)
    if report == "velocity":
        return _of_velocity(tx, filters, velocity.Cell.parse(cell))
    raise Invalid(tr("“{value}” is not a figure of a dashboard.", value=bounds.shown(code)), "cell")


def figure_of(code: str) -> str:
    """The code by which the figure of such a code is explained."""
    report, _, cell = code.partition("/")
    measure = Measure.VALUE if report == "forecast" else Measure.COUNT
    return f"{report}:{measure}:{cell}"


def explained_filters(tx: Reading, figure: Figure, filters: ReportFilters) -> ReportFilters:
    """The filters of a tile's figure: a conversion is of one pipeline, the first where the filters name none."""
    found = of_conversion(tx, filters) if figure.report == "conversion" else None
    if found is None:
        return filters
    scope = filters.scope.model_copy(update={"pipeline_ids": (found.pipeline_id,)})
    return filters.model_copy(update={"scope": scope})


def _of_forecast(tx: Reading, filters: ReportFilters, cell: forecast.Cell) -> LookUp:
    report = of_forecast(tx, filters)
    return lambda tx, limit, offset: forecast.drill_down(tx, report, cell, limit=limit, offset=offset)


def _of_closings(tx: Reading, filters: ReportFilters, cell: closings.Cell) -> LookUp:
    report = of_closings(tx, filters)
    return lambda tx, limit, offset: closings.drill_down(tx, report, cell, limit=limit, offset=offset)


def _of_velocity(tx: Reading, filters: ReportFilters, cell: velocity.Cell) -> LookUp:
    report = velocity.report(tx, scope=filters.scope, currency=filters.currency)
    return lambda tx, limit, offset: velocity.drill_down(tx, report, cell, limit=limit, offset=offset)
