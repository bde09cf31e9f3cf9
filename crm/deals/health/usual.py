"""The usual time of won deals in each stage: the P90 of their completed visits.

Over all deals, visible or not: else a deal would be stalled for one person and not for another. Computing it reads the
whole history, so it is cached until a deal is won, lost or reopened, or history is removed.
"""

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel

from crm.store import Reading, Row

FEWEST = 10
"""The fewest visits for a P90: of fewer it would be just the longest."""

MICROSECONDS_A_DAY = 86_400_000_000


class Usual(BaseModel, frozen=True):
    visits: int
    """Completed visits among won deals."""
    microseconds: int | None
    """Their P90; None below ten visits, or where they took no time: an imported file did not say when the deals
    opened."""


class _Cached(NamedTuple):
    history: Row
    """Count and last id of all events, which the engine knows without a scan."""
    closings: Row
    """The same of wins, losses and reopenings alone."""
    found: dict[int, Usual]


_cache: dict[Path, _Cached] = {}
"""The cache: {store folder: the state of its history, and the result}."""


def usual(tx: Reading) -> dict[int, Usual]:
    """{stage id: its usual time} as of now, without stages that no won deal has passed."""
    folder = tx.folder
    cached = _cache.get(folder)
    # Count and last id: undoing an import or a bulk change removes events, which the last id alone may not show.
    history = tx.row("SELECT count(*) AS n, max(id) AS last FROM base.stage_events")
    if cached and cached.history == history:
        return cached.found
    closings = tx.row(
        """
        SELECT count(*) AS n, max(id) AS last
        FROM base.stage_events
        WHERE kind IN ('won', 'lost', 'reopen')
        """
    )
    found = cached.found if cached and cached.closings == closings else as_of(tx, tx.now)
    _cache[folder] = _Cached(history, closings, found)
    return found


def usual_days(tx: Reading) -> dict[int, float]:
    """{stage id: usual days}, only for stages with enough visits."""
    return {
        stage_id: round(found.microseconds / MICROSECONDS_A_DAY, 1)
        for stage_id, found in usual(tx).items()
        if found.microseconds is not None
    }


def as_of(tx: Reading, at: datetime) -> dict[int, Usual]:
    """{stage id: its usual time} from what was known at a moment: visits of the deals that were won at that time. A
    visit ends with the deal's next event, of any kind."""
    rows = tx.rows(
        """
        WITH
        happened AS (
            SELECT deal_id, to_stage_id, id, epoch_us(happened_at) AS entered
            FROM base.stage_events
            WHERE known_at <= $at
        ),
        won AS (
            SELECT deal_id
            FROM happened
            GROUP BY deal_id
            HAVING arg_max(to_stage_id, (entered, id)) IN (SELECT id FROM base.stages WHERE kind = 'won')
        ),
        visits AS (
            SELECT
                to_stage_id AS stage_id,
                lead(entered) OVER (PARTITION BY deal_id ORDER BY entered, id) - entered AS stood
            FROM happened
            WHERE deal_id IN (SELECT deal_id FROM won)
        )
        SELECT stage_id, count(*) AS visits, quantile_cont(stood, 0.9) AS p90
        FROM visits
        WHERE stood IS NOT NULL
        GROUP BY stage_id
        """,
        at=at,
    )
    return {
        row["stage_id"]: Usual(
            visits=row["visits"], microseconds=round(row["p90"]) or None if row["visits"] >= FEWEST else None
        )
        for row in rows
    }
