"""Why a figure of a report has changed: what it was before, and what made the difference, summing to it."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from crm.api.callers import Calling, needs
from crm.api.reports import ReportQuery
from crm.foundation.access import Module
from crm.reports import why
from crm.reports.bridge import BridgedDeals
from crm.reports.causes import Cause, Total
from crm.reports.figure_codes import Figure, Unit
from crm.reports.query import FORECAST_PERIOD, LOOK_BACK_PERIOD
from crm.reports.split import Split
from crm.reports.why import Back, Explained, Factor, Why
from crm.store import Reading

router = APIRouter(prefix="/reports/why", tags=["reports"], dependencies=[Depends(needs(Module.CRM))])


class WhyQuery(ReportQuery):
    """A figure of the report asked for in the same way; the figures above a board need neither period nor month."""

    figure: str = Field(
        max_length=100,
        description=(
            "`forecast:value:won`, with `count`, `value` or `weighted` and a cell of `/reports/forecast/deals`; "
            "`forecast:value:every_open`, `forecast:expected`, `forecast:at_least:commit`; `target:attained`, "
            "`target:coverage`, `target:gap`, also with `:` and the first day of a month; `closings:count:won`, "
            "`closings:value:lost`, `closings:rate`, `closings:cycle`; `conversion:count:reached:3`, "
            "`conversion:rate:3`, `conversion:won`; `velocity:per_day`, `velocity:count:open`, `velocity:rate`, "
            "`velocity:mean_value`, `velocity:cycle`; `board:open`, `board:weighted`, `board:won`, `board:win-rate`, "
            "`board:cycle`."
        ),
        examples=["forecast:weighted:open"],
    )
    since: Back = Field(Back.WEEK, description="How far back it is compared.")
    split: str = Field("", max_length=200, description="As of `/reports/breakdown`: the figure is of one part alone.")
    key: str = Field("", max_length=500, description="The `key` of that part; empty for deals that have none.")


class WhyDealsQuery(WhyQuery):
    """A cause of the difference."""

    cause: Cause
    part: str = Field(
        "",
        max_length=40,
        description="The `name` of a part of the figure: of a rate `counted` and `of`, of a sum nothing.",
    )
    limit: int = Field(50, ge=1, le=500)
    offset: int = Field(0, ge=0, le=10_000_000)


class WhyPart(BaseModel):
    """One sum: `before` + the amounts of `causes` = `after`, exactly. `effects`: what each cause makes of the figure's
    difference; empty where the figure cannot be computed on one of the days. Of a rate there are two, `counted` and
    `of`; of a velocity those of all its terms."""

    name: str
    unit: Unit
    before: Total
    after: Total
    difference: Decimal
    causes: dict[Cause, Total]
    effects: dict[Cause, Decimal]

    @classmethod
    def of(cls, part: Explained) -> "WhyPart":
        return cls(**dict(part), unit=part.measure.unit, difference=part.difference)


class WhyShown(BaseModel):
    """A figure at the end of two days: `before` + the effects of all parts = `after`, exactly. A rate is a share of 1;
    what cannot be computed is null. `currency` is null where no amounts are summed. `target` is that of now, on both
    days. `factors` are the terms of a velocity."""

    figure: str
    unit: Unit
    first: date
    last: date
    currency: str | None
    before: Decimal | None
    after: Decimal | None
    target: Decimal | None
    parts: list[WhyPart]
    factors: list[Factor]

    @classmethod
    def of(cls, found: Why) -> "WhyShown":
        return cls(
            figure=found.figure.code,
            unit=found.figure.unit,
            first=found.first,
            last=found.last,
            currency=found.currency,
            before=found.before,
            after=found.after,
            target=found.target,
            factors=list(found.factors),
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
    filters = query.filters(tx, period)
    if query.split:
        scope = Split.parse(query.split).narrowed(filters.scope, query.key)
        filters = filters.model_copy(update={"scope": scope})
    return why.explained(tx, figure, filters, query.since)
