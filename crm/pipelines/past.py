"""A pipeline as it was at a past moment: the stages that it had then, with their names, order, probabilities and
categories. The pipeline's own name, and the colours and limits of stages, have no history: they are those of now."""

from collections.abc import Collection
from datetime import datetime

from crm.pipelines.model import Kind, Pipeline, Stage, get
from crm.pipelines.versions import STAGES_AS_OF
from crm.store import Reading, Row


def as_of(tx: Reading, pipeline_id: int, at: datetime, *, holding: Collection[int] = ()) -> Pipeline:
    """The pipeline with the stages that it had at the moment `at`, those that were removed since among them; none of
    them where it was made later. `holding`: stages that are there in any case, as deals stood in them: imported deals
    may be older than the pipeline. Raises NotFound where there is no such pipeline now."""
    now = get(tx, pipeline_id)
    return now.model_copy(update={"stages": stages_as_of(tx, pipeline_id, at, holding=holding)})


def stages_as_of(tx: Reading, pipeline_id: int, at: datetime, *, holding: Collection[int] = ()) -> tuple[Stage, ...]:
    """The stages of `as_of`, also of a pipeline that was deleted since."""
    rows = tx.rows(
        f"""
        SELECT
            stood.stage_id AS id,
            stood.pipeline_id,
            stood.name,
            stage.colour,
            stood.position,
            stood.probability,
            stood.kind,
            stood.category,
            stage.limit_days,
            stood.was_there AND NOT stood.removed AS stands
        FROM ({STAGES_AS_OF}) AS stood
        JOIN base.stages AS stage ON stage.id = stood.stage_id  -- base: those that were removed since
        WHERE stood.pipeline_id = $pipeline_id
        """,
        pipeline_id=pipeline_id,
        as_of=at,
    )
    stood = [row for row in rows if row["stands"] or row["id"] in holding]
    return tuple(Stage(**row) for row in sorted(stood, key=_place))


def _place(row: Row) -> tuple[int, ...]:
    """The open stages in order, then Won, then Lost."""
    return row["kind"] == Kind.LOST, row["kind"] == Kind.WON, row["position"], row["id"]
