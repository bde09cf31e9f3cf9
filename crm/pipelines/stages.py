"""Changes the stages of a pipeline: adds, renames, recolours, reorders and removes them, and sets probabilities."""

from collections.abc import Sequence
from decimal import Decimal

from crm.foundation.errors import Invalid
from crm.pipelines import rules
from crm.pipelines.arrivals import record_arrivals
from crm.pipelines.model import (
    COLOURS,
    RANK_STEP,
    Kind,
    Pipeline,
    Stage,
    checked_colour,
    checked_name,
    checked_probability,
    get,
    stage,
)
from crm.pipelines.verbs import insert_stage, require_shaping
from crm.pipelines.versions import note_stages
from crm.store import Reading, Writing


def add_stage(
    tx: Writing, pipeline_id: int, name: str, *, probability: Decimal | None = None, colour: str | None = None
) -> Pipeline:
    """Add an open stage after the last one; its probability is that one's by default."""
    require_shaping(tx)
    pipeline = get(tx, pipeline_id)
    last = pipeline.open_stages[-1]
    _refuse_same_name(pipeline, name)
    tx.run(
        "UPDATE base.stages SET position = position + 1 WHERE pipeline_id = $id AND position > $last",
        id=pipeline_id,
        last=last.position,
    )
    chosen = colour or COLOURS[len(pipeline.open_stages) % 8]
    chance = last.probability if probability is None else probability
    stage_id = insert_stage(tx, pipeline_id, name, chosen, last.position + 1, chance, "open")
    tx.record("stage.added", "pipeline", pipeline_id, stage_id=stage_id, name=name)
    return touched(tx, pipeline_id)


def rename_stage(tx: Writing, stage_id: int, name: str) -> Pipeline:
    require_shaping(tx)
    before = stage(tx, stage_id)
    shown = checked_name(name, "stage")
    _refuse_same_name(get(tx, before.pipeline_id), shown, but=stage_id)
    tx.run("UPDATE base.stages SET name = $name WHERE id = $id", name=shown, id=stage_id)
    record_change(tx, before, "name", before.name, shown)
    return touched(tx, before.pipeline_id)


def recolour_stage(tx: Writing, stage_id: int, colour: str) -> Pipeline:
    require_shaping(tx)
    before = stage(tx, stage_id)
    shown = checked_colour(colour)
    tx.run("UPDATE base.stages SET colour = $colour WHERE id = $id", colour=shown, id=stage_id)
    record_change(tx, before, "colour", before.colour, shown)
    return touched(tx, before.pipeline_id)


def set_probability(tx: Writing, stage_id: int, probability: Decimal) -> Pipeline:
    """Set the probability, in percent, that a deal in this open stage is won. Won stays 100 and Lost 0."""
    require_shaping(tx)
    before = stage(tx, stage_id)
    if before.kind is not Kind.OPEN:
        raise Invalid(f"“{before.name}” ends a deal: its probability stays {before.probability:.0f} %.", "probability")
    chance = checked_probability(probability)
    tx.run("UPDATE base.stages SET probability = $chance WHERE id = $id", chance=chance, id=stage_id)
    record_change(tx, before, "probability", before.probability, chance)
    return touched(tx, before.pipeline_id)


def reorder_stages(tx: Writing, pipeline_id: int, stage_ids: Sequence[int]) -> Pipeline:
    """Put the open stages in this order; each must be listed once. Won and Lost stay last."""
    require_shaping(tx)
    pipeline = get(tx, pipeline_id)
    if sorted(stage_ids) != sorted(stage.id for stage in pipeline.open_stages):
        raise Invalid("The stages of this pipeline have changed meanwhile. Look at them again, then put them in order.")
    order = [*stage_ids, pipeline.won.id, pipeline.lost.id]
    tx.run(
        "UPDATE base.stages SET position = list_position($order, id) WHERE pipeline_id = $id AND deleted_at IS NULL",
        order=order,
        id=pipeline_id,
    )
    tx.record("stages.reordered", "pipeline", pipeline_id, order=order)
    return touched(tx, pipeline_id)


def remove_stage(tx: Writing, stage_id: int, *, deals_to: int | None = None) -> Pipeline:
    """Remove an open stage. If it holds deals, `deals_to` is the open stage of the same pipeline that they move to.

    The deals move in one statement, with a movement and an event each, and keep their order below the deals that are
    there already.
    """
    require_shaping(tx)
    gone = stage(tx, stage_id)
    pipeline = get(tx, gone.pipeline_id)
    if gone.kind is not Kind.OPEN:
        raise Invalid(f"Every pipeline has one Won and one Lost stage; “{gone.name}” can be renamed, not removed.")
    if len(pipeline.open_stages) == 1:
        raise Invalid("A pipeline needs at least one open stage.")
    moved = _move_all(tx, pipeline, gone, deals_to)
    tx.run("UPDATE base.stages SET deleted_at = $now WHERE id = $id", now=tx.now, id=stage_id)
    tx.record(
        "stage.removed", "pipeline", pipeline.id, stage_id=stage_id, name=gone.name, deals_to=deals_to, moved=moved
    )
    return touched(tx, pipeline.id)


def held(tx: Reading, pipeline_id: int) -> dict[int, int]:
    """{stage id: number of deals that removing it would move}, including deleted ones and those of others."""
    rows = tx.rows(
        "SELECT stage_id, count(*) AS many FROM base.deals WHERE pipeline_id = $id GROUP BY stage_id", id=pipeline_id
    )
    return {row["stage_id"]: row["many"] for row in rows}


def _move_all(tx: Writing, pipeline: Pipeline, gone: Stage, deals_to: int | None) -> int:
    """Move every deal of the stage; how many. `base.`: including deleted deals and those of others."""
    held = [row["id"] for row in tx.rows("SELECT id FROM base.deals WHERE stage_id = $id ORDER BY id", id=gone.id)]
    if not held:
        return 0
    if deals_to is None:
        raise Invalid(f"“{gone.name}” holds {len(held):,} deals. Say which stage they go to.", "deals_to")
    target = pipeline.stage(deals_to)
    if target.kind is not Kind.OPEN or target.id == gone.id:
        raise Invalid("The deals of a removed stage go to another open stage of the same pipeline.", "deals_to")
    # Before anything moves: the deals arrive in the target like any others, by its rules.
    rules.require_all(tx, "SELECT id FROM base.deals WHERE stage_id = $gone", target, gone=gone.id)
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


def record_change(tx: Writing, before: Stage, field: str, old: object, new: object) -> None:
    tx.record(
        "stage.changed",
        "pipeline",
        before.pipeline_id,
        stage_id=before.id,
        name=before.name,
        changes={field: [old, new]},
    )


def touched(tx: Writing, pipeline_id: int) -> Pipeline:
    """Complete a change of stages: raise the pipeline's version and record the versions of changed stages."""
    tx.run("UPDATE base.pipelines SET version = version + 1 WHERE id = $id", id=pipeline_id)
    note_stages(tx, pipeline_id)
    return get(tx, pipeline_id)


def _refuse_same_name(pipeline: Pipeline, name: str, but: int | None = None) -> None:
    if any(stage.name.casefold() == name.strip().casefold() and stage.id != but for stage in pipeline.stages):
        raise Invalid(f"“{pipeline.name}” already has a stage called “{name}”.", "name")
