"""The health of a set of deals as one query: idle, limits, penalties, score and status, of now or of a past moment.

It reads the log (stage events, versions, notes, files, checklists) and never when a row was last written: an import,
an automation or a job leaves no touch.
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
"""A stage from this probability on, in percent, is late: a deal there is expected to have a value."""
PUSHES = 3
AT_RISK = 80
"""A score of this or less, though nothing is stalled or overdue."""

STATUSES = {"stalled": "Stalled", "overdue": "Overdue", "at_risk": "At risk", "healthy": "Healthy"}
"""The first that applies is a deal's."""


@dataclass(frozen=True)
class StageGround:
    """What the health of a deal in a stage is measured by."""

    stage_id: int
    pipeline_id: int
    limit_us: int | None
    """Set by hand, else usual; None where there is neither."""
    usual_us: int | None
    late: bool
    weights: dict[Penalty, int]


@dataclass(frozen=True)
class Ground:
    """A moment, its day in the workspace, and what holds in each stage by then."""

    at: datetime
    today: date
    stages: tuple[StageGround, ...]


def ground(tx: Reading) -> Ground:
    """Of now."""
    return ground_of(tx, tx.now, tx.today, usual(tx))


def ground_of(tx: Reading, at: datetime, today: date, usual: dict[int, Usual]) -> Ground:
    """Of the present, by which this was usual."""
    rows = tx.rows("SELECT id, pipeline_id, limit_days, probability FROM stages WHERE kind = 'open' ORDER BY id")
    return _ground(tx, at, today, usual, rows)


def ground_at(tx: Reading, at: datetime) -> Ground:
    """Of a moment in the past, from what was known by then: the stages that there were, removed ones too, and what they
    promised. Limits set by hand and weights are those of today: nothing keeps others."""
    rows = tx.rows(
        f"""
        SELECT version.stage_id AS id, version.pipeline_id, stage.limit_days, version.probability
        FROM ({OPEN_STAGES}) AS version
        LEFT JOIN stages AS stage ON stage.id = version.stage_id
        ORDER BY version.stage_id
        """,
        as_of=at,
    )
    return _ground(tx, at, at.astimezone(ZoneInfo(tx.actor.time_zone)).date(), as_of(tx, at), rows)


def _ground(tx: Reading, at: datetime, today: date, usual: dict[int, Usual], stages: Sequence[Row]) -> Ground:
    own = all_weights(tx)
    return Ground(at, today, tuple(_stage(row, usual.get(row["id"]), own) for row in stages))


def _stage(row: Row, usual: Usual | None, own: dict[int, dict[Penalty, int]]) -> StageGround:
    usual_us = usual.microseconds if usual else None
    by_hand = row["limit_days"]
    return StageGround(
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
"""The open deals that the actor sees, as `scored` takes them."""


THOSE = "IN (SELECT id FROM standing)"


def scored_among(ground: Ground, ids: Sequence[int]) -> str:
    """`scored`, of the open deals with these numbers. Of a single one every part asks for its number, which is found
    sooner than what is in a set."""
    listed = ", ".join(str(int(one)) for one in ids) or "NULL"
    standing = f"{OPEN_NOW} AND standing.id IN (SELECT unnest([{listed}]))"
    return scored(ground, standing, f"= {listed}" if len(ids) == 1 else THOSE)


def scored(ground: Ground, standing: str, deals: str = THOSE) -> str:
    """SQL: one row a deal of the query `standing` (as `OPEN_NOW`) with what its health is made of.

    id, stage_id; moments in microseconds: opened, entered, moved, edited, noted, filed, ticked, touched (the last of
    them, NULL where there was none); spans in microseconds: idle, in_stage, limit_us, usual_us; held (a step that is
    still to come holds the clock), next_due, pushes; `at_fault_<penalty>`; score; status; idle_days. Everything is
    written into it: it stands in filters and orders, which have parameters of their own.
    """
    return f"""
    WITH
    stage_ground(stage_id, limit_us, usual_us, late, {", ".join(f"{one}_weight" for one in Penalty)}) AS (
        {_values(ground.stages)}
    ),
    standing AS MATERIALIZED ({standing}),
    {touches(ground.at, ground.today, deals)},
    facts AS ({_FACTS}),
    faults AS ({_faults(ground)})
    SELECT
        *,
        greatest(0, 100 - ({" + ".join(f"CASE WHEN at_fault_{one} THEN {one}_weight ELSE 0 END" for one in Penalty)}))
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


def _values(stages: Sequence[StageGround]) -> str:
    def row(one: StageGround) -> str:
        spans = ", ".join("NULL::BIGINT" if span is None else str(span) for span in (one.limit_us, one.usual_us))
        return f"({one.stage_id}, {spans}, {one.late}, {', '.join(str(one.weights[name]) for name in Penalty)})"

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


def _faults(ground: Ground) -> str:
    at = f"epoch_us(TIMESTAMPTZ '{ground.at.isoformat()}')"
    return f"""
    SELECT
        *,
        {at} - coalesce(touched, opened) AS idle,
        {at} - coalesce(entered, opened) AS in_stage,
        next_due IS NOT NULL AS held,
        coalesce(idle > CASE WHEN held THEN 2 * limit_us ELSE limit_us END, false) AS at_fault_idle,
        coalesce(in_stage > usual_us, false) AS at_fault_long_in_stage,
        coalesce(expected_close < DATE '{ground.today}', false) AS at_fault_overdue,
        pushes >= {PUSHES} AS at_fault_pushed,
        NOT planned AS at_fault_no_next_step,
        NOT has_people AS at_fault_nobody,
        late AND coalesce(value, 0) = 0 AS at_fault_no_value
    FROM facts
    """
