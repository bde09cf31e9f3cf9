"""Close reasons: the managed list, and the checked columns of a closing."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel

from crm.foundation import bounds, identity
from crm.foundation.errors import Invalid, NotFound
from crm.foundation.language import later, tr
from crm.pipelines import Kind
from crm.pipelines.verbs import require_shaping
from crm.store import Reading, Writing
from crm.store.kept import kept

OPEN: dict[str, Any] = {"closed_on": None, "close_reason_id": None, "close_reason": None, "close_note": None}
"""The closing columns of an open deal: all empty."""
_OTHER_KIND = {
    "won": later("That is not a reason for a deal that was won."),
    "lost": later("That is not a reason for a deal that was lost."),
}


class CloseReason(BaseModel, frozen=True):
    id: int
    kind: Literal["won", "lost"]
    name: str
    position: int
    active: bool


@kept
def close_reasons(tx: Reading, kind: str) -> list[CloseReason]:
    """The active reasons of a kind, in their order."""
    rows = tx.rows("SELECT * FROM close_reasons WHERE kind = $kind AND active ORDER BY position, id", kind=kind)
    return [CloseReason(**row) for row in rows]


def add_close_reason(tx: Writing, kind: Literal["won", "lost"], name: str) -> CloseReason:
    """Add a reason, or reactivate a retired one of the same name, compared without case."""
    require_shaping(tx)
    shown = identity.text(name, later("reason"), limit=80)
    if not shown:
        raise Invalid(tr("A reason needs a name."), "name")
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


def retire_close_reason(tx: Writing, reason_id: int) -> CloseReason:
    """Retire a reason; deals closed with it keep it."""
    require_shaping(tx)
    reason = _reason(tx, reason_id)
    tx.run("UPDATE base.close_reasons SET active = false WHERE id = $id", id=reason_id)
    tx.record("close_reason.retired", "close_reason", reason_id, kind=reason.kind, name=reason.name)
    return _reason(tx, reason_id)


def closing_fields(tx: Reading, kind: Kind, on: date | None, reason_id: int | None, note: str | None) -> dict[str, Any]:
    """The checked columns of a closing, as `arrive` takes them: day (today by default), reason, note."""
    why = identity.text(note, later("note"), limit=2000)
    if kind is Kind.LOST and reason_id is None and why is None:
        raise Invalid(tr("Say why the deal was lost: choose a reason or write a note."), "reason_id")
    reason = _reason(tx, reason_id) if reason_id is not None else None
    if reason and reason.kind != kind.value:
        raise Invalid(tr(_OTHER_KIND[kind.value]), "reason_id")
    day = bounds.checked_day(on or tx.today, "on", tr("closing day"))
    if day > tx.today:
        raise Invalid(tr("A closing day cannot lie in the future."), "on")
    return {
        "closed_on": day,
        "close_reason_id": reason_id,
        "close_reason": reason.name if reason else None,
        "close_note": why,
    }


def _called(tx: Reading, kind: str, name: str) -> int | None:
    """The id of the reason with this name, without regard to case; of several, the one in this case."""
    # Older stores may hold two that differ in case alone.
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


def _reason(tx: Reading, reason_id: int) -> CloseReason:
    rows = tx.rows("SELECT * FROM close_reasons WHERE id = $id", id=reason_id)
    if not rows:
        raise NotFound(tr("reason"))
    return CloseReason(**rows[0])
