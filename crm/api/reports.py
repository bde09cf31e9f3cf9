"""Forecast, what changed, conversion and closings in figures, and the deals behind each figure."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from crm.api.callers import Calling, needs
from crm.api.report_shapes import (
    BreakdownShown,
    ChangesShown,
    ClosingsShown,
    ConversionShown,
    ForecastShown,
    VelocityShown,
)
from crm.foundation.access import Module
from crm.foundation.errors import Invalid
from crm.reports import attainment, breakdown, bridge, closings, conversion, forecast, unvalued, velocity
from crm.reports import query as report_query
from crm.reports.breakdown import Breakdown
from crm.reports.bridge import Bridge, BridgedDeals
from crm.reports.causes import Cause
from crm.reports.closings import Closings
from crm.reports.conversion import Conversion
from crm.reports.drilldown import Behind
from crm.reports.forecast import Forecast
from crm.reports.query import FORECAST_PERIOD, LOOK_BACK_PERIOD, ReportFilters
from crm.reports.split import Split
from crm.reports.unvalued import Unvalued
from crm.reports.velocity import Velocity
from crm.store import Reading

router = APIRouter(prefix="/reports", tags=["reports"], dependencies=[Depends(needs(Module.CRM))])


class ReportQuery(BaseModel):
    """Left out, nothing is narrowed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pipeline: str = Field("", max_length=1_000, description="Ids, with commas between.", examples=["1,3"])
    owner: str = Field("", max_length=20, description="A user's id; 0 for deals without an owner.")
    team: str = Field("", max_length=20)
    source: str = Field("", max_length=500)
    segment: str = Field(
        "",
        max_length=200,
        description="Ids of segments of deals, of their contacts or companies, with commas between: as they are now.",
    )
    attribute: str = Field(
        "",
        max_length=4_000,
        description="List attributes of deals and their values, as they are now; percent-encoded, with & between.",
        examples=["size=Large&channel=Web"],
    )
    period: str = Field(
        "",
        max_length=50,
        description="Two days, the second not included, or a name such as this-quarter or last-12-months.",
        examples=["2026-01-01/2027-01-01"],
    )
    by: str = Field("month", description="`month` or `quarter`.")
    currency: str = Field(
        "",
        max_length=10,
        description="The deals in it alone. Left out: all of them, converted into the workspace's at dated rates.",
    )
    as_of: str = Field(
        "",
        max_length=10,
        description="A past day: the figures as they stood at its end, by what was known then.",
        examples=["2026-03-31"],
    )

    def filters(self, tx: Reading, period: str) -> ReportFilters:
        return report_query.parse(self.model_dump(), tx.today, period=period)


class CellQuery(ReportQuery):
    """A figure of the report asked for in the same way."""

    cell: str = Field(max_length=100, examples=["open:2026-12-01"])
    limit: int = Field(50, ge=1, le=500)
    offset: int = Field(0, ge=0, le=10_000_000)


class ForecastQuery(ReportQuery):
    unvalued: Literal["rule", "off"] = Field(
        "rule", description="Whether deals without a value are valued by a rule, apart from all other figures."
    )


@router.get("/forecast")
def get_forecast(caller: Calling, query: Annotated[ForecastQuery, Query()]) -> ForecastShown:
    """Open, weighted and won so far, by month or quarter of the expected close; overdue and undated deals apart."""
    with caller.reading() as tx:
        report = _forecast(tx, query)
        return ForecastShown.of(report, attainment.of(tx, report), _unvalued(tx, query))


@router.get("/forecast/deals")
def list_forecast_deals(caller: Calling, query: Annotated[CellQuery, Query()]) -> Behind:
    """The deals behind one figure: `won` or `open`, with `:` and the first day of its month or quarter for one of
    them; `overdue`, `undated` or `outside`."""
    with caller.reading() as tx:
        cell = forecast.Cell.parse(query.cell)
        return forecast.drill_down(tx, _forecast(tx, query), cell, limit=query.limit, offset=query.offset)


@router.get("/conversion")
def get_conversion(caller: Calling, query: Annotated[ReportQuery, Query()]) -> ConversionShown:
    """The funnel of one pipeline: of the deals that arrived in the period, how many ever reached each stage."""
    with caller.reading() as tx:
        return ConversionShown.of(_conversion(tx, query))


@router.get("/conversion/deals")
def list_conversion_deals(caller: Calling, query: Annotated[CellQuery, Query()]) -> Behind:
    """The deals behind one figure: `reached`, `strict`, `dropped`, `undecided`, `touched` or `snapshot`, with `:` and
    the id of the stage; of `dropped` also with `:` and a reason's id; `out` or `reversed`."""
    with caller.reading() as tx:
        cell = conversion.Cell.parse(query.cell)
        return conversion.drill_down(tx, _conversion(tx, query), cell, limit=query.limit, offset=query.offset)


@router.get("/closings")
def get_closings(caller: Calling, query: Annotated[ReportQuery, Query()]) -> ClosingsShown:
    """Win rate by count and by value, cycle, reasons, and closings that were taken back."""
    with caller.reading() as tx:
        return ClosingsShown.of(_closings(tx, query))


@router.get("/closings/deals")
def list_closings_deals(caller: Calling, query: Annotated[CellQuery, Query()]) -> Behind:
    """The deals behind one figure: `won` or `lost`, then `:` and a month's first day, then `:` and a reason's id, then
    `:` and a span of days to win, such as `won:::0-30`."""
    with caller.reading() as tx:
        cell = closings.Cell.parse(query.cell)
        return closings.drill_down(tx, _closings(tx, query), cell, limit=query.limit, offset=query.offset)


@router.get("/velocity")
def get_velocity(caller: Calling, query: Annotated[ReportQuery, Query()]) -> VelocityShown:
    """What the open deals bring per day at the win rate, value and cycle of the last 90 days; no period narrows it."""
    with caller.reading() as tx:
        return VelocityShown.of(_velocity(tx, query))


@router.get("/velocity/deals")
def list_velocity_deals(caller: Calling, query: Annotated[CellQuery, Query()]) -> Behind:
    """The deals of one term: `velocity:open`, `velocity:won` or `velocity:lost`."""
    with caller.reading() as tx:
        cell = velocity.Cell.parse(query.cell)
        return velocity.drill_down(tx, _velocity(tx, query), cell, limit=query.limit, offset=query.offset)


class BreakdownQuery(ReportQuery):
    split: str = Field(
        max_length=200,
        description="`owner`, `team`, `source`, `segment:deals`, `segment:contacts`, `segment:companies`, or "
        "`attribute:` and the key of a list attribute of deals.",
        examples=["owner", "attribute:size"],
    )


class BreakdownCellQuery(BreakdownQuery):
    """A figure of one part."""

    part: str = Field(max_length=500, description="The `key` of the part.")
    cell: str = Field(
        max_length=100,
        description="As of the deals behind a conversion, closings or velocity.",
        examples=["won", "velocity:open"],
    )
    limit: int = Field(50, ge=1, le=500)
    offset: int = Field(0, ge=0, le=10_000_000)


@router.get("/breakdown")
def get_breakdown(caller: Calling, query: Annotated[BreakdownQuery, Query()]) -> BreakdownShown:
    """Conversion, win rate, cycle and velocity of one pipeline for each owner, team, source, segment or value of a list
    attribute. Owner and team are those of the time asked or of the closing, the others those of now."""
    with caller.reading() as tx:
        return BreakdownShown.of(_breakdown(tx, query))


@router.get("/breakdown/deals")
def list_breakdown_deals(caller: Calling, query: Annotated[BreakdownCellQuery, Query()]) -> Behind:
    """The deals behind one figure of one part."""
    with caller.reading() as tx:
        found = _breakdown(tx, query)
        return breakdown.drill_down(tx, found, query.part, query.cell, limit=query.limit, offset=query.offset)


class ChangesQuery(BaseModel):
    """Left out, nothing is narrowed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: str = Field("", max_length=10, description="The first day; a week before the second one where left out.")
    until: str = Field("", max_length=10, description="The second day; now where left out.", examples=["2026-03-31"])
    pipeline: str = Field("", max_length=1_000, description="Ids, with commas between.", examples=["1,3"])
    owner: str = Field("", max_length=20, description="A user's id; 0 for deals without an owner.")
    team: str = Field("", max_length=20)
    source: str = Field("", max_length=500)
    period: str = Field(
        "", max_length=50, description="Only deals expected to close in it: two days, or a name such as this-quarter."
    )


class ChangesCellQuery(ChangesQuery):
    """A cause of the report asked for in the same way."""

    cause: Cause
    limit: int = Field(50, ge=1, le=500)
    offset: int = Field(0, ge=0, le=10_000_000)


@router.get("/changes")
def get_changes(caller: Calling, query: Annotated[ChangesQuery, Query()]) -> ChangesShown:
    """What made the open pipeline of one day into that of another, by cause; the causes sum to the difference."""
    with caller.reading() as tx:
        return ChangesShown.of(_changes(tx, query))


@router.get("/changes/deals")
def list_changes(caller: Calling, query: Annotated[ChangesCellQuery, Query()]) -> BridgedDeals:
    """The deals under one cause, the largest amounts first."""
    with caller.reading() as tx:
        return bridge.drill_down(tx, _changes(tx, query), query.cause, limit=query.limit, offset=query.offset)


def _changes(tx: Reading, query: ChangesQuery) -> Bridge:
    return bridge.report(tx, **dict(report_query.parse_two_days(query.model_dump(mode="json"), tx.today)))


def _forecast(tx: Reading, query: ReportQuery) -> Forecast:
    filters = query.filters(tx, FORECAST_PERIOD)
    return forecast.report(
        tx, period=filters.period, grain=filters.grain, scope=filters.scope, currency=filters.currency
    )


def _unvalued(tx: Reading, query: ForecastQuery) -> Unvalued | None:
    if query.unvalued == "off":
        return None
    filters = query.filters(tx, FORECAST_PERIOD)
    return unvalued.report(tx, period=filters.period, scope=filters.scope, currency=filters.currency)


def _conversion(tx: Reading, query: ReportQuery) -> Conversion:
    filters = query.filters(tx, LOOK_BACK_PERIOD)
    if filters.pipeline_id is None:
        raise Invalid("A conversion is of one pipeline: name it.", "pipeline")
    return conversion.report(
        tx, pipeline_id=filters.pipeline_id, period=filters.period, scope=filters.scope, grain=filters.grain
    )


def _closings(tx: Reading, query: ReportQuery) -> Closings:
    filters = query.filters(tx, LOOK_BACK_PERIOD)
    return closings.report(
        tx, period=filters.period, grain=filters.grain, scope=filters.scope, currency=filters.currency
    )


def _velocity(tx: Reading, query: ReportQuery) -> Velocity:
    filters = query.filters(tx, LOOK_BACK_PERIOD)
    return velocity.report(tx, scope=filters.scope, currency=filters.currency)


def _breakdown(tx: Reading, query: BreakdownQuery) -> Breakdown:
    filters = query.filters(tx, LOOK_BACK_PERIOD)
    if filters.pipeline_id is None:
        raise Invalid("A conversion is of one pipeline: name it.", "pipeline")
    return breakdown.report(
        tx,
        split=Split.parse(query.split),
        pipeline_id=filters.pipeline_id,
        period=filters.period,
        grain=filters.grain,
        scope=filters.scope,
        currency=filters.currency,
    )
