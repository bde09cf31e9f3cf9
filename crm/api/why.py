"""Why a figure of a report has changed: what it was before, and what made the difference, summing to it."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from crm.api.callers import Calling, needs
from crm.api.reports import ReportQuery
from crm.foundation.access import Module
from crm.reports import why
from crm.reports.bridge import BridgedDeals
from crm.reports.causes import Cause, Total
from crm.reports.query import FORECAST_PERIOD, LOOK_BACK_PERIOD
from crm.reports.why import Back, Explained, Figure, Why
from crm.store import Reading

router = APIRouter(prefix="/reports/why", tags=["reports"], dependencies=[Depends(needs(Module.CRM))])


class WhyQuery(ReportQuery):
    """A figure of the report asked for in the same way; the figures above a board need neither period nor month."""

    figure: str = Field(
        max_length=100,
        description=(
            "`forecast:value:won`, with `count`, `value` or `weighted` and a cell of `/reports/forecast/deals`; "
            "`forecast:expected`, `forecast:at_least:commit`; `closings:count:won`, `closings:value:lost`, "
            "`closings:rate`; `conversion:count:reached:3`, `conversion:rate:3`, `conversion:won`; `board:open`, "
            "`board:weighted`, `board:won`, `board:win-rate`, `board:cycle`."
        ),
        examples=["forecast:weighted:open"],
    )
    since: Back = Field(Back.WEEK, description="How far back it is compared.")


class WhyDealsQuery(WhyQuery):
    """A cause of the difference."""

    cause: Cause
    part: Literal["", "counted", "of"] = Field("", description="Of a rate: what is counted, or of what.")
    limit: int = Field(50, ge=1, le=500)
    offset: int = Field(0, ge=0, le=10_000_000)


class WhyPart(BaseModel):
    """`before` + the amounts of `causes` = `after`, exactly. Of a rate there are two: `counted` and `of`."""

    name: str
    before: Total
    after: Total
    difference: Decimal
    causes: dict[Cause, Total]

    @classmethod
    def of(cls, part: Explained) -> "WhyPart":
        return cls(**dict(part), difference=part.difference)


class WhyShown(BaseModel):
    """A figure at the end of two days; a rate is a share of 1, null where nothing is counted. `currency` is null where
    deals are counted."""

    figure: str
    first: date
    last: date
    currency: str | None
    before: Decimal | None
    after: Decimal | None
    parts: list[WhyPart]

    @classmethod
    def of(cls, found: Why) -> "WhyShown":
        return cls(
            figure=found.figure.code,
            first=found.first,
            last=found.last,
            currency=found.currency,
            before=found.before,
            after=found.after,
            parts=[WhyPart.of(part) for part in found.parts],
        )


@router.get("")
def get_why(caller: Calling, query: Annotated[WhyQuery, Query()]) -> WhyShown:
    """What a figure was a day, a week or a month before, and what made the difference."""
    with caller.reading() as tx:
        return WhyShown.of(_why(tx, query))


@router.get("/deals")
def list_why_deals(caller: Calling, query: Annotated[WhyDealsQuery, Query()]) -> BridgedDeals:
    """The deals under one cause, the largest amounts first."""
    with caller.reading() as tx:
        found = _why(tx, query)
        return why.deals_of(tx, found, query.part, query.cause, limit=query.limit, offset=query.offset)


def _why(tx: Reading, query: WhyQuery) -> Why:
    figure = Figure.parse(query.figure)
    period = FORECAST_PERIOD if figure.report == "forecast" else LOOK_BACK_PERIOD
    return why.explained(tx, figure, query.filters(tx, period), query.since)
