"""Moves a deal: to another stage, to another place within its stage, to another pipeline."""

from crm.deals import stage_rules
from crm.deals.arrivals import record_arrival
from crm.deals.close_reasons import OPEN
from crm.deals.rank import place
from crm.deals.record import Deal
from crm.deals.verbs import get
from crm.foundation.access import Module, Permission
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.pipelines import Kind, Stage, stage
from crm.pipelines import get as pipeline
from crm.records.edits import differences
from crm.store import Writing

MOVED_COLUMNS = {
    "id",
    "pipeline_id",
    "stage_id",
    "rank",
    "closed_on",
    "close_reason_id",
    "close_note",
    "updated_at",
    "version",
}


def move(
    tx: Writing,
    deal_id: int,
    *,
    to_stage: int,
    before: int | None = None,
    after: int | None = None,
    version: int | None = None,
) -> Deal:
    """Move the deal to a stage: above the deal `before`, else below the deal `after`, else on top.

    Moving a closed deal to an open stage reopens it. Raises Invalid for Won and Lost: `win` and `lose` take the day and
    the reason.
    """
    tx.require(Permission.MANAGE_CRM, Module.CRM)
    deal = get(tx, deal_id, version=version)
    if to_stage == deal.stage_id:
        return _reorder(tx, deal, before, after)
    target = stage(tx, to_stage)
    if target.kind is not Kind.OPEN:
        raise Invalid(
            tr(
                "“{title}” reaches {stage} by closing it, with a day and a reason.", title=deal.title, stage=target.name
            ),
            "stage_id",
        )
    if not deal.is_open:
        kind = "reopen"
    elif target.pipeline_id != deal.pipeline_id:
        kind = "pipeline"
    else:
        kind = "move"
    return arrive(tx, deal, target, kind, before=before, after=after)


def arrive(
    tx: Writing,
    deal: Deal,
    target: Stage,
    kind: str,
    *,
    before: int | None = None,
    after: int | None = None,
    closing: dict[str, object] | None = None,
) -> Deal:
    """Write an arrival in a stage: the deal's row, the movement and the event. `closing` holds the closing columns,
    which an arrival in an open stage empties. Raises Incomplete where the deal lacks fields that the stage requires,
    Forbidden where the actor may not win."""
    stage_rules.require(tx, deal.id, deal.title, target)
    closes = target.kind is not Kind.OPEN
    changes_pipeline = target.pipeline_id != deal.pipeline_id
    # Everything that changes is known here, so the deal is not read again after the update.
    moved = deal.model_copy(
        update={
            **(closing or OPEN),
            "pipeline_id": target.pipeline_id,
            "pipeline_name": pipeline(tx, target.pipeline_id).name if changes_pipeline else deal.pipeline_name,
            "stage_id": target.id,
            "stage_name": target.name,
            "status": target.kind,
            "probability": target.probability if closes or deal.own_probability is None else deal.own_probability,
            "forecast_category": target.category if closes or deal.own_category is None else deal.own_category,
            "rank": place(tx, deal.id, target.id, before, after),
            "updated_at": tx.now,
            "version": deal.version + 1,
        }
    )
    write_place(tx, moved)
    record_arrival(tx, deal.id, target, deal.stage_id, kind)
    tx.record(
        EVENTS[kind],
        "deal",
        deal.id,
        from_stage=deal.stage_id,
        to_stage=target.id,
        changes=differences(deal, moved),
    )
    return moved


def write_place(tx: Writing, deal: Deal) -> None:
    """Write where the deal stands: stage, place, closing and version, as `deal` has them."""
    tx.run(
        """
        UPDATE base.deals SET
            pipeline_id = $pipeline_id,
            stage_id = $stage_id,
            rank = $rank,
            closed_on = $closed_on,
            close_reason_id = $close_reason_id,
            close_note = $close_note,
            updated_at = $updated_at,
            version = $version
        WHERE id = $id
        """,
        **deal.model_dump(include=MOVED_COLUMNS),
    )


EVENTS = {
    "move": "deal.moved",
    "pipeline": "deal.moved",
    "won": "deal.won",
    "lost": "deal.lost",
    "reopen": "deal.reopened",
}


def _reorder(tx: Writing, deal: Deal, before: int | None, after: int | None) -> Deal:
    """Change the place within the stage. The version stays, so that nobody's open form turns stale."""
    rank = place(tx, deal.id, deal.stage_id, before, after)
    tx.run("UPDATE base.deals SET rank = $rank WHERE id = $id", rank=rank, id=deal.id)
    tx.record("deal.reordered", "deal", deal.id, stage=deal.stage_id)
    return deal.model_copy(update={"rank": rank})
