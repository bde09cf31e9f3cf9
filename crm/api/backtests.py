"""What past forecasts of a pipeline were worth, what its open deals are expected to bring, and its stages beside
history."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from crm import pipelines
from crm.api.callers import Calling, needs
from crm.api.shapes import LARGEST_ID
from crm.foundation.access import Module
from crm.foundation.errors import NotFound
from crm.foundation.language import tr
from crm.reports import backtests
from crm.reports.backtests import PipelineBacktest
from crm.reports.prediction.backtest import Backtest
from crm.reports.prediction.calibration import StageCalibration
from crm.reports.prediction.outlook import ExpectedWins, Outlook, WhyNot

router = APIRouter(prefix="/reports/backtest", tags=["reports"], dependencies=[Depends(needs(Module.CRM))])


class BacktestQuery(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    pipeline: int = Field(ge=1, le=LARGEST_ID)
    owner: int | None = Field(None, ge=1, le=LARGEST_ID, description="The back-test of this user's deals alone.")


class RangeShown(BaseModel):
    """What the open deals are expected to be won for, in whole and by month, with P10, P50 and P90 where a range may be
    drawn; `why_not` says why there is none. `unknown` counts the open deals with too little history."""

    whole: ExpectedWins
    months: list[ExpectedWins]
    open: int
    unknown: int
    why_not: WhyNot | None

    @classmethod
    def of(cls, outlook: Outlook) -> "RangeShown":
        return cls(
            whole=outlook.whole,
            months=outlook.buckets,
            open=outlook.open,
            unknown=outlook.unknown,
            why_not=outlook.why_not,
        )


class StageBesideHistory(BaseModel):
    """A stage's probability as it was set, 0 to 1, beside the share won of the deals that were ever in it and closed,
    with Wilson's interval at 95 %. `is_off`: the interval does not hold what was set, with 20 closings or more. A
    `PATCH` of the stage's `probability` adopts it."""

    stage_id: int
    set_to: float
    share: float | None
    low: float | None
    high: float | None
    won: int
    closed: int
    undecided: int
    is_off: bool

    @classmethod
    def of(cls, found: StageCalibration) -> "StageBesideHistory":
        return cls(
            **found.model_dump(exclude={"by_hand"}), set_to=found.by_hand, share=found.share, is_off=found.is_off
        )


class BacktestShown(BaseModel):
    """For each past month end, the forecast from what was known then beside what was won in the `horizon` of days that
    followed; amounts in `currency`. `accuracy` holds bias = Σ(F - A)/ΣA and WAPE = Σ|F - A|/ΣA by method;
    `discrimination` Brier's score beside its base, the AUC and the reliability table; `covered` of `backtests` lie
    between their P10 and P90.

    `computed_at` is null before the first one, which is made at night. Under owner-based privacy one reads the
    back-test of one's own deals alone. `owners` are those who have one of their own.
    """

    pipeline_id: int
    pipeline_name: str
    owner_id: int | None
    currency: str | None
    computed_at: datetime | None
    horizon: int
    backtest: Backtest | None
    owners: list[int]
    range: RangeShown | None
    stages: list[StageBesideHistory]


@router.get("")
def get_backtest(caller: Calling, query: Annotated[BacktestQuery, Query()]) -> BacktestShown:
    """Bias, WAPE, Brier, reliability and coverage of the forecasts of up to 24 past month ends."""
    with caller.reading() as tx:
        name = pipelines.get(tx, query.pipeline).name
        found = backtests.of_pipeline(tx, query.pipeline)
        tested = backtests.of_owner(found, query.owner) if found else None
        if query.owner is not None and tested is None:
            raise NotFound(tr("back-test"))
    return _shown(query, name, found, tested)


def _shown(query: BacktestQuery, name: str, found: PipelineBacktest | None, tested: Backtest | None) -> BacktestShown:
    # The range and the stages are of the pipeline: beside one owner's figures they would be taken for that owner's.
    whole = found if query.owner is None else None
    return BacktestShown(
        pipeline_id=query.pipeline,
        pipeline_name=name,
        owner_id=query.owner,
        currency=found.currency if found else None,
        computed_at=found.computed_at if found else None,
        horizon=backtests.HORIZON,
        backtest=tested,
        owners=sorted(found.owners) if found else [],
        range=RangeShown.of(whole.outlook) if whole and whole.outlook else None,
        stages=[StageBesideHistory.of(each) for each in whole.stages] if whole else [],
    )
