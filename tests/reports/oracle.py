"""The definitions once more, slowly and in plain Python: what the reports must agree with."""

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

from crm.reports.periods import Grain, Period
from crm.reports.scope import Scope
from tests.reports.world import TODAY, ZONE, Deal, Stage, World


def day(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()


def within(period: Period, when: date | None) -> bool:
    return when is not None and period.first <= when < period.end


def scoped(world: World, scope: Scope) -> list[Deal]:
    return [
        deal
        for deal in world.deals
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


def order_of(world: World, pipeline: int) -> list[Stage]:
    """The open stages in order, then Won."""
    own = [stage for stage in world.stages.values() if stage.pipeline == pipeline]
    return [stage for stage in own if stage.kind == "open"] + [stage for stage in own if stage.kind == "won"]


def conversion(world: World, pipeline: int, scope: Scope, period: Period) -> dict[str, set[int]]:
    """{cell code: ids}"""
    order = order_of(world, pipeline)
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
        if order[furthest].kind == "won":
            if deal.status != "won":
                cells["reversed"].add(deal.id)
        elif deal.status == "lost":
            cells[f"dropped:{order[furthest].id}"].add(deal.id)
        elif deal.status == "open":
            cells[f"undecided:{order[furthest].id}"].add(deal.id)
    return cells


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
