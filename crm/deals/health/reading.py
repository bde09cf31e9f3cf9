"""Reads the health of one deal with its reasons, or of many deals in short form."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Literal

from pydantic import BaseModel

from crm.deals.health.penalties import NAMES, Penalty
from crm.deals.health.scoring import parameters, parameters_of, scored_among
from crm.deals.health.touches import TOUCHES
from crm.deals.health.usual import FEWEST, MICROSECONDS_A_DAY, Usual, usual
from crm.foundation.errors import NotFound
from crm.platform.people import users
from crm.store import Reading, Row

Status = Literal["healthy", "at_risk", "stalled", "overdue"]


class Reason(BaseModel, frozen=True):
    """One of the seven penalties as it applies to a deal."""

    penalty: Penalty
    name: str
    points: int
    """Points subtracted from this deal: 0 where the penalty does not apply."""
    weight: int
    detail: str
    """The figures behind it, for people."""


class Touch(BaseModel, frozen=True):
    """The last action of a person on the deal."""

    kind: str
    """moved, edited, noted, filed or ticked; opened where nobody has done any of these."""
    name: str
    at: datetime
    by_name: str | None


class Health(BaseModel, frozen=True):
    deal_id: int
    score: int
    """100 less the penalties."""
    status: Status
    idle_days: int
    last_touch: Touch
    limit_days: float | None
    """Days idle beyond which the deal is stalled; None where no limit is set and too few won deals give a usual one."""
    limit_source: Literal["by_hand", "usual", "none"]
    held_until: date | None
    """The due date of the next open checklist item: until then the limit is doubled."""
    days_in_stage: int
    usual_days: float | None
    usual_visits: int
    """The number of completed visits of won deals to the stage; `usual_days` is their P90."""
    pushes: int
    reasons: tuple[Reason, ...]


class Glance(BaseModel, frozen=True):
    """A deal's health in short, for cards and lists."""

    score: int
    status: Status
    idle_days: int
    reasons: tuple[Penalty, ...]


def of(tx: Reading, deal_id: int) -> Health | None:
    """The health of a deal, None for a closed one. Raises NotFound where the actor may not see it."""
    status = tx.value("SELECT status FROM deals WHERE id = $id", id=deal_id)
    if status is None:
        raise NotFound("deal")
    if status != "open":
        return None
    known = usual(tx)
    rows = tx.rows(scored_among(parameters_of(tx, tx.now, tx.today, known), [deal_id]))
    return _health(tx, rows[0], known.get(rows[0]["stage_id"])) if rows else None


def at_a_glance(tx: Reading, deal_ids: Sequence[int]) -> dict[int, Glance]:
    """{deal id: its health in short}, for those of the deals that are open and visible."""
    if not deal_ids:
        return {}
    rows = tx.rows(scored_among(parameters(tx), deal_ids))
    return {
        row["id"]: Glance(
            score=row["score"],
            status=row["status"],
            idle_days=row["idle_days"],
            reasons=tuple(penalty for penalty in Penalty if row[f"at_fault_{penalty}"]),
        )
        for row in rows
    }


def _health(tx: Reading, row: Row, usual: Usual | None) -> Health:
    by_hand = tx.value("SELECT limit_days FROM stages WHERE id = $id", id=row["stage_id"])
    return Health(
        deal_id=row["id"],
        score=row["score"],
        status=row["status"],
        idle_days=row["idle_days"],
        last_touch=_touch(tx, row),
        limit_days=_days(row["limit_us"]),
        limit_source="none" if row["limit_us"] is None else "usual" if by_hand is None else "by_hand",
        held_until=row["next_due"],
        days_in_stage=row["in_stage"] // MICROSECONDS_A_DAY,
        usual_days=_days(row["usual_us"]),
        usual_visits=usual.visits if usual else 0,
        pushes=row["pushes"],
        reasons=tuple(_reason(penalty, row, usual) for penalty in Penalty),
    )


def _reason(penalty: Penalty, row: Row, usual: Usual | None) -> Reason:
    weight = row[f"{penalty}_weight"]
    return Reason(
        penalty=penalty,
        name=NAMES[penalty],
        points=weight if row[f"at_fault_{penalty}"] else 0,
        weight=weight,
        detail=_detail(penalty, row, usual),
    )


def _detail(penalty: Penalty, row: Row, usual: Usual | None) -> str:
    visits = usual.visits if usual else 0
    few = f"only {visits} visits of won deals tell what is usual" if visits < FEWEST else "won deals took no time here"
    match penalty:
        case Penalty.IDLE:
            limit = _days(row["limit_us"])
            if limit is None:
                return f"{_in_days(row['idle'])} idle; no limit: none is set, and {few}"
            held = f", held to {2 * limit:g} by a step due on {row['next_due']}" if row["held"] else ""
            return f"{_in_days(row['idle'])} idle, limit {limit:g} days{held}"
        case Penalty.LONG_IN_STAGE:
            usual_days = _days(row["usual_us"])
            stood = _in_days(row["in_stage"])
            return f"{stood} here; {few}" if usual_days is None else f"{stood} here, usually up to {usual_days:g} days"
        case Penalty.OVERDUE:
            return f"expected on {row['expected_close']}" if row["expected_close"] else "no day is expected"
        case Penalty.PUSHED:
            return {0: "never pushed", 1: "pushed once"}.get(row["pushes"], f"pushed {row['pushes']} times")
        case Penalty.NO_NEXT_STEP:
            due = f", the next due on {row['next_due']}" if row["next_due"] else ""
            return f"a checklist item is open{due}" if row["planned"] else "no checklist item is open and not past due"
        case Penalty.NOBODY:
            return "has both" if row["has_people"] else "a contact or an owner is missing"
        case Penalty.NO_VALUE:
            if not row["late"]:
                return "the stage is not late: its probability is below 50 %"
            return "no value" if row["at_fault_no_value"] else "has a value"


def _touch(tx: Reading, row: Row) -> Touch:
    if row["touched"] is None:
        return Touch(kind="opened", name="opened; nobody has touched it since", at=_moment(row["opened"]), by_name=None)
    kind = next(kind for kind in TOUCHES if row[kind] == row["touched"])
    by_id = tx.value(_WHO[kind], id=row["id"])
    return Touch(
        kind=kind,
        name=TOUCHES[kind],
        at=_moment(row["touched"]),
        by_name=users.get(tx, by_id).name if by_id else None,
    )


# Looked up for one deal alone: scoring many needs the moment of a touch, not the person.
_WHO = {
    "moved": """
        SELECT by_id FROM base.stage_events
        WHERE deal_id = $id AND by_hand
        ORDER BY happened_at DESC, id DESC LIMIT 1
    """,
    "edited": """
        SELECT by_id FROM base.deal_versions
        WHERE deal_id = $id AND door IN ('page', 'api')
        ORDER BY id DESC LIMIT 1
    """,
    "noted": """
        SELECT author_id FROM base.notes
        WHERE subject_kind = 'deal' AND subject_id = $id
        ORDER BY created_at DESC LIMIT 1
    """,
    "filed": """
        SELECT created_by FROM base.attachments
        WHERE subject_kind = 'deal' AND subject_id = $id
        ORDER BY created_at DESC LIMIT 1
    """,
    "ticked": "SELECT done_by FROM base.checklist_items WHERE deal_id = $id ORDER BY done_at DESC NULLS LAST LIMIT 1",
}


def _moment(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC)


def _days(microseconds: int | None) -> float | None:
    return None if microseconds is None else round(microseconds / MICROSECONDS_A_DAY, 1)


def _in_days(microseconds: int) -> str:
    days = microseconds // MICROSECONDS_A_DAY
    return "1 day" if days == 1 else f"{days:,} days"
