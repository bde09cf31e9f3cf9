"""The definitions once more, slowly and in plain Python: what the reports must agree with."""

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

from crm.reports.periods import Grain, Period
from crm.reports.scope import Scope
from tests.reports.world import TODAY, ZONE, Deal, Event, Stage, World


def day(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()


def within(period: Period, when: date | None) -> bool:
    return when is not None and period.first <= when < period.end


def scoped(world: World, scope: Scope) -> list[Deal]:
    return [
        deal
        for deal in (each.counted for each in world.deals)
        if not deal.in_bin
        and (not scope.pipeline_ids or deal.stage.pipeline in scope.pipeline_ids)
        and (scope.owner_id is None or (deal.owner or 0) == scope.owner_id)
        and (scope.team_id is None or deal.team == scope.team_id)
        and (scope.source is None or deal.source == scope.source)
    ]


def bucket_of(period: Period, grain: Grain, when: date) -> date:
    return next(each.first for each in period.cut(grain) if within(each, when))


def forecast(world: World, scope: Scope, period: Period, grain: Grain) -> dict[tuple[str, str, date | None], set[int]]:
    """{(currency, state, bucket): ids}"""
    cells = defaultdict(set)
    for deal in scoped(world, scope):
        state, bucket = None, None
        if deal.status == "won" and within(period, deal.closed):
            state, bucket = "won", bucket_of(period, grain, deal.closed)
        elif deal.status == "open":
            if deal.expected is None:
                state = "undated"
            elif deal.expected < TODAY:
                state = "overdue"
            elif within(period, deal.expected):
                state, bucket = "open", bucket_of(period, grain, deal.expected)
            else:
                state = "outside"
        if state:
            cells[deal.currency, state, bucket].add(deal.id)
    return cells


def value_of(deals: list[Deal]) -> Decimal:
    return sum((deal.value or Decimal(0) for deal in deals), Decimal(0))


def weighted_of(deals: list[Deal]) -> Decimal:
    return sum(((deal.value or 0) * deal.stage.probability / 100 for deal in deals), Decimal(0))


def order_of(world: World, pipeline: int, start: date) -> tuple[list[Stage], set[int]]:
    """The open stages in the order of a day's beginning, then Won; and which of them stood there then. One that came
    later stands behind the stage that it followed when it came, one that was gone behind that of its last order."""
    own = [order for order in world.orders if order.pipeline == pipeline]
    (*_, then) = [order for order in own if day(order.since) <= start]
    order, held, start_at = list(then.stages), set(then.stages), own.index(then)
    for turn, other in enumerate(own):
        for place, stage in enumerate(other.stages):
            told_later = any(stage in each.stages for each in own[turn + 1 : start_at])
            if stage not in order and not told_later:
                before = [one for one in other.stages[:place] if one in order]
                order.insert(order.index(before[-1]) + 1 if before else 0, stage)
    won = next(stage for stage in world.stages.values() if stage.pipeline == pipeline and stage.kind == "won")
    return [*(world.stages[stage] for stage in order), won], held | {won.id}


def reversals(world: World, scope: Scope, period: Period) -> list[tuple[int, str, date, date]]:
    """(deal, result, closed on, taken back on), of closings of the period that something followed; the newest first."""
    found: list[tuple[Event, date]] = []
    for deal in world.deals:
        for event, after in pairwise(deal.events):
            then = event.deal_then
            if then and not deal.in_bin and within(period, event.closed):
                mine = not scope.pipeline_ids or event.pipeline in scope.pipeline_ids
                mine &= scope.owner_id is None or (then.owner or 0) == scope.owner_id
                mine &= scope.team_id is None or then.team == scope.team_id
                if mine and (scope.source is None or deal.source == scope.source):
                    found.append((event, after.closed or day(after.at)))
    newest = sorted(found, key=lambda each: (each[0].closed, each[0].id), reverse=True)
    return [(event.deal, event.kind, event.closed or date.min, back) for event, back in newest]


def conversion(world: World, pipeline: int, scope: Scope, period: Period) -> dict[str, set[int]]:
    """{cell code: ids}"""
    order, held = order_of(world, pipeline, period.first)
    cells: dict[str, set[int]] = defaultdict(set)
    for deal in scoped(world, scope):
        if deal.stage.pipeline == pipeline and deal.status == "open":
            cells[f"snapshot:{deal.stage.id}"].add(deal.id)
        visits = [event for event in deal.events if event.pipeline == pipeline]
        if not visits or not within(period, day(visits[0].at)):
            continue
        if deal.stage.pipeline != pipeline:
            cells["out"].add(deal.id)
            continue
        stood = [order.index(world.stages[event.stage]) for event in visits if world.stages[event.stage] in order]
        furthest = max(stood, default=0)
        for place in set(stood):
            cells[f"touched:{order[place].id}"].add(deal.id)
        for place, stage in enumerate(order):
            if furthest >= place:
                cells[f"reached:{stage.id}"].add(deal.id)
        for place, stage in enumerate(asked := in_turn(world, pipeline, scope, period, order, held)):
            if entered_in_order([event.stage for event in visits], asked[: place + 1]):
                cells[f"strict:{stage}"].add(deal.id)
        if order[furthest].kind == "won":
            if deal.status != "won":
                cells["reversed"].add(deal.id)
        elif deal.status == "lost":
            cells[f"dropped:{order[furthest].id}"].add(deal.id)
        elif deal.status == "open":
            cells[f"undecided:{order[furthest].id}"].add(deal.id)
    return cells


def in_turn(world: World, pipeline: int, scope: Scope, period: Period, order: list[Stage], held: set[int]) -> list[int]:
    """The stages of the day's order, without those that were removed before a deal of the cohort came to them."""
    stood = {
        event.stage
        for deal in scoped(world, scope)
        if deal.stage.pipeline == pipeline
        for visits in [[event for event in deal.events if event.pipeline == pipeline]]
        if visits and within(period, day(visits[0].at))
        for event in visits
    }
    return [stage.id for stage in order if stage.id in held and (not stage.removed or stage.id in stood)]


def entered_in_order(stages: list[int], asked: list[int]) -> bool:
    """Whether `asked` are among the stages that were entered, in this order."""
    rest = iter(stages)
    return all(any(found == stage for found in rest) for stage in asked)


def days_in(world: World, deals: list[Deal], stage: int) -> list[float]:
    """Of the completed visits of these deals to a stage, in order of length."""
    return sorted(
        (after.at - event.at).total_seconds() / 86400
        for deal in deals
        for event, after in pairwise(deal.events)
        if event.stage == stage
    )


def quantile(ordered: list[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
