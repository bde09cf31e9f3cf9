"""Reads the health of one deal with its reasons, or of many deals in short form."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Literal, NamedTuple

from pydantic import BaseModel

from crm.deals.health.deal_facts import DealFacts, deal_facts
from crm.deals.health.parameters import StageParameters, parameters
from crm.deals.health.penalties import NAMES, Penalty
from crm.deals.health.scoring import Scored, Status, score
from crm.deals.health.usual import FEWEST, MICROSECONDS_A_DAY
from crm.deals.movements import stage_events
from crm.foundation.errors import NotFound
from crm.foundation.language import later, plural, tr
from crm.platform.people import users
from crm.store import Reading
from crm.store.kept import kept

TOUCHES = {
    "moved": later("moved to its stage"),
    "edited": later("value or expected close changed"),
    "noted": later("note"),
    "filed": later("file"),
    "ticked": later("checklist item done"),
}


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


class Glance(NamedTuple):
    """A deal's health in short, for cards and lists. A tuple, since a board makes hundreds and is kept by them."""

    score: int
    status: Status
    idle_days: int
    reasons: tuple[Penalty, ...]


def of(tx: Reading, deal_id: int) -> Health | None:
    """The health of a deal, None for a closed one. Raises NotFound where the actor may not see it."""
    found = deal_facts(tx, (deal_id,))
    if not found:
        if tx.value("SELECT id FROM deals WHERE id = $id", id=deal_id) is None:
            raise NotFound(tr("deal"))
        return None
    (deal,) = found
    known = parameters(tx)
    stage = known.stages.get(deal.stage_id)
    return _health(tx, deal, stage, score(deal, known, tx.now)) if stage else None


def at_a_glance(tx: Reading, deal_ids: Sequence[int]) -> dict[int, Glance]:
    """{deal id: its health in short}, for those of the deals that are open and visible."""
    return glances(tx, deal_facts(tx, tuple(deal_ids))) if deal_ids else {}


def glances(tx: Reading, facts: Iterable[DealFacts]) -> dict[int, Glance]:
    """{deal id: its health in short}, of open deals that the actor is known to see."""
    known = parameters(tx)
    scored = ((deal.id, score(deal, known, tx.now)) for deal in facts)
    return {
        deal_id: Glance(
            score=found.score,
            status=found.status,
            idle_days=found.idle_days,
            reasons=found.faults,
        )
        for deal_id, found in scored
    }


def _health(tx: Reading, deal: DealFacts, stage: StageParameters, scored: Scored) -> Health:
    limit = stage.limit_us
    return Health(
        deal_id=deal.id,
        score=scored.score,
        status=scored.status,
        idle_days=scored.idle_days,
        last_touch=_touch(tx, deal, scored.touched),
        limit_days=_days(limit),
        limit_source="none" if limit is None else "by_hand" if stage.limit_by_hand else "usual",
        held_until=scored.next_due,
        days_in_stage=scored.in_stage // MICROSECONDS_A_DAY,
        usual_days=_days(stage.usual_us),
        usual_visits=stage.usual_visits,
        pushes=deal.pushes,
        reasons=tuple(
            Reason(
                penalty=penalty,
                name=tr(NAMES[penalty]),
                points=weight if penalty in scored.faults else 0,
                weight=weight,
                detail=_detail(penalty, deal, stage, scored),
            )
            for penalty, weight in zip(Penalty, stage.weights, strict=True)
        ),
    )


def _detail(penalty: Penalty, deal: DealFacts, stage: StageParameters, scored: Scored) -> str:
    match penalty:
        case Penalty.IDLE:
            return _of_idling(stage, scored)
        case Penalty.LONG_IN_STAGE:
            usual_days = _days(stage.usual_us)
            stood = _in_days(scored.in_stage)
            if usual_days is None:
                return tr("{days} here; {why}", days=stood, why=_few(stage))
            return tr("{days} here, usually up to {usual:g} days", days=stood, usual=usual_days)
        case Penalty.OVERDUE:
            if deal.expected_close is None:
                return tr("no day is expected")
            return tr("expected on {day}", day=deal.expected_close)
        case Penalty.PUSHED:
            if not deal.pushes:
                return tr("never pushed")
            return plural("pushed once", "pushed {count} times", deal.pushes)
        case Penalty.NO_NEXT_STEP:
            if not scored.planned:
                return tr("no checklist item is open and not past due")
            if scored.next_due is None:
                return tr("a checklist item is open")
            return tr("a checklist item is open, the next due on {day}", day=scored.next_due)
        case Penalty.NOBODY:
            return tr("has both") if deal.has_people else tr("a contact or an owner is missing")
        case Penalty.NO_VALUE:
            if not stage.late:
                return tr("the stage is not late: its probability is below 50 %")
            return tr("has a value") if deal.has_value else tr("no value")


def _of_idling(stage: StageParameters, scored: Scored) -> str:
    idle, limit = _in_days(scored.idle), _days(stage.limit_us)
    if limit is None:
        return tr("{days} idle; no limit: none is set, and {why}", days=idle, why=_few(stage))
    if scored.next_due is None:
        return tr("{days} idle, limit {limit:g} days", days=idle, limit=limit)
    return tr(
        "{days} idle, limit {limit:g} days, held to {held:g} by a step due on {day}",
        days=idle,
        limit=limit,
        held=2 * limit,
        day=scored.next_due,
    )


def _few(stage: StageParameters) -> str:
    """Why nothing is usual in the stage."""
    if stage.usual_visits >= FEWEST:
        return tr("won deals took no time here")
    return tr("only {count} visits of won deals tell what is usual", count=stage.usual_visits)


def _touch(tx: Reading, deal: DealFacts, touched: int | None) -> Touch:
    if touched is None:
        return Touch(
            kind="opened", name=tr("opened; nobody has touched it since"), at=_moment(deal.opened), by_name=None
        )
    kind = next(kind for kind in TOUCHES if getattr(deal, kind) == touched)
    return Touch(kind=kind, name=tr(TOUCHES[kind]), at=_moment(touched), by_name=touched_by(tx, deal.id, kind))


@kept
def touched_by(tx: Reading, deal_id: int, kind: str) -> str | None:
    """The name of who last acted on the deal in this way; None for the product itself."""
    if kind == "moved":
        # The deal's page shows its movements, too.
        by_hand = [event["by_id"] for event in stage_events(tx, deal_id) if event["by_hand"]]
        return users.names(tx).get(by_hand[-1]) if by_hand else None
    return users.names(tx).get(tx.value(_WHO[kind], id=deal_id))


# Looked up for one deal alone: scoring many needs the moment of a touch, not the person. An aggregate, since sorting
# takes longer to plan.
_WHO = {
    "edited": """
        SELECT arg_max_null(by_id, id) FROM base.deal_versions
        WHERE deal_id = $id AND door IN ('page', 'api')
    """,
    "noted": """
        SELECT arg_max_null(author_id, created_at) FROM base.notes
        WHERE subject_kind = 'deal' AND subject_id = $id
    """,
    "filed": """
        SELECT arg_max_null(created_by, created_at) FROM base.attachments
        WHERE subject_kind = 'deal' AND subject_id = $id
    """,
    "ticked": "SELECT arg_max_null(done_by, done_at) FROM base.checklist_items WHERE deal_id = $id",
}


def _moment(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC)


def _days(microseconds: int | None) -> float | None:
    return None if microseconds is None else round(microseconds / MICROSECONDS_A_DAY, 1)


def _in_days(microseconds: int) -> str:
    days = microseconds // MICROSECONDS_A_DAY
    return plural("1 day", "{count:,} days", days)
