"""Creates, renames and deletes pipelines.

The shape of a pipeline affects everybody's board and reports, so it takes “manage the CRM” and in addition the role of
a manager, or “manage settings”.
"""

from collections.abc import Sequence
from decimal import Decimal

from crm.foundation.access import Actor, Module, Permission
from crm.foundation.errors import Forbidden, Invalid
from crm.foundation.language import tr
from crm.pipelines import categories
from crm.pipelines.model import (
    COLOURS,
    LOST_COLOUR,
    WON_COLOUR,
    NewStage,
    Pipeline,
    checked_colour,
    checked_name,
    checked_probability,
    get,
)
from crm.pipelines.versions import note_stages
from crm.records import references, registry
from crm.store import Reading, Writing


def may_shape(actor: Actor) -> bool:
    return actor.shapes(Module.CRM)


def require_shaping(tx: Reading) -> None:
    tx.require(Permission.MANAGE_CRM, Module.CRM)
    if not may_shape(tx.actor):
        raise Forbidden(tr("{name} may not change pipelines. A manager or an administrator can.", name=tx.actor.name))


def create(
    tx: Writing, name: str, stages: Sequence[NewStage | str], *, won: str | None = None, lost: str | None = None
) -> Pipeline:
    """Create a pipeline with these open stages, in order, then Won and Lost. A stage given as a name gets colour and
    probability by its position."""
    require_shaping(tx)
    if not stages:
        raise Invalid(tr("A pipeline needs at least one open stage."), "stages")
    shown = checked_name(name, tr("pipeline"))
    _refuse_same_name(tx, shown)
    pipeline_id = tx.insert(
        """
        INSERT INTO base.pipelines (name, position, created_at)
        SELECT $name, coalesce(max(position), 0) + 1, $now FROM base.pipelines
        RETURNING id
        """,
        name=shown,
        now=tx.now,
    )
    for position, stage in enumerate(stages, start=1):
        new = stage if isinstance(stage, NewStage) else NewStage(name=stage)
        # Evenly from the first stage up to Won's 100 %.
        given = new.probability if new.probability is not None else Decimal(100 * position) / (len(stages) + 1)
        # The last two of the ten colours are Won's and Lost's.
        insert_stage(
            tx,
            pipeline_id,
            new.name,
            new.colour or COLOURS[(position - 1) % 8],
            position,
            given,
            "open",
            category=new.category,
        )
    insert_stage(tx, pipeline_id, won or tr("Won"), WON_COLOUR, len(stages) + 1, Decimal(100), "won")
    insert_stage(tx, pipeline_id, lost or tr("Lost"), LOST_COLOUR, len(stages) + 2, Decimal(0), "lost")
    note_stages(tx, pipeline_id)
    tx.record("pipeline.created", "pipeline", pipeline_id, name=shown)
    return get(tx, pipeline_id)


def rename(tx: Writing, pipeline_id: int, name: str) -> Pipeline:
    require_shaping(tx)
    before = get(tx, pipeline_id)
    shown = checked_name(name, tr("pipeline"))
    _refuse_same_name(tx, shown, but=pipeline_id)
    tx.run("UPDATE base.pipelines SET name = $name, version = version + 1 WHERE id = $id", name=shown, id=pipeline_id)
    tx.record("pipeline.renamed", "pipeline", pipeline_id, changes={"name": [before.name, shown]})
    return get(tx, pipeline_id)


def delete(tx: Writing, pipeline_id: int) -> Pipeline:
    """Delete a pipeline without deals. Returns it as it was."""
    require_shaping(tx)
    pipeline = get(tx, pipeline_id)
    # Deals in the bin and of others count, too: one that is restored would be in a pipeline that is gone.
    for kind, held in references.counts(tx, "pipeline", pipeline_id).items():
        raise Invalid(
            tr(
                "“{name}” holds {held:,} {records}. Move them to another pipeline first.",
                name=pipeline.name,
                held=held,
                records=registry.many_of(kind),
            )
        )
    tx.run("UPDATE base.pipelines SET deleted_at = $now WHERE id = $id", now=tx.now, id=pipeline_id)
    tx.record("pipeline.deleted", "pipeline", pipeline_id, name=pipeline.name)
    return pipeline


def insert_stage(
    tx: Writing,
    pipeline_id: int,
    name: str,
    colour: str,
    position: int,
    probability: Decimal,
    kind: str,
    *,
    category: str | None = None,
) -> int:
    """Insert a stage; its forecast category is by default what is usual for its probability."""
    chance = checked_probability(probability)
    return tx.insert(
        """
        INSERT INTO base.stages (pipeline_id, name, colour, position, probability, kind, category)
        VALUES ($pipeline_id, $name, $colour, $position, $probability, $kind, $category)
        RETURNING id
        """,
        pipeline_id=pipeline_id,
        name=checked_name(name, tr("stage")),
        colour=checked_colour(colour),
        position=position,
        probability=chance,
        kind=kind,
        category=(categories.checked(category) if category else categories.usual(kind, chance)).value,
    )


def _refuse_same_name(tx: Writing, name: str, but: int | None = None) -> None:
    taken = tx.rows(
        "SELECT id FROM pipelines WHERE lower(name) = lower($name) AND id IS DISTINCT FROM $but", name=name, but=but
    )
    if taken:
        raise Invalid(tr("There is already a pipeline called “{name}”. Give this one another name.", name=name), "name")
