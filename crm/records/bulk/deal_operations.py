"""Bulk operations that bring deals to a stage: moved, won or lost. Each arrival is among the deal's movements, as if
made by hand; an undo takes it out again."""

from crm.pipelines import RANK_STEP, arrivals
from crm.records.bulk.model import Action
from crm.records.bulk.operation import BulkOperation
from crm.store import Writing

_TO_STAGE = "JOIN base.stages AS target ON target.id = $becomes"
_TO_END = """
    JOIN base.stages AS target
        ON target.pipeline_id = record.pipeline_id AND target.kind = '{kind}' AND target.deleted_at IS NULL"""
_TOPS = """
    LEFT JOIN (SELECT stage_id, min(rank) AS rank FROM base.deals GROUP BY stage_id) AS top
        ON top.stage_id = target.id"""

_ON_TOP = f"""
    coalesce(top.rank, 0)
        - {RANK_STEP} * row_number() OVER (PARTITION BY target.id ORDER BY record.rank DESC, record.id DESC)"""
"""On top of the stage, in the order in which they stood."""

_SETS = """
    pipeline_id = changing.to_pipeline,
    stage_id = changing.became,
    rank = changing.rank,
    closed_on = $closed_on,
    close_reason_id = $close_reason_id,
    close_note = $close_note"""
_BACK = """
    pipeline_id = (SELECT stage.pipeline_id FROM base.stages AS stage WHERE stage.id = row.was),
    stage_id = row.was,
    rank = row.was_rank,
    closed_on = row.was_closed_on,
    close_reason_id = row.was_close_reason_id,
    close_note = row.was_close_note"""


def _arrival(joins: str, movement: str) -> BulkOperation:
    return BulkOperation(
        already="record.stage_id = target.id",
        sets=_SETS,
        back=_BACK,
        was="record.stage_id",
        joins=joins + _TOPS,
        keeps={
            "became": "target.id",
            "was_rank": "record.rank",
            "was_closed_on": "record.closed_on",
            "was_close_reason_id": "record.close_reason_id",
            "was_close_note": "record.close_note",
        },
        writes={"to_pipeline": "target.pipeline_id", "rank": _ON_TOP, "movement": movement},
    )


ARRIVALS = {
    Action.MOVE: _arrival(
        _TO_STAGE,
        """CASE
            WHEN record.status <> 'open' THEN 'reopen'
            WHEN record.pipeline_id <> target.pipeline_id THEN 'pipeline'
            ELSE 'move'
        END""",
    ),
    Action.WIN: _arrival(_TO_END.format(kind="won"), "'won'"),
    Action.LOSE: _arrival(_TO_END.format(kind="lost"), "'lost'"),
}


def record_arrivals(tx: Writing) -> None:
    """The movements of the deals in `changing`, once they stand where they arrived."""
    arrivals.record_arrivals(
        tx, "SELECT id AS deal_id, was AS from_stage_id, became AS to_stage_id, movement AS kind FROM changing"
    )


def forget_arrivals(tx: Writing, change_id: int) -> None:
    """The movements that the change made of the deals that go back."""
    tx.run(
        """
        DELETE FROM base.stage_events
        WHERE id IN (
            SELECT max(event.id)
            FROM base.stage_events AS event
            JOIN undoing ON undoing.id = event.deal_id AND undoing.became = event.to_stage_id
            JOIN base.bulk_changes AS change ON change.id = $id AND change.created_at <= event.known_at
            WHERE undoing.left_because IS NULL
            GROUP BY event.deal_id
        )
        """,
        id=change_id,
    )
