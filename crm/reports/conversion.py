"""Stage conversion of one pipeline, by named measures: how far the deals came that arrived in a period."""

from collections import Counter
from datetime import date
from enum import StrEnum
from itertools import pairwise
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

STEPS = """
    SELECT
        unnest($stages::BIGINT[]) AS id,
        unnest(range(1, len($stages::BIGINT[]) + 1)) AS number,
        unnest($places::BIGINT[]) AS place
"""


class Measure(StrEnum):
    """Which deals of a step: `reached` it or a later one · `strict`: entered it after every earlier one, in order ·
    `dropped`: lost, no further · `undecided`: open, no further · `touched`: were in it · `snapshot`: are in it now,
    whenever they arrived · `out`: moved to another pipeline · `reversed`: won once and reopened since."""

    REACHED = "reached"
    STRICT = "strict"
    DROPPED = "dropped"
    UNDECIDED = "undecided"
    TOUCHED = "touched"
    SNAPSHOT = "snapshot"
    OUT = "out"
    REVERSED = "reversed"


WITHOUT_STEP = (Measure.OUT, Measure.REVERSED)

CONDITIONS = {
    Measure.REACHED: "state <> 'out' AND furthest >= $number",
    Measure.STRICT: "state <> 'out' AND strict >= $place",
    Measure.DROPPED: "state = 'lost' AND furthest = $number",
    Measure.UNDECIDED: "state = 'open' AND furthest = $number",
    Measure.TOUCHED: "state <> 'out' AND (touched >> $number) & 1 = 1",
    Measure.OUT: "state = 'out'",
    Measure.REVERSED: "state = 'reversed'",
}


class Cell(BaseModel, frozen=True):
    """One figure: a measure and its stage (`out` and `reversed` have none); of what was lost also by its reason (0:
    none was chosen; None: any)."""

    measure: Measure
    stage_id: int | None = None
    reason_id: int | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.measure, self.stage_id, self.reason_id) if part is not None)

    @classmethod
    def parse(cls, text: str) -> "Cell":
        measure, _, rest = text.partition(":")
        stage, _, reason = rest.partition(":")
        stage_id, reason_id = bounds.whole(stage), bounds.whole(reason)
        if (
            measure not in set(Measure)
            or bool(stage) != (stage_id is not None)
            or bool(reason) != (reason_id is not None)
            or (stage_id is None) != (measure in WITHOUT_STEP)
            or (reason_id is not None and measure != Measure.DROPPED)
        ):
            raise Invalid(tr("“{value}” is not a figure of the conversion.", value=bounds.shown(text)), "cell")
        return cls(measure=Measure(measure), stage_id=stage_id, reason_id=reason_id)


class LossReason(BaseModel, frozen=True):
    """Deals of a step that were lost there for one reason; `id` 0 and no name where none was chosen."""

    id: int
    name: str | None
    deals: int


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
    strict: int | None
    """None for a stage that did not exist when the cohort began: its order has no place for it."""
    next_strict: int | None
    dropped: int
    reasons: tuple[LossReason, ...]
    """Of the `dropped`, most frequent first."""
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
    def strict_rate(self) -> float | None:
        """The same of the strict measure: of the deals that came this far stage by stage, how many entered the next."""
        return self.next_strict / self.strict if self.strict and self.next_strict is not None else None

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
    shown only if deals of the cohort were in it. The strict measure asks for the stages of that order, in turn.
    Counts of deals and days; source: the log of the visible deals, as known on the day asked (`scope.as_of`).
    Raises NotFound where there is no such pipeline.
    """
    require_crm(tx)
    # The report is of this one pipeline: a scope of others would leave nothing.
    scope = (scope or Scope()).model_copy(update={"pipeline_ids": ()})
    names = tx.rows("SELECT name FROM pipelines WHERE id = $id", id=pipeline_id)
    if not names:
        raise NotFound(tr("pipeline"))
    stages = stages_of(tx, pipeline_id, period)
    in_turn = [stage.stage_id for stage in stages if stage.held]
    counted = _counted(tx, pipeline_id, period, scope, grain, stages, in_turn)
    # Removed before a deal of the cohort came to it: nothing could enter it, and it is not shown.
    if passed_by := {stage.stage_id for stage in stages if stage.removed and not _touched(counted, stage)}:
        in_turn = [stage_id for stage_id in in_turn if stage_id not in passed_by]
        counted = _counted(tx, pipeline_id, period, scope, grain, stages, in_turn)
    times = stage_times.report(tx, pipeline_id, period, scope)
    steps = _steps(
        stages,
        in_turn,
        counted,
        snapshot=_snapshot(tx, pipeline_id, scope),
        reasons={row["id"]: row["name"] for row in tx.rows("SELECT id, name FROM close_reasons")},
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
    sql, params = picked(tx, conversion, cell)
    return drilldown.page_of(tx, amounts.unconverted(sql), params, limit=limit, offset=offset)


def picked(tx: Reading, conversion: Conversion, cell: Cell) -> tuple[str, dict[str, Any]]:
    """SQL of the deals that a figure of this conversion counts, with its parameters."""
    if cell.measure is Measure.SNAPSHOT:
        snapshot = f"""
            SELECT id AS deal_id, * EXCLUDE (id), NULL AS weighted
            FROM ({conversion.scope.sql()}) AS scoped
            WHERE status = 'open' AND stage_id = $stage_id AND pipeline_id = $pipeline_id
        """
        of = {"stage_id": cell.stage_id, "pipeline_id": conversion.pipeline_id}
        return snapshot, conversion.scope.params(tx) | of
    stages = stages_of(tx, conversion.pipeline_id, conversion.period)
    in_turn = [step.stage_id for step in conversion.steps if step.strict is not None]
    sql, params = arrived(tx, conversion.pipeline_id, conversion.period, conversion.scope, stages, in_turn)
    condition = CONDITIONS[cell.measure]
    if cell.measure is Measure.STRICT:
        # A stage without a place has no deals.
        params["place"] = in_turn.index(cell.stage_id) + 1 if cell.stage_id in in_turn else len(in_turn) + 1
    elif cell.stage_id is not None:
        params["number"] = next((stage.number for stage in stages if stage.stage_id == cell.stage_id), 0)
    if cell.reason_id is not None:
        condition += " AND coalesce(reason_id, 0) = $reason_id"
        params["reason_id"] = cell.reason_id
    return f"SELECT * FROM ({sql}) AS arrived WHERE {condition}", params


def stages_of(tx: Reading, pipeline_id: int, period: Period) -> list[Place]:
    return order_at(tx, pipeline_id, period.instants(tx.actor.time_zone)[0])


def _counted(
    tx: Reading,
    pipeline_id: int,
    period: Period,
    scope: Scope,
    grain: Grain,
    stages: list[Place],
    in_turn: list[int],
) -> list[Row]:
    """How many deals of the cohort came how far, in which way, by month or quarter of their arrival."""
    sql, params = arrived(tx, pipeline_id, period, scope, stages, in_turn)
    # `greatest`: a period may begin within a month, and its first bucket begins with it.
    return tx.rows(
        f"""
        SELECT
            furthest,
            strict,
            touched,
            state,
            if(state = 'lost', coalesce(reason_id, 0), NULL) AS reason_id,
            greatest(date_trunc($grain, (arrived_at AT TIME ZONE $time_zone)::DATE)::DATE, $first) AS bucket,
            count(*) AS count
        FROM ({sql}) AS arrival
        GROUP BY ALL
        """,
        **params,
        grain=grain.value,
        time_zone=tx.actor.time_zone,
        first=period.first,
    )


def arrived(
    tx: Reading, pipeline_id: int, period: Period, scope: Scope, stages: list[Place], in_turn: list[int]
) -> tuple[str, dict[str, Any]]:
    """`in_turn`: the stages that the strict measure asks for, in order."""
    first, before = period.instants(tx.actor.time_zone)
    places = {stage_id: place for place, stage_id in enumerate(in_turn, 1)}
    params = {
        "pipeline_id": pipeline_id,
        "arrived_from": first,
        "arrived_before": before,
        "stages": [stage.stage_id for stage in stages],
        "places": [places.get(stage.stage_id) for stage in stages],
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
    in_turn: list[int],
    counted: list[Row],
    *,
    snapshot: dict[int, int],
    reasons: dict[int, str],
    times: Times,
    age: float,
) -> list[Step]:
    here = [row for row in counted if row["state"] != "out"]
    strict = {
        stage_id: sum(row["count"] for row in here if row["strict"] >= place)
        for place, stage_id in enumerate(in_turn, 1)
    }
    following = dict(pairwise(in_turn))
    touched = {stage.number: _touched(counted, stage) for stage in stages}
    # Stages that did not exist, or are removed, are shown only with deals of the cohort in them.
    shown = [stage for stage in stages if (stage.held and not stage.removed) or touched[stage.number]]
    steps: list[Step] = []
    # From the last stage to the first: each step needs the count of the next one.
    for stage in reversed(shown):
        number, stage_id = stage.number, stage.stage_id
        ended_here = [row for row in here if row["furthest"] == number]
        lost = [row for row in ended_here if row["state"] == "lost"]
        steps.append(
            Step(
                stage_id=stage_id,
                name=stage.name,
                name_now=stage.name_now,
                removed=stage.removed,
                is_won=stage.is_won,
                reached=sum(row["count"] for row in here if row["furthest"] >= number),
                next_reached=steps[-1].reached if steps else 0,
                strict=strict.get(stage_id),
                next_strict=strict[following[stage_id]] if stage_id in following else None,
                dropped=sum(row["count"] for row in lost),
                reasons=_reasons(lost, reasons),
                undecided=sum(row["count"] for row in ended_here if row["state"] == "open"),
                touched=touched[number],
                snapshot=snapshot.get(stage_id, 0),
                time=times.cohort.get(stage_id, Days()),
                young=age < times.usual.get(stage_id, 0),
            )
        )
    return steps[::-1]


def _touched(counted: list[Row], stage: Place) -> int:
    """How many deals were in the stage. A bit per stage number, so that the query groups deals by one integer instead
    of joining them with stages."""
    return sum(row["count"] for row in counted if row["state"] != "out" and row["touched"] >> stage.number & 1)


def _reasons(lost: list[Row], names: dict[int, str]) -> tuple[LossReason, ...]:
    counts: Counter[int] = Counter()
    for row in lost:
        counts[row["reason_id"]] += row["count"]
    return tuple(LossReason(id=each, name=names.get(each), deals=count) for each, count in counts.most_common())


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
