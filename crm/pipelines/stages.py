"""Changes the stages of a pipeline: adds, renames, recolours and reorders them, and sets probabilities and forecast
categories.
Removing one moves deals: see crm/deals/removed_stage.py."""

from collections.abc import Sequence
from decimal import Decimal

from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.pipelines import categories
from crm.pipelines.model import (
    COLOURS,
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
from crm.store import Writing


def add_stage(
    tx: Writing,
    pipeline_id: int,
    name: str,
    *,
    probability: Decimal | None = None,
    colour: str | None = None,
    category: str | None = None,
) -> Pipeline:
    """Add an open stage after the last one; its probability is that one's by default, its forecast category what is
    usual for the probability."""
    require_shaping(tx)
    pipeline = get(tx, pipeline_id)
    last = pipeline.open_stages[-1]
    _refuse_same_name(pipeline, name)
    tx.run(
        "UPDATE base.stages SET position = position + 1 WHERE pipeline_id = $id AND position > $last",
        id=pipeline_id,
        last=last.position,
    )
    # Of the first eight: the last two colours are Won's and Lost's.
    chosen = colour or COLOURS[len(pipeline.open_stages) % 8]
    chance = last.probability if probability is None else probability
    stage_id = insert_stage(tx, pipeline_id, name, chosen, last.position + 1, chance, "open", category=category)
    tx.record("stage.added", "pipeline", pipeline_id, stage_id=stage_id, name=name)
    return touched(tx, pipeline_id)


def rename_stage(tx: Writing, stage_id: int, name: str) -> Pipeline:
    require_shaping(tx)
    before = stage(tx, stage_id)
    shown = checked_name(name, tr("stage"))
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
        raise Invalid(
            tr(
                "“{name}” ends a deal: its probability stays {probability:.0f} %.",
                name=before.name,
                probability=before.probability,
            ),
            "probability",
        )
    chance = checked_probability(probability)
    tx.run("UPDATE base.stages SET probability = $chance WHERE id = $id", chance=chance, id=stage_id)
    record_change(tx, before, "probability", before.probability, chance)
    return touched(tx, before.pipeline_id)


def adopt_probability(tx: Writing, stage_id: int, probability: Decimal, *, seen: Decimal) -> Pipeline:
    """As `set_probability`, by somebody who saw the stage at `seen` percent. Where it has the new one already, nothing
    changes. Raises Invalid where it was set to another meanwhile."""
    require_shaping(tx)
    now = stage(tx, stage_id)
    if now.probability == checked_probability(probability):
        return get(tx, now.pipeline_id)
    if now.probability != seen:
        raise Invalid(
            tr(
                "“{name}” was set to {now} % meanwhile; you saw {seen} %. Look at it again, then decide.",
                name=now.name,
                now=f"{now.probability.normalize():f}",
                seen=f"{seen.normalize():f}",
            ),
            "probability",
        )
    return set_probability(tx, stage_id, probability)


def set_category(tx: Writing, stage_id: int, category: str) -> Pipeline:
    """Set the forecast category of the deals in this open stage that have none of their own."""
    require_shaping(tx)
    before = stage(tx, stage_id)
    if before.kind is not Kind.OPEN:
        raise Invalid(
            tr(
                "“{name}” ends a deal: its forecast category stays “{category}”.",
                name=before.name,
                category=tr(categories.NAMES[before.category]),
            ),
            "category",
        )
    chosen = categories.checked(category)
    tx.run("UPDATE base.stages SET category = $category WHERE id = $id", category=chosen.value, id=stage_id)
    record_change(tx, before, "category", before.category, chosen)
    return touched(tx, before.pipeline_id)


def reorder_stages(tx: Writing, pipeline_id: int, stage_ids: Sequence[int]) -> Pipeline:
    """Put the open stages in this order; each must be listed once. Won and Lost stay last."""
    require_shaping(tx)
    pipeline = get(tx, pipeline_id)
    if sorted(stage_ids) != sorted(stage.id for stage in pipeline.open_stages):
        raise Invalid(
            tr("The stages of this pipeline have changed meanwhile. Look at them again, then put them in order.")
        )
    order = [*stage_ids, pipeline.won.id, pipeline.lost.id]
    tx.run(
        "UPDATE base.stages SET position = list_position($order, id) WHERE pipeline_id = $id AND deleted_at IS NULL",
        order=order,
        id=pipeline_id,
    )
    tx.record("stages.reordered", "pipeline", pipeline_id, order=order)
    return touched(tx, pipeline_id)


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
        raise Invalid(
            tr("“{pipeline}” already has a stage called “{name}”.", pipeline=pipeline.name, name=name), "name"
        )
