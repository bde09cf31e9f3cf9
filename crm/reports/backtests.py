"""The stored back-tests of the forecast, which the worker computes each night: pages read them and never compute one.

A back-test reads the whole history and makes the forecast again for up to 24 month ends.
"""

import logging
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
from pydantic import BaseModel

from crm import pipelines
from crm.foundation.access import SYSTEM, Actor
from crm.platform import jobs, workspace
from crm.reports.periods import months_after
from crm.reports.prediction import backtest, calibration
from crm.reports.prediction.backtest import Backtest, Evaluation
from crm.reports.prediction.calibration import StageCalibration
from crm.reports.prediction.known import Known
from crm.reports.prediction.log import read
from crm.reports.prediction.outlook import Outlook, outlook
from crm.reports.prediction.simulation import Spread
from crm.reports.scope import require_crm
from crm.store import Reading, Store, Writing
from crm.store.kept import kept

log = logging.getLogger(__name__)

JOB = "forecast_backtest"
FIRST_RUN = timedelta(minutes=3)
EVERY = timedelta(hours=6)
HORIZON = 92
"""Days ahead: a quarter, at its longest."""
MONTHS_AHEAD = 3


class PipelineForecast(BaseModel, frozen=True):
    """The back-test of a pipeline, what its open deals are expected to bring, and its stages' probabilities beside
    history's. Amounts in `evaluation.currency`."""

    evaluation: Evaluation
    outlook: Outlook | None
    """None where nothing can be forecast."""
    stages: list[StageCalibration]


class PipelineBacktest(BaseModel, frozen=True):
    """What an actor may see of it. Under owner-based privacy whoever does not see everything sees the back-test of
    their own deals, and neither the range nor the stages' history, which tell of everybody's."""

    pipeline_id: int
    currency: str
    computed_at: datetime
    whole: Backtest | None
    owners: dict[int, Backtest]
    outlook: Outlook | None
    stages: list[StageCalibration]


@kept
def of_pipeline(tx: Reading, pipeline_id: int) -> PipelineBacktest | None:
    """The last back-test of a pipeline, None before the first. Raises NotFound where there is no such pipeline."""
    require_crm(tx)
    pipelines.get(tx, pipeline_id)
    rows = tx.rows("SELECT result FROM forecast_backtests WHERE pipeline_id = $id", id=pipeline_id)
    if not rows:
        return None
    found = PipelineForecast.model_validate_json(rows[0]["result"])
    told, all_of_it = found.evaluation, tx.actor.sees_everything
    own = {tx.actor.id: told.owners[tx.actor.id]} if tx.actor.id in told.owners else {}
    return PipelineBacktest(
        pipeline_id=pipeline_id,
        currency=told.currency,
        computed_at=told.computed_at,
        whole=told.whole if all_of_it else None,
        owners=told.owners if all_of_it else own,
        outlook=found.outlook if all_of_it else None,
        stages=found.stages if all_of_it else [],
    )


def of_owner(found: PipelineBacktest, owner_id: int | None) -> Backtest | None:
    """The back-test of one owner's deals, None where they have none; without an owner that of all deals."""
    return found.whole if owner_id is None else found.owners.get(owner_id)


def request(tx: Writing) -> None:
    """Queue the back-test at once, for whoever may change pipelines."""
    pipelines.require_shaping(tx)
    jobs.enqueue_anew(tx, JOB, not_before=tx.now)


def schedule(tx: Writing) -> None:
    """Queue the job unless it is queued; called at each start."""
    jobs.enqueue_once(tx, JOB, not_before=tx.now + FIRST_RUN)


def run(store: Store, _: int) -> str:
    """Compute all pipelines in one snapshot, so that nobody who writes waits for it, and store the results; queue the
    job again."""
    with store.reading(SYSTEM) as tx:
        actor = replace(SYSTEM, time_zone=workspace.get(tx).time_zone, currency=workspace.get(tx).currency)
    if _is_due(store, actor):
        with store.reading(actor) as tx:
            found = computed(tx)
        with store.writing(SYSTEM) as writing:
            _write(writing, found)
    with store.writing(SYSTEM) as writing:
        jobs.enqueue_once(writing, JOB, not_before=writing.now + EVERY)
    return "done"


def on_failure(store: Store, _: int, why: str) -> None:
    """Queue the job again: later today, since the cause may persist; tomorrow where it ended the product itself."""
    log.error("the forecast was not tested on the past. %s", why)
    with store.writing(SYSTEM) as tx:
        jobs.enqueue_once(tx, JOB, not_before=tx.now + (timedelta(days=1) if why == jobs.STOPPED_TWICE else EVERY))


def computed(tx: Reading) -> list[PipelineForecast]:
    """Every pipeline with deals, over everybody's deals in the actor's currency and time zone."""
    zone = ZoneInfo(tx.actor.time_zone)
    history = read(tx, currency=tx.actor.currency)
    now, before = history.at(tx.now), history.at(tx.now - timedelta(days=HORIZON))
    stages = {found.stage_id: found for found in calibration.of_stages(now)}
    evaluations = backtest.evaluate(history, tx.now, zone, horizon=HORIZON, currency=tx.actor.currency)
    ends = _month_ends(now.at.astimezone(zone).date())
    open_stages = {pipeline.id: pipeline.open_stages for pipeline in pipelines.all_of(tx)}
    return [
        PipelineForecast(
            evaluation=each,
            outlook=_outlook(_of(now, each.pipeline_id), _of(before, each.pipeline_id), ends, zone, each.whole),
            stages=[stages[stage.id] for stage in open_stages[each.pipeline_id] if stage.id in stages],
        )
        for each in evaluations
        if each.pipeline_id in open_stages
    ]


def _outlook(now: Known, before: Known, ends: list[date], zone: ZoneInfo, tested: Backtest | None) -> Outlook | None:
    if not now.open_deals().height:
        return None
    spread = Spread(tested.spread, tested.covered, tested.backtests) if tested else Spread(None, 0, 0)
    return outlook(now, before, ends, zone, spread)


def _of(known: Known, pipeline_id: int) -> Known:
    here = pl.col("pipeline_id") == pipeline_id
    return replace(known, deals=known.deals.filter(here), visits=known.visits.filter(here))


def _month_ends(today: date) -> list[date]:
    """The first days of the months to come, the last within a quarter's horizon."""
    first = today.replace(day=1)
    return [months_after(first, ahead) for ahead in range(1, MONTHS_AHEAD + 1)]


def _is_due(store: Store, actor: Actor) -> bool:
    """Once a day, and once more where somebody asked for it today."""
    with store.reading(actor) as tx:
        last: datetime | None = tx.value("SELECT max(computed_at) FROM base.forecast_backtests")
        asked: bool = tx.value(
            "SELECT count(*) > 0 FROM base.jobs WHERE kind = $kind AND state = 'running' AND created_by <> $nobody",
            kind=JOB,
            nobody=SYSTEM.id,
        )
        return asked or last is None or last.astimezone(ZoneInfo(actor.time_zone)).date() < tx.today


def _write(tx: Writing, found: list[PipelineForecast]) -> None:
    tx.run("DELETE FROM base.forecast_backtests")
    for each in found:
        tx.run(
            "INSERT INTO base.forecast_backtests VALUES ($pipeline_id, $result, $now)",
            pipeline_id=each.evaluation.pipeline_id,
            result=each.model_dump_json(),
            now=tx.now,
        )
