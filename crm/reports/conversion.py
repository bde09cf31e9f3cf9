"""Stage conversion of one pipeline by the "Reached" measure: how far the deals came that arrived in a period."""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from crm.foundation import bounds
from crm.foundation.errors import Invalid, NotFound
from crm.foundation.language import tr
from crm.reports import amounts, drilldown, stage_times
from crm.reports.periods import Grain, Period
from crm.reports.scope import Scope, require_crm
from crm.reports.stage_order import Place, order_at
from crm.reports.stage_times import Days, Times
from crm.store import Reading, Row
from crm.store.kept import kept

ARRIVED = (Path(__file__).parent / "conversion.sql").read_text()

STEPS = "SELECT unnest($stages::BIGINT[]) AS id, unnest(range(1, len($stages::BIGINT[]) + 1)) AS number"


class Measure(StrEnum):
    """Which deals of a step: `reached` it or a later one · `dropped`: lost, no further · `undecided`: open, no further
    · `touched`: were in it · `snapshot`: are in it now, whenever they arrived · `out`: moved to another pipeline ·
    `reversed`: won once and reopened since."""

    REACHED = "reached"
    DROPPED = "dropped"
    UNDECIDED = "undecided"
    TOUCHED = "touched"
    SNAPSHOT = "snapshot"
    OUT = "out"
    REVERSED = "reversed"


WITHOUT_STEP = (Measure.OUT, Measure.REVERSED)

CONDITIONS = {
    Measure.REACHED: "state <> 'out' AND furthest >= $number",
    Measure.DROPPED: "state = 'lost' AND furthest = $number",
    Measure.UNDECIDED: "state = 'open' AND furthest = $number",
    Measure.TOUCHED: "state <> 'out' AND (touched >> $number) & 1 = 1",
    Measure.OUT: "state = 'out'",
    Measure.REVERSED: "state = 'reversed'",
}


class Cell(BaseModel, frozen=True):
    """One figure: a measure and its stage (`out` and `reversed` have none)."""

    measure: Measure
    stage_id: int | None = None

    def __str__(self) -> str:
        return f"{self.measure}:{self.stage_id}" if self.stage_id else self.measure.value

    @classmethod
    def parse(cls, text: str) -> "Cell":
        measure, _, stage = text.partition(":")
        stage_id = bounds.whole(stage)
        if (
            measure not in set(Measure)
            or bool(stage) != (stage_id is not None)
            or ((stage_id is None) != (measure in WITHOUT_STEP))
        ):
            raise Invalid(tr("“{value}” is not a figure of the conversion.", value=bounds.shown(text)), "cell")
        return cls(measure=Measure(measure), stage_id=stage_id)


class Step(BaseModel, frozen=True):
    """One stage of the funnel, in order. `reached` = `next reached` + `dropped` + `undecided`, always.

    `young`: the cohort (as old as the middle of its period) is younger than the 90th percentile of time in this stage,
    over all completed visits of the deals in scope, so its rate may still change.
    """

    stage_id: int
    name: str
    """The stage's name when the cohort began."""
    name_now: str
    removed: bool
    is_won: bool
    reached: int
    next_reached: int
    dropped: int
    undecided: int
    touched: int
    snapshot: int
    time: Days
    young: bool

    @property
    def rate(self) -> float | None:
        """conv(s → next) = |R(next)| / |R(s)| as it stands; None on an empty stage, and after Won."""
        return None if self.is_won or not self.reached else self.next_reached / self.reached

    @property
    def rate_at_most(self) -> float | None:
        """The rate if every deal that is still open here were to pass."""
        return None if self.is_won or not self.reached else (self.next_reached + self.undecided) / self.reached

    @property
    def drop_off(self) -> float | None:
        """The share that was lost here so far."""
        return None if self.is_won or not self.reached else self.dropped / self.reached


class Cohort(BaseModel, frozen=True):
    """The arrivals of one month or quarter: how many, how many were ever won, how many are undecided.

    `young`: younger than the 90th percentile of the days that deals in scope took from arriving to closing.
    """

    period: Period
    arrived: int
    won: int
    undecided: int
    young: bool

    @property
    def rate(self) -> float | None:
        """Won of the arrivals, as it stands; None where nothing arrived."""
        return self.won / self.arrived if self.arrived else None

    @property
    def rate_at_most(self) -> float | None:
        return (self.won + self.undecided) / self.arrived if self.arrived else None


class Conversion(BaseModel, frozen=True):
    """The funnel of one cohort. It has counts only, so no currency. `out` and `reversed` are counted separately."""

    pipeline_id: int
    pipeline_name: str
    scope: Scope
    period: Period
    today: date
    steps: list[Step]
    cohorts: list[Cohort]
    out: int
    reversed: int

    @property
    def entered(self) -> int:
        """The cohort: deals that arrived in the period and were not moved to another pipeline."""
        return self.steps[0].reached if self.steps else 0

    @property
    def won(self) -> int:
        return self.steps[-1].reached if self.steps else 0

    @property
    def undecided(self) -> int:
        return sum(step.undecided for step in self.steps)

    @property
    def rate(self) -> float | None:
        """First stage to Won, as it stands; None for an empty cohort."""
        return self.won / self.entered if self.entered else None

    @property
    def rate_at_most(self) -> float | None:
        return (self.won + self.undecided) / self.entered if self.entered else None


@kept
def report(
    tx: Reading, *, pipeline_id: int, period: Period, scope: Scope | None = None, grain: Grain = Grain.MONTH
) -> Conversion:
    """R(s) = the deals that arrived in the period and whose furthest stage ever was at or past s, or that were won.

    So a skipped stage counts as passed, a move back changes nothing, a second visit counts once. A deal arrives when it
    is created in the pipeline or moved there from another one; one that has left for another pipeline is `out`, neither
    passed nor failed, and in no step. A deal won and reopened counts as won, and among `reversed`. Stages have the
    order and names of the cohort's start (crm/reports/stage_order.py); one that was added later, or was removed, is
    shown only if deals of the cohort were in it.
    Counts of deals and days; source: the log of the visible deals, as known on the day asked (`scope.as_of`).
    Raises NotFound where there is no such pipeline.
    """
    require_crm(tx)
    # The report is of this one pipeline: a scope of others would leave nothing.
    scope = (scope or Scope()).model_copy(update={"pipeline_ids": ()})
    names = tx.rows("SELECT name FROM pipelines WHERE id = $id", id=pipeline_id)
    if not names:
        raise NotFound(tr("pipeline"))
    stages = _stages(tx, pipeline_id, period)
    sql, params = _arrived(tx, pipeline_id, period, scope, stages)
    # `greatest`: a period may begin within a month, and its first bucket begins with it.
    counted = tx.rows(
        f"""
        SELECT
            furthest,
            touched,
            state,
            greatest(date_trunc($grain, (arrived_at AT TIME ZONE $time_zone)::DATE)::DATE, $first) AS bucket,
            count(*) AS count
        FROM ({sql}) AS arrived
        GROUP BY ALL
        """,
        **params,
        grain=grain.value,
        time_zone=tx.actor.time_zone,
        first=period.first,
    )
    times = stage_times.report(tx, pipeline_id, period, scope)
    steps = _steps(
        stages,
        counted,
        snapshot=_snapshot(tx, pipeline_id, scope),
        times=times,
        age=_age(period, scope.today(tx)),
    )
    return Conversion(
        pipeline_id=pipeline_id,
        pipeline_name=names[0]["name"],
        scope=scope,
        period=period,
        today=scope.today(tx),
        steps=steps,
        cohorts=[_cohort(each, counted, len(stages), times.to_close, scope.today(tx)) for each in period.cut(grain)],
        out=sum(row["count"] for row in counted if row["state"] == "out"),
        reversed=sum(row["count"] for row in counted if row["state"] == "reversed"),
    )


def drill_down(
    tx: Reading, conversion: Conversion, cell: Cell, *, limit: int = 50, offset: int = 0
) -> drilldown.Behind:
    """The deals that a figure of this conversion counts, selected by the query that counted them."""
    require_crm(tx)
    page = {"limit": limit, "offset": offset}
    if cell.measure is Measure.SNAPSHOT:
        picked = f"""
            SELECT id AS deal_id, * EXCLUDE (id), NULL AS weighted
            FROM ({conversion.scope.sql()}) AS scoped
            WHERE status = 'open' AND stage_id = $stage_id AND pipeline_id = $pipeline_id
        """
        params = conversion.scope.params(tx) | {"stage_id": cell.stage_id, "pipeline_id": conversion.pipeline_id}
        return drilldown.page_of(tx, amounts.unconverted(picked), params, **page)
    stages = _stages(tx, conversion.pipeline_id, conversion.period)
    sql, params = _arrived(tx, conversion.pipeline_id, conversion.period, conversion.scope, stages)
    if cell.stage_id is not None:
        params["number"] = next((stage.number for stage in stages if stage.stage_id == cell.stage_id), 0)
    picked = f"SELECT * FROM ({sql}) AS arrived WHERE {CONDITIONS[cell.measure]}"
    return drilldown.page_of(tx, amounts.unconverted(picked), params, **page)


def _stages(tx: Reading, pipeline_id: int, period: Period) -> list[Place]:
    return order_at(tx, pipeline_id, period.instants(tx.actor.time_zone)[0])


def _arrived(
    tx: Reading, pipeline_id: int, period: Period, scope: Scope, stages: list[Place]
) -> tuple[str, dict[str, Any]]:
    first, before = period.instants(tx.actor.time_zone)
    params = {
        "pipeline_id": pipeline_id,
        "arrived_from": first,
        "arrived_before": before,
        "stages": [stage.stage_id for stage in stages],
        "won": len(stages),
    }
    return f"WITH scoped AS ({scope.sql()}), steps AS ({STEPS})\n{ARRIVED}", scope.params(tx) | params


def _snapshot(tx: Reading, pipeline_id: int, scope: Scope) -> dict[int, int]:
    """Open deals by stage on the day asked: a distribution, not a conversion."""
    found = tx.rows(
        f"""
        SELECT stage_id, count(*) AS count
        FROM ({scope.sql()}) AS scoped
        WHERE status = 'open' AND pipeline_id = $pipeline_id
        GROUP BY stage_id
        """,
        **scope.params(tx),
        pipeline_id=pipeline_id,
    )
    return {row["stage_id"]: row["count"] for row in found}


def _steps(
    stages: list[Place],
    counted: list[Row],
    *,
    snapshot: dict[int, int],
    times: Times,
    age: float,
) -> list[Step]:
    here = [row for row in counted if row["state"] != "out"]
    # A bit per stage number, so that the query groups deals by one integer instead of joining them with stages.
    touched = {
        stage.number: sum(row["count"] for row in here if row["touched"] >> stage.number & 1) for stage in stages
    }
    # Stages that did not exist, or are removed, are shown only with deals of the cohort in them.
    shown = [stage for stage in stages if (stage.held and not stage.removed) or touched[stage.number]]
    steps: list[Step] = []
    # From the last stage to the first: each step needs the count of the next one.
    for stage in reversed(shown):
        number = stage.number
        steps.append(
            Step(
                stage_id=stage.stage_id,
                name=stage.name,
                name_now=stage.name_now,
                removed=stage.removed,
                is_won=stage.is_won,
                reached=sum(row["count"] for row in here if row["furthest"] >= number),
                next_reached=steps[-1].reached if steps else 0,
                dropped=sum(row["count"] for row in here if row["furthest"] == number and row["state"] == "lost"),
                undecided=sum(row["count"] for row in here if row["furthest"] == number and row["state"] == "open"),
                touched=touched[number],
                snapshot=snapshot.get(stage.stage_id, 0),
                time=times.cohort.get(stage.stage_id, Days()),
                young=age < times.usual.get(stage.stage_id, 0),
            )
        )
    return steps[::-1]


def _cohort(period: Period, counted: list[Row], won: int, to_close: float, today: date) -> Cohort:
    rows = [row for row in counted if row["bucket"] == period.first and row["state"] != "out"]
    return Cohort(
        period=period,
        arrived=sum(row["count"] for row in rows),
        won=sum(row["count"] for row in rows if row["furthest"] == won),
        undecided=sum(row["count"] for row in rows if row["state"] == "open"),
        young=_age(period, today) < to_close,
    )


def _age(period: Period, today: date) -> float:
    """Days since the middle of the period, or of what has passed of it."""
    return ((today - period.first).days + (today - min(period.end, today)).days) / 2
