"""Scores the health of a set of deals in one query: for lists, filters and sorts now, and for the past.

`scored` reads the deals' activity as it is kept in columns, `scored_in_past` computes it from history (stage events,
versions, notes, files) as it was known at a moment. The rest is one text for both, and the same as scoring.py: a
property test compares the three.
"""

from collections.abc import Iterable
from datetime import date, datetime

from crm.deals.activity import history
from crm.deals.health.parameters import AT_RISK, PUSHES, Parameters, StageParameters
from crm.deals.health.penalties import Penalty
from crm.deals.health.usual import MICROSECONDS_A_DAY

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

_THOSE = "IN (SELECT id FROM standing)"


def scored(parameters: Parameters, at: datetime, standing: str) -> str:
    """SQL with one row per deal of the query `standing` (see `OPEN_NOW`): its health and what it is computed from.

    id, stage_id; moments in microseconds: opened, entered, touched (the last act of a person, NULL where there was
    none); spans in microseconds: idle, in_stage, limit_us, usual_us; held (a step still to come doubles the limit),
    next_due, pushes; `at_fault_<penalty>`; score; status; idle_days. All values are literals, since the SQL becomes
    part of filters and sorts that have parameters of their own.
    """
    return _scored(parameters, at, standing, "FROM base.deal_activity")


def standing_then(known: str) -> str:
    """SQL of the deals of the query `known` (see `history.as_known`), with the columns that `scored_in_past` needs."""
    return f"""
        SELECT
            deal_id AS id,
            stage_id,
            value,
            expected_close,
            owner_id IS NOT NULL AND has_contact AS has_people,
            epoch_us(opened_at) AS opened
        FROM ({known})
    """


def scored_in_past(parameters: Parameters, at: datetime, standing: str) -> str:
    """As `scored`, at a past moment, for deals as they were known then."""
    known = f"<= {_literal(at)}"
    return _scored(parameters, at, standing, history.activity(_THOSE, known, "SELECT id FROM standing"))


def _scored(parameters: Parameters, at: datetime, standing: str, activity: str) -> str:
    points = " + ".join(f"CASE WHEN at_fault_{penalty} THEN {penalty}_weight ELSE 0 END" for penalty in Penalty)
    return f"""
    WITH
    stage_ground(stage_id, limit_us, usual_us, late, {", ".join(f"{penalty}_weight" for penalty in Penalty)}) AS (
        {_values(parameters.stages.values())}
    ),
    -- MATERIALIZED: the sub-queries filter by these ids, and the engine would evaluate the query once for each.
    standing AS MATERIALIZED ({standing}),
    activity AS ({activity}),
    steps AS ({_steps(_literal(at), parameters.today)}),
    facts AS ({_FACTS}),
    faults AS ({_faults(_literal(at), parameters.today)})
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


def _literal(at: datetime) -> str:
    return f"TIMESTAMPTZ '{at.isoformat()}'"


def _values(stages: Iterable[StageParameters]) -> str:
    def row(stage: StageParameters) -> str:
        spans = ", ".join("NULL::BIGINT" if span is None else str(span) for span in (stage.limit_us, stage.usual_us))
        return f"({stage.stage_id}, {spans}, {stage.late}, {', '.join(map(str, stage.weights))})"

    rows = ", ".join(map(row, stages))
    return f"VALUES {rows}" if rows else f"SELECT {', '.join(['NULL'] * (4 + len(Penalty)))} WHERE false"


def _steps(moment: str, today: date) -> str:
    """The last completed checklist item, and the next open one. Due dates are today's, since their history is not
    kept."""
    return f"""
    SELECT
        deal_id,
        max(done) AS ticked,
        min(due_on) FILTER (WHERE done IS NULL AND due_on >= DATE '{today}') AS next_due,
        bool_or(done IS NULL AND (due_on IS NULL OR due_on >= DATE '{today}')) AS planned
    FROM (
        SELECT deal_id, due_on, CASE WHEN done_at <= {moment} THEN epoch_us(done_at) END AS done
        FROM base.checklist_items
        WHERE deal_id {_THOSE} AND created_at <= {moment}
    )
    GROUP BY deal_id
    """


_FACTS = """
    SELECT
        standing.*,
        stage_ground.* EXCLUDE (stage_id),
        epoch_us(activity.entered_at) AS entered,
        greatest(
            epoch_us(greatest(activity.moved_at, activity.edited_at, activity.noted_at, activity.filed_at)),
            steps.ticked
        ) AS touched,
        coalesce(activity.pushes, 0) AS pushes,
        steps.next_due,
        coalesce(steps.planned, false) AS planned
    FROM standing
    JOIN stage_ground ON stage_ground.stage_id = standing.stage_id
    LEFT JOIN activity ON activity.deal_id = standing.id
    LEFT JOIN steps ON steps.deal_id = standing.id
"""


def _faults(moment: str, today: date) -> str:
    return f"""
    SELECT
        *,
        epoch_us({moment}) - coalesce(touched, opened) AS idle,
        epoch_us({moment}) - coalesce(entered, opened) AS in_stage,
        next_due IS NOT NULL AS held,
        coalesce(idle > CASE WHEN held THEN 2 * limit_us ELSE limit_us END, false) AS at_fault_idle,
        coalesce(in_stage > usual_us, false) AS at_fault_long_in_stage,
        coalesce(expected_close < DATE '{today}', false) AS at_fault_overdue,
        pushes >= {PUSHES} AS at_fault_pushed,
        NOT planned AS at_fault_no_next_step,
        NOT has_people AS at_fault_nobody,
        late AND coalesce(value, 0) = 0 AS at_fault_no_value
    FROM facts
    """
