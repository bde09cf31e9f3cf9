"""Won, lost, and reopened: the day, the reason from a managed list, and a note in free text."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel

from crm.deals.moving import arrive
from crm.deals.record import Deal
from crm.deals.verbs import get
from crm.foundation import bounds, identity
from crm.foundation.access import Module, Permission
from crm.foundation.errors import Invalid, NotFound
from crm.pipelines import Kind
from crm.pipelines import get as pipeline_of
from crm.pipelines.arrivals import last_of
from crm.pipelines.verbs import require_shaping
from crm.store import Reading, Writing


class CloseReason(BaseModel, frozen=True):
    id: int
    kind: Literal["won", "lost"]
    name: str
    position: int
    active: bool


def win(
    tx: Writing,
    deal_id: int,
    *,
    on: date | None = None,
    reason_id: int | None = None,
    note: str | None = None,
    version: int | None = None,
) -> Deal:
    """Close the deal as won on that day of the workspace, today if none is given; a reason may be given."""
    return _close(tx, deal_id, Kind.WON, on, reason_id, note, version)


def lose(
    tx: Writing,
    deal_id: int,
    *,
    on: date | None = None,
    reason_id: int | None = None,
    note: str | None = None,
    version: int | None = None,
) -> Deal:
    """Close the deal as lost. Why must be said: a reason of the list, or a note, or both."""
    return _close(tx, deal_id, Kind.LOST, on, reason_id, note, version)


def reopen(tx: Writing, deal_id: int, *, to_stage: int | None = None, version: int | None = None) -> Deal:
    """Open a closed deal again: in the open stage it last stood in, or in the one that is named."""
    tx.require(Permission.MANAGE_CRM, Module.CRM)
    deal = get(tx, deal_id, version=version)
    if deal.is_open:
        raise Invalid(f"“{deal.title}” is open already.")
    target = pipeline_of(tx, deal.pipeline_id).stage(to_stage or _stood_in(tx, deal))
    if target.kind is not Kind.OPEN:
        raise Invalid("A deal is reopened in an open stage.", "to_stage")
    return arrive(tx, deal, target, "reopen")


def close_reasons(tx: Reading, kind: str) -> list[CloseReason]:
    """Those to choose from for "won" or "lost", in their order."""
    rows = tx.rows("SELECT * FROM close_reasons WHERE kind = $kind AND active ORDER BY position, id", kind=kind)
    return [CloseReason(**row) for row in rows]


def add_close_reason(tx: Writing, kind: Literal["won", "lost"], name: str) -> CloseReason:
    """Add a reason to the list, or bring a retired one of that name back, however its letters are written."""
    require_shaping(tx)
    shown = identity.text(name, "reason", limit=80)
    if not shown:
        raise Invalid("A reason needs a name.", "name")
    reason_id = _called(tx, kind, shown)
    if reason_id is None:
        reason_id = tx.insert(
            """
            INSERT INTO base.close_reasons (kind, name, position)
            SELECT $kind, $name, coalesce(max(position), 0) + 1 FROM base.close_reasons WHERE kind = $kind
            RETURNING id
            """,
            kind=kind,
            name=shown,
        )
    else:
        tx.run("UPDATE base.close_reasons SET active = true WHERE id = $id", id=reason_id)
    made = _reason(tx, reason_id)
    tx.record("close_reason.added", "close_reason", made.id, kind=kind, name=made.name)
    return made


def _called(tx: Reading, kind: str, name: str) -> int | None:
    """The reason of that name; of several that differ in their letters' case alone, the one that is written so."""
    rows = tx.rows(
        """
        SELECT id FROM base.close_reasons
        WHERE kind = $kind AND lower(name) = lower($name)
        ORDER BY name = $name DESC, id
        LIMIT 1
        """,
        kind=kind,
        name=name,
    )
    return rows[0]["id"] if rows else None


def retire_close_reason(tx: Writing, reason_id: int) -> CloseReason:
    """Take a reason off the list; deals closed with it keep it."""
    require_shaping(tx)
    reason = _reason(tx, reason_id)
    tx.run("UPDATE base.close_reasons SET active = false WHERE id = $id", id=reason_id)
    tx.record("close_reason.retired", "close_reason", reason_id, kind=reason.kind, name=reason.name)
    return _reason(tx, reason_id)


def closing_fields(tx: Reading, kind: Kind, on: date | None, reason_id: int | None, note: str | None) -> dict[str, Any]:
    """What closes a deal, or many, as `arrive` takes it: the day, today where none is given, the reason, the note."""
    why = identity.text(note, "note", limit=2000)
    if kind is Kind.LOST and reason_id is None and why is None:
        raise Invalid("Say why the deal was lost: choose a reason or write a note.", "reason_id")
    reason = _reason(tx, reason_id) if reason_id is not None else None
    if reason and reason.kind != kind.value:
        raise Invalid(f"That is not a reason for a deal that was {kind}.", "reason_id")
    day = bounds.checked_day(on or tx.today, "on", "closing day")
    if day > tx.today:
        raise Invalid("A closing day cannot lie in the future.", "on")
    return {
        "closed_on": day,
        "close_reason_id": reason_id,
        "close_reason": reason.name if reason else None,
        "close_note": why,
    }


def _close(
    tx: Writing, deal_id: int, kind: Kind, on: date | None, reason_id: int | None, note: str | None, version: int | None
) -> Deal:
    tx.require(Permission.MANAGE_CRM, Module.CRM)
    deal = get(tx, deal_id, version=version)
    if deal.status is kind:
        raise Invalid(f"“{deal.title}” is {kind} already. Reopen it first to close it in another way.")
    closing = closing_fields(tx, kind, on, reason_id, note)
    _refuse_before_last(tx, deal, kind, closing["closed_on"])
    pipeline = pipeline_of(tx, deal.pipeline_id)
    return arrive(tx, deal, pipeline.won if kind is Kind.WON else pipeline.lost, kind.value, closing=closing)


def _refuse_before_last(tx: Reading, deal: Deal, kind: Kind, day: date) -> None:
    """A closing ends the deal's history so far: nothing can have happened to the deal after it."""
    last = last_of(tx, deal.id)
    if day < last.day:
        raise Invalid(last.refusal(f"“{deal.title}”", kind, day), "on")


def _reason(tx: Reading, reason_id: int) -> CloseReason:
    rows = tx.rows("SELECT * FROM close_reasons WHERE id = $id", id=reason_id)
    if not rows:
        raise NotFound("reason")
    return CloseReason(**rows[0])


def _stood_in(tx: Reading, deal: Deal) -> int:
    """The last open stage that still exists among those the deal stood in, else the pipeline's first."""
    stood: int | None = tx.value(
        """
        SELECT stage.id
        FROM base.stage_events AS event
        JOIN stages AS stage ON stage.id = event.to_stage_id
        WHERE event.deal_id = $id AND stage.pipeline_id = $pipeline AND stage.kind = 'open'
        ORDER BY event.happened_at DESC, event.id DESC
        LIMIT 1
        """,
        id=deal.id,
        pipeline=deal.pipeline_id,
    )
    return stood or pipeline_of(tx, deal.pipeline_id).open_stages[0].id
