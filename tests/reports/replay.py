"""What was done to the deals of one pipeline, noted as it was done; and every figure of it, worked out from these notes
alone, by the definitions and in plain Python."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise
from statistics import mean, median
from zoneinfo import ZoneInfo

from crm.reports.periods import Period

ZONE = ZoneInfo("America/Sao_Paulo")
CHANCE = (25, 50, 75)
"""In percent, of the three open stages as they were made."""


@dataclass(frozen=True)
class Note:
    """`what`: open, move, won, lost, reopen, value, chance, owner, delete, restore or order. A closing has the day that
    was given."""

    at: datetime
    what: str
    deal: int = 0
    stage: int = 0
    day: date | None = None
    value: int = 0
    owner: int = 0
    order: tuple[int, ...] = ()
    chance: int | None = None
    """The deal's own, in percent."""


@dataclass(frozen=True)
class Step:
    """An arrival in a stage; a closing with what was so when it was recorded."""

    stage: int
    at: datetime
    result: str = ""
    day: date | None = None
    value: int = 0
    owner: int = 0


@dataclass
class Told:
    """A deal as the notes tell it."""

    id: int
    value: int = 0
    owner: int = 0
    chance: int | None = None
    in_bin: bool = False
    steps: list[Step] = field(default_factory=list)

    @property
    def opened(self) -> date:
        return day_of(self.steps[0].at)

    @property
    def closing(self) -> Step | None:
        return self.steps[-1] if self.steps[-1].result else None


def day_of(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()


def end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, ZONE).astimezone(UTC) - timedelta(microseconds=1)


def replayed(notes: list[Note]) -> dict[int, Told]:
    deals: dict[int, Told] = {}
    for note in notes:
        deal = deals.setdefault(note.deal, Told(note.deal))
        match note.what:
            case "open":
                deal.value, deal.owner = note.value, note.owner
                deal.steps.append(Step(note.stage, note.at))
            case "move" | "reopen":
                deal.steps.append(Step(note.stage, note.at))
            case "won" | "lost":
                assert note.day
                at = note.at if note.day == day_of(note.at) else max(end_of(note.day), deal.steps[-1].at)
                deal.steps.append(Step(note.stage, at, note.what, note.day, deal.value, deal.owner))
            case "value":
                deal.value = note.value
            case "owner":
                deal.owner = note.owner
            case "chance":
                deal.chance = note.chance
            case "delete" | "restore":
                deal.in_bin = note.what == "delete"
    deals.pop(0, None)
    return {deal_id: deal for deal_id, deal in deals.items() if not deal.in_bin}


def known_by(notes: list[Note], day: date) -> list[Note]:
    """What was noted by the end of the day."""
    return [note for note in notes if day_of(note.at) <= day]


def counted(deals: dict[int, Told], owner: int | None) -> list[Told]:
    """As reports count them: closed, they are as they were when they closed; those of an owner, if one is asked for."""
    found = [
        replace(deal, value=deal.closing.value, owner=deal.closing.owner) if deal.closing else deal
        for deal in deals.values()
    ]
    return [deal for deal in found if owner is None or deal.owner == owner]


def closed(deals: dict[int, Told], result: str, period: Period, owner: int | None) -> list[Told]:
    return [
        deal
        for deal in counted(deals, owner)
        if deal.closing and deal.closing.result == result and deal.closing.day and within(period, deal.closing.day)
    ]


def within(period: Period, day: date) -> bool:
    return period.first <= day < period.end


def cycle(won: list[Told]) -> tuple[float | None, float | None]:
    """Mean and median."""
    lengths = [(deal.closing.day - deal.opened).days for deal in won if deal.closing and deal.closing.day]
    return (mean(lengths), median(lengths)) if lengths else (None, None)


def reversals(deals: dict[int, Told], period: Period, owner: int | None) -> Iterator[tuple[int, str, date, date]]:
    """(deal, result, closed on, taken back on)"""
    for deal in deals.values():
        for step, after in pairwise(deal.steps):
            if step.day and within(period, step.day) and owner in (None, step.owner):
                yield deal.id, step.result, step.day, after.day or day_of(after.at)


def order_at(notes: list[Note], start: date) -> list[int]:
    """The open stages in the order that held when the day began."""
    (*_, last) = [note.order for note in notes if note.what == "order" and day_of(note.at) < start]
    return list(last)


def funnel(notes: list[Note], won: int, period: Period, owner: int | None) -> list[tuple[int, ...]]:
    """(stage, reached, strict, dropped, undecided, touched) of each stage in its order, then of Won."""
    order = [*order_at(notes, period.first), won]
    cohort = [deal for deal in counted(replayed(notes), owner) if within(period, deal.opened)]
    stood = {deal.id: {order.index(step.stage) for step in deal.steps if step.stage in order} for deal in cohort}
    furthest = {deal_id: max(places) for deal_id, places in stood.items()}
    rows = []
    for place, stage in enumerate(order):
        here = [deal for deal in cohort if furthest[deal.id] == place and stage != won]
        rows.append(
            (
                stage,
                sum(far >= place for far in furthest.values()),
                sum(entered_in_order([step.stage for step in deal.steps], order[: place + 1]) for deal in cohort),
                sum(deal.closing is not None for deal in here),
                sum(deal.closing is None for deal in here),
                sum(place in places for places in stood.values()),
            )
        )
    return rows


def entered_in_order(stages: list[int], asked: list[int]) -> bool:
    """Whether `asked` are among the stages that were entered, in this order."""
    rest = iter(stages)
    return all(any(found == stage for found in rest) for stage in asked)


def days_in(
    notes: list[Note], stage: int, period: Period, owner: int | None, until: datetime
) -> tuple[list[float], list[float]]:
    """How long each visit of the cohort lasted that has ended, and so far each that has not."""
    cohort = [deal for deal in counted(replayed(notes), owner) if within(period, deal.opened)]
    ended = [(step, after.at) for deal in cohort for step, after in pairwise(deal.steps)]
    still = [(deal.steps[-1], until) for deal in cohort]
    lengths = [
        [(left - step.at) / timedelta(days=1) for step, left in side if step.stage == stage] for side in (ended, still)
    ]
    return lengths[0], lengths[1]


def median_survived(ended: list[float], still: list[float]) -> float | None:
    """The first time by which half have ended, by Kaplan and Meier: at each end, those who stayed so far lose the share
    that ends of all that have lasted as long."""
    staying = Fraction(1)
    for length in sorted(set(ended)):
        lasted = sum(each >= length for each in [*ended, *still])
        staying *= 1 - Fraction(ended.count(length), lasted)
        if staying <= Fraction(1, 2):
            return length
    return None


def followed_until(notes: list[Note], midnight: datetime) -> datetime:
    """The last event of any deal that is not in the bin, or the midnight that began the day, whichever is later."""
    return max([midnight, *(step.at for deal in replayed(notes).values() for step in deal.steps)])
