"""The stored evaluations of the health score, which the worker computes: pages read them and never compute one.

An evaluation reads the whole history of a pipeline six times. It is computed again each night, since its moments move
with the day, and within an hour of a change of what it is made of: the stages, their limits and weights, or one in
twenty of the closings. Changed weights queue the job at once.
"""

import json
import logging
from dataclasses import replace
from datetime import timedelta

from crm.deals import health
from crm.deals.health import EVALUATION_JOB, Parameters
from crm.foundation.access import SYSTEM, Actor
from crm.platform import jobs, workspace
from crm.reports.health_evaluation import Worth, work_out
from crm.store import Reading, Store, Writing
from crm.store.kept import kept

log = logging.getLogger(__name__)

JOB = EVALUATION_JOB
FIRST_RUN = timedelta(minutes=2)
EVERY = timedelta(hours=1)


@kept
def of_pipeline(tx: Reading, pipeline_id: int) -> Worth | None:
    """The last evaluation of a pipeline, None before the first.

    It counts all deals of the pipeline as the product sees them, for everybody alike: under owner-based privacy too an
    actor may see it, since it tells how well the score predicts and nothing about any deal.
    """
    rows = tx.rows(
        """
        SELECT auc, low, high, won, lost, computed_at
        FROM health_evaluations
        WHERE pipeline_id = $id
        """,
        id=pipeline_id,
    )
    return Worth(**rows[0]) if rows else None


def schedule(tx: Writing) -> None:
    """Queue the job unless it is queued; called at each start. It runs a little later, so as not to slow the start
    down."""
    jobs.enqueue_once(tx, JOB, not_before=tx.now + FIRST_RUN)


def run(store: Store, _: int) -> str:
    """Evaluate the pipelines whose evaluation is missing or stale, one after the other; queue the job again."""
    with store.reading(SYSTEM) as tx:
        actor = replace(SYSTEM, time_zone=workspace.get(tx).time_zone)  # whose today is the workspace's
    with store.reading(actor) as tx:
        pipeline_ids = stale(tx)
    for pipeline_id in pipeline_ids:
        _evaluate(store, actor, pipeline_id)
    with store.writing(SYSTEM) as writing:
        jobs.enqueue_once(writing, JOB, not_before=writing.now + EVERY)
    return "done"


def on_failure(store: Store, _: int, why: str) -> None:
    """Queue the job again: in an hour, since the cause may persist; tomorrow where it ended the product itself."""
    log.error("the health score was not evaluated. %s", why)
    with store.writing(SYSTEM) as tx:
        jobs.enqueue_once(tx, JOB, not_before=tx.now + (timedelta(days=1) if why == jobs.STOPPED_TWICE else EVERY))


def stale(tx: Reading) -> list[int]:
    """The pipelines without an evaluation, and those whose evaluation is of another day, of other parameters, or of a
    twentieth more or fewer closings."""
    parameters = health.parameters(tx)
    rows = tx.rows(
        """
        SELECT pipeline.id, stored.parameters, stored.closings
        FROM pipelines AS pipeline
        LEFT JOIN health_evaluations AS stored ON stored.pipeline_id = pipeline.id
        ORDER BY pipeline.id
        """
    )
    closings = _closings(tx)
    return [
        row["id"]
        for row in rows
        if row["parameters"] != _text(parameters, row["id"])
        or abs(row["closings"] - closings.get(row["id"], 0)) > row["closings"] // 20
    ]


def _evaluate(store: Store, actor: Actor, pipeline_id: int) -> None:
    """Compute in a snapshot, so that nobody who writes waits for it, and store the result."""
    with store.reading(actor) as tx:
        worth = work_out(tx, pipeline_id)
        parameters, closings = _text(health.parameters(tx), pipeline_id), _closings(tx).get(pipeline_id, 0)
    with store.writing(SYSTEM) as writing:
        writing.run("DELETE FROM base.health_evaluations WHERE pipeline_id = $id", id=pipeline_id)
        writing.run(
            """
            INSERT INTO base.health_evaluations
            VALUES ($pipeline_id, $auc, $low, $high, $won, $lost, $why, $parameters, $closings, $computed_at)
            """,
            pipeline_id=pipeline_id,
            parameters=parameters,
            closings=closings,
            **worth.model_dump(),
            why=worth.why,
        )


def _closings(tx: Reading) -> dict[int, int]:
    """{pipeline id: number of its closings}."""
    rows = tx.rows(
        """
        SELECT pipeline_id, count(*) AS many
        FROM base.stage_events
        WHERE kind IN ('won', 'lost')
        GROUP BY pipeline_id
        """
    )
    return {row["pipeline_id"]: row["many"] for row in rows}


def _text(parameters: Parameters, pipeline_id: int) -> str:
    """The parameters of a pipeline as text, without the usual times: these change with every deal that is won."""
    stages = [
        [stage.stage_id, stage.limit_us if stage.limit_by_hand else None, stage.late, stage.weights]
        for stage in parameters.stages.values()
        if stage.pipeline_id == pipeline_id
    ]
    return json.dumps([parameters.today.isoformat(), stages])
