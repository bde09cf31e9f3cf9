"""What-if: a forecast under assumptions beside the forecast, and assumptions saved as scenarios. Nothing of it changes
a deal."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from crm.api.callers import MAY_WRITE, Calling, needs
from crm.api.changes import Changing, ExpectedVersion
from crm.api.reports import ReportQuery
from crm.api.shapes import Amount, Body, Day, Id, Listed, Number, PathId, shown, whole
from crm.foundation.access import Module
from crm.reports import assumptions, scenarios, what_if
from crm.reports.assumptions import MOST, Assumptions, Cause
from crm.reports.forecast import Figure, Forecast
from crm.reports.periods import Grain, Period
from crm.reports.query import FORECAST_PERIOD
from crm.reports.scenarios import KIND, Scenario
from crm.reports.what_if import WhatIf

router = APIRouter(tags=["scenarios"], dependencies=[Depends(needs(Module.CRM))])

Percent = Annotated[Number, Field(ge=0, le=100, examples=["35"])]
DaysLater = Annotated[
    int, Field(strict=True, ge=-assumptions.FARTHEST, le=assumptions.FARTHEST, description="Negative: earlier.")
]


class StageAssumed(Body):
    """Deals with a probability of their own keep it."""

    stage_id: Id
    probability: Percent


class DatesShifted(Body):
    """Of the deals in a stage, of an owner (0: of nobody), or of both; of all deals where neither is given."""

    days: DaysLater
    stage_id: Id | None = None
    owner_id: Annotated[int, Field(strict=True, ge=0)] | None = None


class OwnerLeaves(Body):
    """Their open deals go to `to_id`, each with `lost` percent of its probability gone; without one they count no
    more."""

    owner_id: Id
    to_id: Id | None = None
    lost: Percent = Decimal(0)


class DealAssumed(Body):
    """What is given is taken as it is, whatever else is assumed. The value is in the deal's currency."""

    deal_id: Id
    probability: Percent | None = None
    value: Amount | None = None
    expected_close: Day | None = None
    dropped: bool = False


class AssumptionsGiven(Body):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"win_rate": "0.9", "shifts": [{"days": 30}], "leaving": [{"owner_id": 2}]}]}
    )

    stages: list[StageAssumed] = Field([], max_length=MOST)
    win_rate: Annotated[Number, Field(ge=0, le=assumptions.LARGEST_FACTOR)] = Field(
        Decimal(1), description="A factor on every probability, which is 100 % at most."
    )
    shifts: list[DatesShifted] = Field([], max_length=MOST)
    leaving: list[OwnerLeaves] = Field([], max_length=MOST)
    deals: list[DealAssumed] = Field([], max_length=MOST)

    def assumed(self) -> Assumptions:
        return Assumptions.model_validate(self.model_dump())


class ScenarioChange(Body):
    name: str = Field("", max_length=80)
    assumptions: AssumptionsGiven = AssumptionsGiven()
    shared: bool = Field(False, description="Everybody may open it; each sees in it what they may see.")


class ScenarioGiven(ScenarioChange):
    name: str = Field(max_length=80)
    assumptions: AssumptionsGiven


class ScenarioShown(BaseModel):
    """`hidden` counts the deals that it assumes something of and that are gone, or not yours to see."""

    id: int
    name: str
    assumptions: Assumptions
    hidden: int
    user_id: int
    user_name: str
    shared: bool
    created_at: datetime
    updated_at: datetime
    version: int

    @classmethod
    def of(cls, scenario: Scenario) -> "ScenarioShown":
        return cls(**dict(scenario))


class PeriodAssumed(BaseModel):
    """A month or quarter: `expected` = won so far + weighted, as things stand and as `assumed`."""

    period: Period
    expected: Decimal
    assumed: Decimal
    difference: Decimal


class ForecastAssumed(BaseModel):
    """The open deals of a forecast, in and beside its period."""

    expected: Decimal
    open: Figure
    overdue: Figure
    undated: Figure
    outside: Figure

    @classmethod
    def of(cls, report: Forecast) -> "ForecastAssumed":
        return cls(
            expected=report.expected,
            open=report.open,
            overdue=report.overdue,
            undated=report.undated,
            outside=report.outside,
        )


class EffectShown(BaseModel):
    cause: Cause
    amount: Decimal


class WhatIfShown(BaseModel):
    """The forecast as things stand and as assumed, every amount in `currency`. `effects` tell what each kind of
    assumptions adds, after those before it, and sum to `difference`, as do the `periods`; `stale` says what of them
    counts for nothing any more."""

    scenario_id: int | None
    name: str | None
    currency: str
    today: date
    period: Period
    grain: Grain
    forecast: ForecastAssumed
    assumed: ForecastAssumed
    difference: Decimal
    effects: list[EffectShown]
    periods: list[PeriodAssumed]
    stale: list[str]

    @classmethod
    def of(cls, found: WhatIf, scenario: Scenario | None = None) -> "WhatIfShown":
        base = found.forecast
        return cls(
            scenario_id=scenario.id if scenario else None,
            name=scenario.name if scenario else None,
            currency=base.currency,
            today=base.today,
            period=base.period,
            grain=base.grain,
            forecast=ForecastAssumed.of(base),
            assumed=ForecastAssumed.of(found.assumed),
            difference=found.difference,
            effects=[EffectShown(**dict(each)) for each in found.effects],
            periods=[
                PeriodAssumed(
                    period=bucket.period, expected=each.expected, assumed=each.assumed, difference=each.difference
                )
                for bucket, each in zip(base.buckets, found.months, strict=True)
            ],
            stale=found.stale,
        )


class ComparisonQuery(ReportQuery):
    scenario: str = Field(
        max_length=200, description="Ids of saved scenarios, with commas between; three at most.", examples=["1,4"]
    )


@router.get("/scenarios", response_model=Listed[ScenarioShown])
def list_scenarios(caller: Calling) -> Response:
    """One's own and those shared with everybody, by name."""
    with caller.reading() as tx:
        return shown(whole([ScenarioShown.of(each) for each in scenarios.all_of(tx)]))


@router.post("/scenarios", status_code=201, response_model=ScenarioShown, dependencies=MAY_WRITE)
def create_scenario(change: Changing, body: ScenarioGiven) -> Response:
    return change.create(KIND, lambda tx: ScenarioShown.of(scenarios.create(tx, **_given(body))))


@router.get("/scenarios/{id}", response_model=ScenarioShown)
def get_scenario(caller: Calling, scenario_id: PathId) -> Response:
    with caller.reading() as tx:
        return shown(ScenarioShown.of(scenarios.get(tx, scenario_id)))


@router.patch("/scenarios/{id}", response_model=ScenarioShown, dependencies=MAY_WRITE)
def edit_scenario(change: Changing, scenario_id: PathId, body: ScenarioChange, version: ExpectedVersion) -> Response:
    """Assumptions that are given take the place of all that were there."""
    return change.make(lambda tx: ScenarioShown.of(scenarios.edit(tx, scenario_id, version=version, **_given(body))))


@router.delete("/scenarios/{id}", status_code=204, dependencies=MAY_WRITE)
def delete_scenario(change: Changing, scenario_id: PathId, version: ExpectedVersion) -> Response:
    return change.drop(lambda tx: scenarios.delete(tx, scenario_id, version=version))


@router.get("/reports/what-if")
def compare_scenarios(caller: Calling, query: Annotated[ComparisonQuery, Query()]) -> list[WhatIfShown]:
    """The forecast under each of the saved scenarios, in their order, beside the forecast."""
    with caller.reading() as tx:
        filters = query.filters(tx, FORECAST_PERIOD)
        return [
            WhatIfShown.of(what_if.report(tx, filters, scenario.assumptions, hidden=scenario.hidden), scenario)
            for scenario in scenarios.named(tx, query.scenario)
        ]


@router.post("/reports/what-if/preview")
def preview_what_if(caller: Calling, query: Annotated[ReportQuery, Query()], body: AssumptionsGiven) -> WhatIfShown:
    """The forecast under assumptions that are not saved, beside the forecast. Nothing is changed."""
    with caller.reading() as tx:
        given = assumptions.checked(tx, body.assumed())
        return WhatIfShown.of(what_if.report(tx, query.filters(tx, FORECAST_PERIOD), given))


def _given(body: ScenarioChange) -> dict[str, Any]:
    given = {name: getattr(body, name) for name in body.model_fields_set}
    if "assumptions" in given:
        given["assumptions"] = body.assumptions.assumed()
    return given
