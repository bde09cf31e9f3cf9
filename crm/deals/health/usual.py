"""How long won deals used to stand in each stage: the P90 of their completed visits.

Of all deals, seen or not: a limit that differed from person to person would be none. Working it out reads the whole
history, so it is kept until a deal is won, lost or reopened, or history goes.
"""

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel

from crm.store import Reading, Row

FEWEST = 10
"""Visits below which a P90 would be the longest of a few."""

MICROSECONDS_A_DAY = 86_400_000_000


class Usual(BaseModel, frozen=True):
    visits: int
    """Completed visits among won deals."""
    microseconds: int | None
    """Their P90; None where there are fewer than ten, or they took no time: a file left out when the deals opened."""


class _Kept(NamedTuple):
    history: Row
    """How many events there were and the last one, which the engine knows without reading any."""
    closings: Row
    """The same of wins, losses and reopenings alone."""
    found: dict[int, Usual]


_kept: dict[Path, _Kept] = {}
"""By store: what the history looked like, and what followed from it."""


def usual(tx: Reading) -> dict[int, Usual]:
    """By stage, as history stands now; stages that no won deal passed are not in it."""
    folder = tx.folder
    kept = _kept.get(folder)
    history = tx.row("SELECT count(*) AS n, max(id) AS last FROM base.stage_events")
    if kept and kept.history == history:
        return kept.found
    closings = tx.row(
        """
        SELECT count(*) AS n, max(id) AS last
        FROM base.stage_events
        WHERE kind IN ('won', 'lost', 'reopen')
        """
    )
    found = kept.found if kept and kept.closings == closings else as_of(tx, tx.now)
    _kept[folder] = _Kept(history, closings, found)
    return found


def usual_days(tx: Reading) -> dict[int, float]:
    """In days, by stage; only where there are visits enough."""
    return {
        stage_id: round(one.microseconds / MICROSECONDS_A_DAY, 1)
        for stage_id, one in usual(tx).items()
        if one.microseconds is not None
    }


def as_of(tx: Reading, at: datetime) -> dict[int, Usual]:
    """By stage, from what was known by then: visits of the deals that stood in a Won stage at that moment. A visit
    ends with the deal's next event, wherever that led."""
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
