"""Conversion, win rate, cycle and velocity of each owner, team, source, segment or value of a list attribute."""

from typing import Any

from pydantic import BaseModel

from crm.reports import closings, conversion, drilldown, velocity
from crm.reports.amounts import Amounts
from crm.reports.closings import Cycle, WinRate
from crm.reports.conversion import Conversion
from crm.reports.periods import Grain, Period
from crm.reports.scope import Scope, require_crm
from crm.reports.split import NONE, Split
from crm.reports.stage_order import Place
from crm.reports.velocity import Velocity
from crm.store import Reading, Row
from crm.store.kept import kept

MOST_PARTS = 50


class Part(BaseModel, frozen=True):
    """One part, with the figures that the reports have of its deals alone. `name` is None for deals that have none of
    what the report is broken down by."""

    key: str
    name: str | None
    reached: list[int]
    """By stage, as the report's `stages`: deals that reached it."""
    undecided: int
    rate: WinRate
    cycle: Cycle
    velocity: Velocity | None
    """None where none of its deals is open or was closed in the last 90 days."""

    @property
    def arrived(self) -> int:
        return self.reached[0] if self.reached else 0

    @property
    def won(self) -> int:
        return self.reached[-1] if self.reached else 0

    @property
    def conversion(self) -> float | None:
        """First stage to Won, as it stands; None where nothing arrived."""
        return self.won / self.arrived if self.arrived else None

    @property
    def conversion_at_most(self) -> float | None:
        return (self.won + self.undecided) / self.arrived if self.arrived else None


class Breakdown(BaseModel, frozen=True):
    """The parts with most deals first; `left_out` counts those beyond the first 50."""

    split: Split
    pipeline_id: int
    period: Period
    grain: Grain
    scope: Scope
    amounts: Amounts
    stages: list[str]
    parts: list[Part]
    left_out: int


@kept
def report(
    tx: Reading,
    *,
    split: Split,
    pipeline_id: int,
    period: Period,
    grain: Grain = Grain.MONTH,
    scope: Scope | None = None,
    currency: str | None = None,
) -> Breakdown:
    """The figures of conversion.report, closings.report and velocity.report of one pipeline, for each part of the deals
    in scope: the same queries, grouped once more. Segments overlap, so their parts need not add up."""
    require_crm(tx)
    scope = (scope or Scope()).model_copy(update={"pipeline_ids": (pipeline_id,)})
    # In the order of the page's arguments: the same answer.
    funnel = conversion.report(tx, pipeline_id=pipeline_id, period=period, grain=grain, scope=scope)
    priced = Amounts.of(tx, currency)
    stages = conversion.stages_of(tx, pipeline_id, period)
    arrived = _arrived(tx, split, funnel, stages)
    closed = closings.by_part(tx, split, period=period, scope=scope, currency=currency)
    number_of = {stage.stage_id: stage.number for stage in stages}
    numbers = [number_of[step.stage_id] for step in funnel.steps]
    velocities = velocity.by_part(tx, split, scope=scope, currency=currency)
    names = split.names(tx)
    parts = [
        Part(
            key=key,
            name=None if key == NONE.get(split.by) else names.get(key, key),
            reached=[
                sum(row["count"] for row in arrived.get(key, ()) if row["furthest"] >= number) for number in numbers
            ],
            undecided=sum(row["count"] for row in arrived.get(key, ()) if row["state"] == "open"),
            rate=closed[key].rate if key in closed else closings.NOTHING,
            cycle=closed[key].cycle if key in closed else Cycle(),
            velocity=velocities.get(key),
        )
        for key in {*arrived, *closed, *velocities}
    ]
    parts.sort(key=lambda part: (-part.arrived, -part.rate.closings, part.name is None, part.name or ""))
    return Breakdown(
        split=split,
        pipeline_id=pipeline_id,
        period=period,
        grain=grain,
        scope=scope,
        amounts=priced,
        stages=[step.name for step in funnel.steps],
        parts=parts[:MOST_PARTS],
        left_out=max(len(parts) - MOST_PARTS, 0),
    )


def drill_down(
    tx: Reading, breakdown: Breakdown, part: str, code: str, *, limit: int = 50, offset: int = 0
) -> drilldown.Behind:
    """The deals that a figure of one part counts; `code` is that of the figure in conversion, closings or velocity."""
    require_crm(tx)
    scope = breakdown.split.narrowed(breakdown.scope, part)
    page = {"limit": limit, "offset": offset}
    currency = breakdown.amounts.currency if breakdown.amounts.alone else None
    first = code.partition(":")[0]
    if first == velocity.PREFIX:
        pace = velocity.report(tx, scope=scope, currency=currency)
        return velocity.drill_down(tx, pace, velocity.Cell.parse(code), **page)
    asked: dict[str, Any] = {"period": breakdown.period, "grain": breakdown.grain, "scope": scope}
    if first in set(closings.Result):
        closed = closings.report(tx, currency=currency, **asked)
        return closings.drill_down(tx, closed, closings.Cell.parse(code), **page)
    funnel = conversion.report(tx, pipeline_id=breakdown.pipeline_id, **asked)
    return conversion.drill_down(tx, funnel, conversion.Cell.parse(code), **page)


def _arrived(tx: Reading, split: Split, funnel: Conversion, stages: list[Place]) -> dict[str, list[Row]]:
    """{part: how many deals of the cohort came how far, in which state}."""
    arrived, params = conversion.arrived(tx, funnel.pipeline_id, funnel.period, funnel.scope, stages, [])
    sql, of_parts = split.sql(tx, arrived)
    return _by_part(
        tx.rows(
            f"""
            SELECT part, furthest, state, count(*) AS count
            FROM ({sql}) AS arrival
            WHERE state <> 'out'
            GROUP BY ALL
            """,
            **params,
            **of_parts,
        )
    )


def _by_part(rows: list[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["part"], []).append(row)
    return found
