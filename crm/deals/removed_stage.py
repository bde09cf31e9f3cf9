"""Removes a stage of a pipeline, and moves the deals that it holds to another one."""

from crm.deals.arrivals import record_arrivals
from crm.deals.stage_rules import require_all
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.pipelines import RANK_STEP, Kind, Pipeline, Stage, get, require_shaping, stage
from crm.pipelines.stages import touched
from crm.store import Reading, Writing


def remove_stage(tx: Writing, stage_id: int, *, deals_to: int | None = None) -> Pipeline:
    """Remove an open stage. If it holds deals, `deals_to` is the open stage of the same pipeline that they move to.

    The deals move in one statement, with a movement and an event each.
    """
    require_shaping(tx)
    gone = stage(tx, stage_id)
    pipeline = get(tx, gone.pipeline_id)
    if gone.kind is not Kind.OPEN:
        raise Invalid(
            tr("Every pipeline has one Won and one Lost stage; “{name}” can be renamed, not removed.", name=gone.name)
        )
    if len(pipeline.open_stages) == 1:
        raise Invalid(tr("A pipeline needs at least one open stage."))
    moved = _move_all(tx, pipeline, gone, deals_to)
    tx.run("UPDATE base.stages SET deleted_at = $now WHERE id = $id", now=tx.now, id=stage_id)
    tx.record(
        "stage.removed", "pipeline", pipeline.id, stage_id=stage_id, name=gone.name, deals_to=deals_to, moved=moved
    )
    return touched(tx, pipeline.id)


def held_by_stage(tx: Reading, pipeline_id: int) -> dict[int, int]:
    """{stage id: number of deals that removing it would move}, including deleted ones and those of others."""
    rows = tx.rows(
        "SELECT stage_id, count(*) AS many FROM base.deals WHERE pipeline_id = $id GROUP BY stage_id", id=pipeline_id
    )
    return {row["stage_id"]: row["many"] for row in rows}


def _move_all(tx: Writing, pipeline: Pipeline, gone: Stage, deals_to: int | None) -> int:
    """Move every deal of the stage; how many."""
    # `base.`: a deal in the bin, or one of somebody else, would be left in a stage that is gone.
    held = [row["id"] for row in tx.rows("SELECT id FROM base.deals WHERE stage_id = $id ORDER BY id", id=gone.id)]
    if not held:
        return 0
    if deals_to is None:
        raise Invalid(
            tr("“{name}” holds {count:,} deals. Say which stage they go to.", name=gone.name, count=len(held)),
            "deals_to",
        )
    target = pipeline.stage(deals_to)
    if target.kind is not Kind.OPEN or target.id == gone.id:
        raise Invalid(tr("The deals of a removed stage go to another open stage of the same pipeline."), "deals_to")
    # Before anything moves: the deals arrive in the target like any others, by its rules.
    require_all(tx, "SELECT id FROM base.deals WHERE stage_id = $gone", target, gone=gone.id)
    # All ranks shift by one amount: the deals keep their order, below those that are in the target already.
    tx.run(
        """
        UPDATE base.deals SET
            stage_id = $target,
            rank = rank - (SELECT min(rank) FROM base.deals WHERE stage_id = $gone)
                + (SELECT coalesce(max(rank), 0) + $step FROM base.deals WHERE stage_id = $target),
            updated_at = $now,
            version = version + 1
        WHERE stage_id = $gone
        """,
        target=target.id,
        step=RANK_STEP,
        now=tx.now,
        gone=gone.id,
    )
    record_arrivals(
        tx,
        """
        SELECT unnest($held::BIGINT[]) AS deal_id, $gone::BIGINT AS from_stage_id, $target::BIGINT AS to_stage_id,
            'move' AS kind
        """,
        # Nobody touched these deals one by one, so the removal must not restart their idle clock.
        by_hand=False,
        held=held,
        gone=gone.id,
        target=target.id,
    )
    tx.record_each(
        "deal.moved",
        "deal",
        held,
        from_stage=gone.id,
        to_stage=target.id,
        changes={"stage_id": [gone.id, target.id], "stage_name": [gone.name, target.name]},
    )
    return len(held)
