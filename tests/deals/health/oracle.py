"""Health as DEFINITIONS has it, deal by deal in plain Python: slow, and written from the definition alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

DAY = timedelta(days=1)
WEIGHTS = {
    "idle": 25,
    "long_in_stage": 20,
    "overdue": 20,
    "pushed": 15,
    "no_next_step": 10,
    "nobody": 5,
    "no_value": 5,
}


@dataclass(frozen=True)
class Stage:
    id: int
    kind: str
    probability: int
    limit_days: int | None = None


@dataclass(frozen=True)
class Arrival:
    stage_id: int
    at: datetime
    by_hand: bool


@dataclass(frozen=True)
class Version:
    value: Decimal | None
    expected_close: date | None
    owner_id: int | None
    has_contact: bool
    at: datetime
    door: str


@dataclass(frozen=True)
class Item:
    due_on: date | None
    done_at: datetime | None
    created_at: datetime


@dataclass
class History:
    id: int
    created_at: datetime
    arrivals: list[Arrival] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)
    notes: list[datetime] = field(default_factory=list)
    files: list[datetime] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)

    def stage_at(self, at: datetime) -> int | None:
        past = [one for one in self.arrivals if one.at <= at]
        return past[-1].stage_id if past else None


@dataclass(frozen=True)
class Verdict:
    score: int
    status: str
    idle_days: int
    faults: frozenset[str]


def usual(histories: Sequence[History], stages: dict[int, Stage], at: datetime) -> dict[int, timedelta]:
    """P90 of the completed visits of the deals that stand in Won at that moment; none of fewer than ten."""
    visits: dict[int, list[float]] = {}
    for one in histories:
        last = one.stage_at(at)
        if last is None or stages[last].kind != "won":
            continue
        past = [arrival for arrival in one.arrivals if arrival.at <= at]
        for here, after in pairwise(past):
            visits.setdefault(here.stage_id, []).append((after.at - here.at) / timedelta(microseconds=1))
    return {
        stage_id: timedelta(microseconds=round(_quantile(sorted(stood), 0.9)))
        for stage_id, stood in visits.items()
        if len(stood) >= 10
    }


def _quantile(values: list[float], share: float) -> float:
    """Between the two nearest, in a straight line."""
    place = (len(values) - 1) * share
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)


def verdict(
    one: History, stages: dict[int, Stage], usual: dict[int, timedelta], at: datetime, today: date
) -> Verdict | None:
    """None of a deal that is not open at that moment."""
    stage_id = one.stage_at(at)
    if stage_id is None or stages[stage_id].kind != "open":
        return None
    stage, now = stages[stage_id], [version for version in one.versions if version.at <= at][-1]
    idle = at - (last_touch(one, at) or one.created_at)
    items = [item for item in one.items if item.created_at <= at]
    undone = [item for item in items if item.done_at is None or item.done_at > at]
    held = any(item.due_on and item.due_on >= today for item in undone)
    limit = timedelta(days=stage.limit_days) if stage.limit_days is not None else usual.get(stage_id)
    entered = max(arrival.at for arrival in one.arrivals if arrival.at <= at)
    closes = [version.expected_close for version in one.versions if version.at <= at]
    pushes = sum(1 for before, after in pairwise(closes) if before and after and after > before)
    faults = {
        "idle": limit is not None and idle > (2 * limit if held else limit),
        "long_in_stage": stage_id in usual and at - entered > usual[stage_id],
        "overdue": now.expected_close is not None and now.expected_close < today,
        "pushed": pushes >= 3,
        "no_next_step": not any(item.due_on is None or item.due_on >= today for item in undone),
        "nobody": not now.has_contact or now.owner_id is None,
        "no_value": stage.probability >= 50 and not now.value,
    }
    score = 100 - sum(WEIGHTS[name] for name, found in faults.items() if found)
    status = (
        "stalled" if faults["idle"] else "overdue" if faults["overdue"] else "at_risk" if score <= 80 else "healthy"
    )
    return Verdict(score, status, idle // DAY, frozenset(name for name, found in faults.items() if found))


def last_touch(one: History, at: datetime) -> datetime | None:
    """A move, note, file, tick, or a person's edit of value or date; never what an import, a program's job or an
    automation did."""
    edits = [
        after.at
        for before, after in pairwise(one.versions)
        if after.door in ("page", "api")
        and (before.value, before.expected_close) != (after.value, after.expected_close)
    ]
    touches = [
        *(arrival.at for arrival in one.arrivals if arrival.by_hand),
        *edits,
        *one.notes,
        *one.files,
        *(item.done_at for item in one.items if item.done_at),
    ]
    return max((touch for touch in touches if touch <= at), default=None)
