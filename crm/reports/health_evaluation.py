"""Evaluation of the health score: its AUC on the pipeline's own history.

For moments in the past the score is worked out from what the product knew by then, and compared with how the deals that
were open at that moment ended. AUC is the chance that of two of them, one won and one lost later, the one that was won
had the higher score (ties count half; Hanley and McNeil 1982): 50 % is a coin, 100 % never wrong.
"""

from datetime import datetime, timedelta
from math import sqrt
from pathlib import Path

from pydantic import BaseModel

from crm.deals import health
from crm.deals.history import as_known
from crm.store import Reading

MOMENTS = 6
APART = timedelta(days=60)
FEWEST = 20
"""Deals of each end below which the figure would be chance."""


class Worth(BaseModel, frozen=True):
    """`auc` is None where there are too few deals of either end, and `why` says so."""

    auc: float | None
    low: float | None
    high: float | None
    """The 95 % interval."""
    won: int
    lost: int
    why: str


_kept: dict[tuple[Path, int], tuple[str, int, Worth]] = {}
"""By store and pipeline: what it was worked out under, with how many closings, and what it was."""


def evaluate(tx: Reading, pipeline_id: int) -> Worth:
    """As `work_out`, kept for the day: it reads the whole history several times over. It is worked out again once the
    closings are one in twenty more or fewer, or what the score is made of has changed."""
    place = (tx.folder, pipeline_id)
    under = (tx.today, health.ground_of(tx, tx.now, tx.today, {}).stages)
    closings = tx.value(
        """
        SELECT count(*) FROM base.stage_events
        WHERE pipeline_id = $id AND kind IN ('won', 'lost')
        """,
        id=pipeline_id,
    )
    kept = _kept.get(place)
    if kept and kept[0] == repr(under) and abs(kept[1] - closings) <= kept[1] // 20:
        return kept[2]
    found = work_out(tx, pipeline_id)
    _kept[place] = (repr(under), closings, found)
    return found


def work_out(tx: Reading, pipeline_id: int) -> Worth:
    """Over six moments, 60 days apart, the last 60 days ago. Deals that are still open, or went to another pipeline,
    have no end yet and are not counted; a deal that was open at several moments counts at each.

    Of all deals, seen or not, as limits are: it tells what the indicator is worth, and nothing of any deal.
    """
    tally: dict[int, tuple[int, int]] = {}
    for number in range(1, MOMENTS + 1):
        for score, won, lost in _ends(tx, pipeline_id, tx.now - number * APART):
            before = tally.get(score, (0, 0))
            tally[score] = (before[0] + won, before[1] + lost)
    won, lost = (sum(ends[side] for ends in tally.values()) for side in (0, 1))
    if won < FEWEST or lost < FEWEST:
        why = (
            f"Too few: of the deals that were open at six moments of the past year, {won:,} were won and {lost:,} lost "
            f"since; it takes {FEWEST} of each."
        )
        return Worth(auc=None, low=None, high=None, won=won, lost=lost, why=why)
    auc = area(tally)
    margin = 1.96 * _standard_error(auc, won, lost)
    why = (
        f"Of two deals that were open in the past, one won and one lost later, the score was higher for the one that "
        f"was won in {auc:.0%} of cases; 50 % would be a coin. {won:,} won and {lost:,} lost, at six moments of the "
        "past year, scored from what was known by then."
    )
    return Worth(auc=auc, low=max(0.0, auc - margin), high=min(1.0, auc + margin), won=won, lost=lost, why=why)


def area(tally: dict[int, tuple[int, int]]) -> float:
    """From {score: (won, lost)}: the share of pairs in which the won one scored higher, ties counted half."""
    won, lost = (sum(ends[side] for ends in tally.values()) for side in (0, 1))
    lost_below, right = 0, 0.0
    for score in sorted(tally):
        here = tally[score]
        right += here[0] * (lost_below + here[1] / 2)
        lost_below += here[1]
    return right / (won * lost)


def _standard_error(auc: float, won: int, lost: int) -> float:
    """Hanley and McNeil's. A deal may count at several moments, which it does not know of: a little narrow."""
    of_won, of_lost = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    spread = auc * (1 - auc) + (won - 1) * (of_won - auc**2) + (lost - 1) * (of_lost - auc**2)
    return sqrt(max(spread, 0.0) / (won * lost))


def _ends(tx: Reading, pipeline_id: int, at: datetime) -> list[tuple[int, int, int]]:
    """(score, won, lost) of the deals that were open at the moment, by the first end that was known after it."""
    ground = health.ground_at(tx, at)
    rows = tx.rows(
        f"""
        SELECT
            past.score,
            count(*) FILTER (WHERE ending.kind = 'won') AS won,
            count(*) FILTER (WHERE ending.kind = 'lost') AS lost
        FROM ({health.scored(ground, open_at(pipeline_id))}) AS past
        JOIN (
            SELECT event.deal_id, arg_min(stage.kind, event.id) AS kind
            FROM base.stage_events AS event
            JOIN base.stages AS stage ON stage.id = event.to_stage_id AND stage.kind <> 'open'
            WHERE event.known_at > $as_of AND event.pipeline_id = $pipeline_id
            GROUP BY event.deal_id
        ) AS ending ON ending.deal_id = past.id
        GROUP BY past.score
        """,
        as_of=at,
        pipeline_id=pipeline_id,
    )
    return [(row["score"], row["won"], row["lost"]) for row in rows]


def open_at(pipeline_id: int) -> str:
    """SQL: the deals that stood in the pipeline at `$as_of`, as was known then and as `health.scored` takes them."""
    return f"""
        SELECT
            deal_id AS id,
            stage_id,
            value,
            expected_close,
            owner_id IS NOT NULL AND has_contact AS has_people,
            epoch_us(opened_at) AS opened
        FROM ({as_known("base.")})
        WHERE pipeline_id = {int(pipeline_id)}
    """
