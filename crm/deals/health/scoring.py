"""Scores the health of a set of deals in one query: idle time, limits, penalties, score and status, now or in the past.

It reads history (stage events, versions, notes, files, checklists), never `updated_at`: changes by an import, an
automation or a job do not count as activity.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from crm.deals.health.penalties import WEIGHTS, Penalty, all_weights
from crm.deals.health.touches import touches
from crm.deals.health.usual import MICROSECONDS_A_DAY, Usual, as_of, usual
from crm.pipelines.versions import OPEN_STAGES
from crm.store import Reading, Row

LATE = 50
"""Percent. From this probability on a stage is late: its deals are expected to have a value."""
PUSHES = 3
AT_RISK = 80
"""A score of this or less is at risk, if the deal is neither stalled nor overdue."""

STATUSES = {"stalled": "Stalled", "overdue": "Overdue", "at_risk": "At risk", "healthy": "Healthy"}
"""Statuses in order of precedence: the first that applies counts."""


@dataclass(frozen=True)
class StageParameters:
    """The parameters of scoring for the deals of one stage."""

    stage_id: int
    pipeline_id: int
    limit_us: int | None
    """Microseconds idle that are allowed: set by hand, else the usual time; None where there is neither."""
    usual_us: int | None
    late: bool
    weights: dict[Penalty, int]


@dataclass(frozen=True)
class Parameters:
    """The parameters of scoring at a moment: its day in the workspace's time zone, and those of each stage."""

    at: datetime
    today: date
    stages: tuple[StageParameters, ...]


def parameters(tx: Reading) -> Parameters:
    """The parameters as of now."""
    return parameters_of(tx, tx.now, tx.today, usual(tx))


def parameters_of(tx: Reading, at: datetime, today: date, usual: dict[int, Usual]) -> Parameters:
    """The parameters with today's stages and limits, at a moment with these usual times."""
    rows = tx.rows("SELECT id, pipeline_id, limit_days, probability FROM stages WHERE kind = 'open' ORDER BY id")
    return _parameters(tx, at, today, usual, rows)


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
    return _parameters(tx, at, at.astimezone(ZoneInfo(tx.actor.time_zone)).date(), as_of(tx, at), rows)


def _parameters(tx: Reading, at: datetime, today: date, usual: dict[int, Usual], stages: Sequence[Row]) -> Parameters:
    own = all_weights(tx)
    return Parameters(at, today, tuple(_stage(row, usual.get(row["id"]), own) for row in stages))


def _stage(row: Row, usual: Usual | None, own: dict[int, dict[Penalty, int]]) -> StageParameters:
    usual_us = usual.microseconds if usual else None
    by_hand = row["limit_days"]
    return StageParameters(
        stage_id=row["id"],
        pipeline_id=row["pipeline_id"],
        limit_us=usual_us if by_hand is None else by_hand * MICROSECONDS_A_DAY,
        usual_us=usual_us,
        late=row["probability"] >= LATE,
        weights=own.get(row["pipeline_id"], WEIGHTS),
    )


OPEN_NOW = """
    SELECT
        standing.id,
        standing.stage_id,
        standing.value,
        standing.expected_close,
        standing.owner_id IS NOT NULL AND standing.contact_id IS NOT NULL AS has_people,
        epoch_us(standing.created_at) AS opened
    FROM deals AS standing
    WHERE standing.status = 'open'
"""
"""SQL of the open deals that the actor sees, with the columns that `scored` needs."""


THOSE = "IN (SELECT id FROM standing)"


def scored_among(parameters: Parameters, ids: Sequence[int]) -> str:
    """As `scored`, for the open deals with these ids."""
    # For one deal every sub-query filters by `= id`: a table joined in one go doubles the time to plan, which at this
    # size is most of the query's time.
    listed = ", ".join(str(int(deal_id)) for deal_id in ids) or "NULL"
    standing = f"{OPEN_NOW} AND standing.id IN (SELECT unnest([{listed}]))"
    return scored(parameters, standing, f"= {listed}" if len(ids) == 1 else THOSE)


def scored(parameters: Parameters, standing: str, deals: str = THOSE) -> str:
    """SQL with one row per deal of the query `standing` (see `OPEN_NOW`): its health and what it is computed from.

    id, stage_id; moments in microseconds: opened, entered, moved, edited, noted, filed, ticked, touched (the last of
    them, NULL where there was none); spans in microseconds: idle, in_stage, limit_us, usual_us; held (a step still to
    come doubles the limit), next_due, pushes; `at_fault_<penalty>`; score; status; idle_days. All values are literals,
    since the SQL becomes part of filters and sorts that have parameters of their own.
    """
    points = " + ".join(f"CASE WHEN at_fault_{penalty} THEN {penalty}_weight ELSE 0 END" for penalty in Penalty)
    return f"""
    WITH
    stage_ground(stage_id, limit_us, usual_us, late, {", ".join(f"{penalty}_weight" for penalty in Penalty)}) AS (
        {_values(parameters.stages)}
    ),
    -- MATERIALIZED: every sub-query filters by these ids, and the engine would evaluate the query once for each.
    standing AS MATERIALIZED ({standing}),
    {touches(parameters.at, parameters.today, deals)},
    facts AS ({_FACTS}),
    faults AS ({_faults(parameters)})
    SELECT
        *,
        greatest(0, 100 - ({points}))
            AS score,
        CASE
            WHEN at_fault_idle THEN 'stalled'
            WHEN at_fault_overdue THEN 'overdue'
            WHEN score <= {AT_RISK} THEN 'at_risk'
            ELSE 'healthy'
        END AS status,
        idle // {MICROSECONDS_A_DAY} AS idle_days
    FROM faults
    """


def _values(stages: Sequence[StageParameters]) -> str:
    def row(stage: StageParameters) -> str:
        spans = ", ".join("NULL::BIGINT" if span is None else str(span) for span in (stage.limit_us, stage.usual_us))
        return f"({stage.stage_id}, {spans}, {stage.late}, {', '.join(str(stage.weights[name]) for name in Penalty)})"

    if not stages:
        return f"SELECT NULL, NULL, NULL, NULL, {', '.join('NULL' for _ in Penalty)} WHERE false"
    return f"VALUES {', '.join(map(row, stages))}"


_FACTS = """
    SELECT
        standing.*,
        stage_ground.* EXCLUDE (stage_id),
        moves.entered,
        moves.moved,
        edits.edited,
        noted.noted,
        filed.filed,
        steps.ticked,
        greatest(moves.moved, edits.edited, noted.noted, filed.filed, steps.ticked) AS touched,
        coalesce(edits.pushes, 0) AS pushes,
        steps.next_due,
        coalesce(steps.planned, false) AS planned
    FROM standing
    JOIN stage_ground ON stage_ground.stage_id = standing.stage_id
    LEFT JOIN moves ON moves.deal_id = standing.id
    LEFT JOIN edits ON edits.deal_id = standing.id
    LEFT JOIN noted ON noted.deal_id = standing.id
    LEFT JOIN filed ON filed.deal_id = standing.id
    LEFT JOIN steps ON steps.deal_id = standing.id
"""


def _faults(parameters: Parameters) -> str:
    at = f"epoch_us(TIMESTAMPTZ '{parameters.at.isoformat()}')"
    return f"""
    SELECT
        *,
        {at} - coalesce(touched, opened) AS idle,
        {at} - coalesce(entered, opened) AS in_stage,
        next_due IS NOT NULL AS held,
        coalesce(idle > CASE WHEN held THEN 2 * limit_us ELSE limit_us END, false) AS at_fault_idle,
        coalesce(in_stage > usual_us, false) AS at_fault_long_in_stage,
        coalesce(expected_close < DATE '{parameters.today}', false) AS at_fault_overdue,
        pushes >= {PUSHES} AS at_fault_pushed,
        NOT planned AS at_fault_no_next_step,
        NOT has_people AS at_fault_nobody,
        late AND coalesce(value, 0) = 0 AS at_fault_no_value
    FROM facts
    """
