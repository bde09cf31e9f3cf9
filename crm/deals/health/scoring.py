"""Scores the health of one deal at a moment. scoring_sql.py is the same in SQL, for many deals and for the past."""

from datetime import UTC, date, datetime, timedelta
from itertools import compress
from typing import Literal, NamedTuple

from crm.deals.health.deal_facts import DealFacts
from crm.deals.health.parameters import AT_RISK, PUSHES, Parameters, StageParameters
from crm.deals.health.penalties import Penalty
from crm.deals.health.usual import MICROSECONDS_A_DAY

Status = Literal["healthy", "at_risk", "stalled", "overdue"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PENALTIES = tuple(Penalty)


class Scored(NamedTuple):
    """Spans in microseconds."""

    score: int
    status: Status
    idle: int
    in_stage: int
    touched: int | None
    """The moment of the last touch, in microseconds since 1970; None where there was none."""
    next_due: date | None
    """The due date of the next open checklist item: the deal is held until then, and its limit doubled."""
    planned: bool
    """A checklist item is open and not past due."""
    faults: tuple[Penalty, ...]
    """The penalties that apply, in the order of `Penalty`."""

    @property
    def idle_days(self) -> int:
        return self.idle // MICROSECONDS_A_DAY


def score(deal: DealFacts, parameters: Parameters, at: datetime) -> Scored:
    """The health of an open deal at a moment of the parameters' day. Raises KeyError for a stage that they lack."""
    stage = parameters.stages[deal.stage_id]
    moment = (at - _EPOCH) // timedelta(microseconds=1)
    touched = max(
        (at for at in (deal.moved, deal.edited, deal.noted, deal.filed, deal.ticked) if at is not None), default=None
    )
    idle = moment - (deal.opened if touched is None else touched)
    in_stage = moment - (deal.opened if deal.entered is None else deal.entered)
    next_due = min((day for day in deal.due if day is not None and day >= parameters.today), default=None)
    planned = next_due is not None or None in deal.due
    applies = _applies(deal, stage, parameters.today, idle, in_stage, next_due is not None, planned)
    faults = tuple(compress(_PENALTIES, applies))
    total = max(0, 100 - sum(compress(stage.weights, applies)))
    return Scored(total, _status(faults, total), idle, in_stage, touched, next_due, planned, faults)


def _applies(
    deal: DealFacts, stage: StageParameters, today: date, idle: int, in_stage: int, held: bool, planned: bool
) -> tuple[bool, ...]:
    """Whether each penalty applies, in the order of `Penalty`."""
    limit, usual = stage.limit_us, stage.usual_us
    # No dictionary by penalty: a board scores hundreds of deals at each visit, and a member's hash is a call.
    return (
        limit is not None and idle > (2 * limit if held else limit),
        usual is not None and in_stage > usual,
        deal.expected_close is not None and deal.expected_close < today,
        deal.pushes >= PUSHES,
        not planned,
        not deal.has_people,
        stage.late and not deal.has_value,
    )


def _status(faults: tuple[Penalty, ...], total: int) -> Status:
    if Penalty.IDLE in faults:
        return "stalled"
    if Penalty.OVERDUE in faults:
        return "overdue"
    return "at_risk" if total <= AT_RISK else "healthy"
