"""Bulk operations that bring deals to a stage: moved, won or lost. Each arrival is among the deal's movements, as if
made by hand; an undo takes it out again."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import polars as pl

from crm.deals import activity, arrivals, stage_rules
from crm.deals.close_reasons import OPEN, closing_fields
from crm.deals.record import Deal
from crm.foundation.errors import Invalid
from crm.foundation.language import later, tr
from crm.pipelines import RANK_STEP, Kind, get, rules, stage
from crm.records.bulk import Action, Aim, BulkOperation, Change, FeedRow, FieldChange
from crm.records.bulk.operation import NONE_REFUSED
from crm.records.declaration import RecordType
from crm.records.filters import Clause
from crm.store import Reading, Writing

_CLOSING = ("closed_on", "close_reason_id", "close_note")
"""Columns of the deal, and of the change of many."""

_TO_STAGE = "JOIN base.stages AS target ON target.id = $becomes"
# Each deal ends in the Won or Lost stage of its own pipeline.
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
_GONE, _MOVED = later("Its stage is gone."), later("It was moved since.")
_LOST = f"""
    WHEN row.was NOT IN (SELECT id FROM base.stages WHERE deleted_at IS NULL) THEN '{_GONE}'
    WHEN record.stage_id <> row.became THEN '{_MOVED}'"""

_STAGE = "(SELECT name FROM base.stages WHERE id = change.becomes)"
_REASON = "(SELECT name FROM close_reasons WHERE id = change.close_reason_id)"


def _arrival_event(before: str, after: str) -> str:
    """SQL of the event by the kinds of the two stages."""
    return f"""CASE
            WHEN {after}.kind = 'won' THEN 'won'
            WHEN {after}.kind = 'lost' THEN 'lost'
            WHEN {before}.kind <> 'open' THEN 'reopened'
            ELSE 'moved'
        END"""


_FEED = FeedRow(
    event=_arrival_event("old_stage", "new_stage"),
    undone=_arrival_event("new_stage", "old_stage"),
    fields={
        "stage_id": FieldChange("row.was", "row.became", {"stage_name": ("old_stage.name", "new_stage.name")}),
        "pipeline_id": FieldChange(
            "old_stage.pipeline_id",
            "new_stage.pipeline_id",
            {"pipeline_name": ("old_pipeline.name", "new_pipeline.name")},
        ),
        "closed_on": FieldChange("row.was_closed_on", "change.closed_on"),
        "close_reason_id": FieldChange(
            "row.was_close_reason_id",
            "change.close_reason_id",
            {"close_reason": ("old_reason.name", "new_reason.name")},
        ),
        "close_note": FieldChange("row.was_close_note", "change.close_note"),
    },
    joins={
        "old_stage": ("stages", "row.was"),
        "new_stage": ("stages", "row.became"),
        "old_pipeline": ("pipelines", "old_stage.pipeline_id"),
        "new_pipeline": ("pipelines", "new_stage.pipeline_id"),
        "old_reason": ("close_reasons", "row.was_close_reason_id"),
        "new_reason": ("close_reasons", "change.close_reason_id"),
    },
)


def at_once(of: RecordType[Deal]) -> Mapping[Action, BulkOperation]:
    return {
        Action.MOVE: _arrival(
            _TO_STAGE,
            """CASE
                WHEN record.status <> 'open' THEN 'reopen'
                WHEN record.pipeline_id <> target.pipeline_id THEN 'pipeline'
                ELSE 'move'
            END""",
            label=later("Move to stage"),
            icon="arrow_forward",
            done=later("{many} moved to **{name}**."),
            aim=_open_stage,
            becomes_name=_STAGE,
        ),
        Action.WIN: _closed(
            Kind.WON,
            label=later("Mark as won"),
            icon="emoji_events",
            done=later("{many} marked as won: **{name}**."),
            done_unnamed=later("{many} marked as won."),
        ),
        Action.LOSE: _closed(
            Kind.LOST,
            label=later("Mark as lost"),
            icon="heart_broken",
            done=later("{many} marked as lost: **{name}**."),
            done_unnamed=later("{many} marked as lost."),
        ),
    }


def _closed(end: Kind, **words: str) -> BulkOperation:
    return _arrival(
        _TO_END.format(kind=end),
        f"'{end}'",
        aim=lambda *args: _closing(end, *args),
        becomes_name=_REASON,
        **words,
    )


def _arrival(joins: str, movement: str, **more: Any) -> BulkOperation:
    return BulkOperation(
        feed=_FEED,
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
        refused=_refused,
        after=_record_arrivals,
        put_back=_forget_arrivals,
        lost=_LOST,
        **more,
    )


def _open_stage(tx: Reading, of: RecordType[Any], change: Change) -> Aim:
    if change.stage_id is None:
        raise Invalid(tr("Choose a stage to move to."), "stage_id")
    target = stage(tx, change.stage_id)
    if target.kind is not Kind.OPEN:
        raise Invalid(
            tr("Deals reach {stage} by closing them, with a day and a reason.", stage=target.name), "stage_id"
        )
    return Aim(target.id, {column: OPEN[column] for column in _CLOSING})


def _closing(kind: Kind, tx: Reading, of: RecordType[Any], change: Change) -> Aim:
    closing = closing_fields(tx, kind, change.on, change.reason_id, change.note)
    return Aim(None, {column: closing[column] for column in _CLOSING})


def _refused(tx: Reading, would_change: Clause, aim: Aim) -> pl.DataFrame:
    if aim.becomes is not None and not rules.requirements(tx, [aim.becomes]):
        return NONE_REFUSED  # an open stage has no day, and this one no rule: each deal may come
    tx.create_temp_table(
        "arriving", f"SELECT record.id, target.id AS stage_id {would_change.sql}", **would_change.params
    )
    found = pl.concat([_on_too_early_a_day(tx, aim.values["closed_on"]), *_against_the_rules(tx)])
    tx.drop("arriving")
    return found


def _on_too_early_a_day(tx: Reading, closed_on: date | None) -> pl.DataFrame:
    if closed_on is None:
        return NONE_REFUSED
    found = arrivals.refused_days(
        tx,
        """
        SELECT arriving.id, arriving.id AS deal_id, stage.kind, $day::DATE AS day
        FROM arriving
        JOIN base.stages AS stage ON stage.id = arriving.stage_id
        """,
        tr("It"),
        day=closed_on,
    )
    return found.select("id", because="reason")


def _against_the_rules(tx: Reading) -> Iterator[pl.DataFrame]:
    """The deals that the rules of their target stage refuse: id, because. See crm/pipelines/rules.py."""
    # Deals of several pipelines that are won arrive in as many stages, each with rules of its own.
    for row in tx.rows("SELECT DISTINCT stage_id FROM arriving ORDER BY stage_id"):
        target = stage(tx, row["stage_id"])
        here = "SELECT id FROM arriving WHERE stage_id = $here"
        refusal = rules.winner_refusal(tx, get(tx, target.pipeline_id)) if target.kind is Kind.WON else None
        if refusal:
            yield tx.frame(f"SELECT id, $because AS because FROM ({here})", because=refusal, here=target.id)
        requirements = rules.requirements(tx, [target.id])
        if not requirements:
            continue
        by_field = {rule.field: rule for rule in requirements}
        lacking = rules.refused(tx, stage_rules.stored(here, target.id), requirements, here=target.id)
        sentences = [
            rules.sentence(target.name, [by_field[field] for field in fields]) for fields in lacking["lacking"]
        ]
        because = pl.Series(
            "because", [tr("{deal} cannot enter {why}", deal=tr("It"), why=why) for why in sentences], pl.String
        )
        yield lacking.select("id").with_columns(because)


def _record_arrivals(tx: Writing, of: RecordType[Any], aim: Aim, change_id: int) -> None:
    """Record the movements of the deals in `changing`, after their rows were updated."""
    arrivals.record_arrivals(
        tx,
        "SELECT id AS deal_id, was AS from_stage_id, became AS to_stage_id, movement AS kind FROM changing",
        open_stages=aim.becomes is not None,
    )


def _forget_arrivals(tx: Writing, of: RecordType[Any], change_id: int) -> None:
    """Delete the movements that the change made, of the deals that go back."""
    # `created_at <= known_at`: an earlier movement into the same stage is not of this change.
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
    activity.recompute_moves(tx, "SELECT id FROM undoing WHERE left_because IS NULL")
