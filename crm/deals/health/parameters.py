"""The parameters of the health score: the limit, the usual time and the weights of each stage, and the day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from crm import pipelines
from crm.deals.health import penalties, usual
from crm.deals.health.penalties import WEIGHTS, Penalty
from crm.deals.health.usual import MICROSECONDS_A_DAY, Usual
from crm.foundation.language import later
from crm.pipelines.versions import OPEN_STAGES
from crm.store import Reading, Row
from crm.store.kept import kept

LATE = 50
"""Percent. From this probability on a stage is late: its deals are expected to have a value."""
PUSHES = 3
AT_RISK = 80
"""A score of this or less is at risk, if the deal is neither stalled nor overdue."""

STATUSES = {
    "stalled": later("Stalled"),
    "overdue": later("Overdue"),
    "at_risk": later("At risk"),
    "healthy": later("Healthy"),
}
"""Statuses in order of precedence: the first that applies counts."""


@dataclass(frozen=True, slots=True)
class StageParameters:
    """The parameters of scoring for the deals of one stage."""

    stage_id: int
    pipeline_id: int
    limit_us: int | None
    """Microseconds idle that are allowed: set by hand, else the usual time; None where there is neither."""
    limit_by_hand: bool
    usual_us: int | None
    usual_visits: int
    """The number of completed visits of won deals; `usual_us` is their P90."""
    late: bool
    weights: tuple[int, ...]
    """In the order of `Penalty`."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of scoring on a day of the workspace's time zone. They hold for every moment of it."""

    today: date
    stages: Mapping[int, StageParameters]
    """{stage id: its parameters}, of the open stages."""


@kept
def parameters(tx: Reading) -> Parameters:
    """The parameters of today."""
    stages = [stage.model_dump() for pipeline in pipelines.all_of(tx) for stage in pipeline.open_stages]
    # One statement for both: each is a handful of rows, and takes longer to plan than to read.
    rows = tx.rows(f"{usual.NOW} UNION ALL BY NAME {penalties.CHANGED}")
    usual_times = usual.from_rows(row for row in rows if row["stage_id"] is not None)
    weights = penalties.from_rows(row for row in rows if row["stage_id"] is None)
    return _parameters(tx.today, usual_times, weights, stages)


def parameters_at(tx: Reading, at: datetime) -> Parameters:
    """The parameters at a past moment, from what was known by then: the stages of that time, with their probabilities.
    Limits set by hand and weights are today's, since their history is not kept."""
    rows = tx.rows(
        f"""
        SELECT version.stage_id AS id, version.pipeline_id, stage.limit_days, version.probability
        FROM ({OPEN_STAGES}) AS version
        LEFT JOIN stages AS stage ON stage.id = version.stage_id
        ORDER BY version.stage_id
        """,
        as_of=at,
    )
    today = at.astimezone(ZoneInfo(tx.actor.time_zone)).date()
    return _parameters(today, usual.as_of(tx, at), penalties.all_weights(tx), rows)


def _parameters(
    today: date, usual: Mapping[int, Usual], own: Mapping[int, Mapping[Penalty, int]], stages: Sequence[Row]
) -> Parameters:
    return Parameters(today, MappingProxyType({row["id"]: _stage(row, usual.get(row["id"]), own) for row in stages}))


def _stage(row: Row, usual: Usual | None, own: Mapping[int, Mapping[Penalty, int]]) -> StageParameters:
    usual_us = usual.microseconds if usual else None
    by_hand = row["limit_days"]
    weights = own.get(row["pipeline_id"], WEIGHTS)
    return StageParameters(
        stage_id=row["id"],
        pipeline_id=row["pipeline_id"],
        limit_us=usual_us if by_hand is None else by_hand * MICROSECONDS_A_DAY,
        limit_by_hand=by_hand is not None,
        usual_us=usual_us,
        usual_visits=usual.visits if usual else 0,
        late=row["probability"] >= LATE,
        weights=tuple(weights[penalty] for penalty in Penalty),
    )
