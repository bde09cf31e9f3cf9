"""Evaluation of the health score: its AUC on the pipeline's own history.

For past moments the score is computed from what was known by then, and compared with how the deals that were open at
that moment ended. AUC is the probability that of a deal won later and a deal lost later the won one had the higher
score (ties count half; Hanley and McNeil 1982): 50 % is a coin toss, 100 % always right.
"""

from datetime import datetime, timedelta
from math import sqrt

from pydantic import BaseModel

from crm.deals import health
from crm.deals.history import as_known
from crm.foundation.language import tr
from crm.store import Reading

# Fixed moments: ones chosen by how a deal went, such as half its life, would leak the answer.
MOMENTS = 6
APART = timedelta(days=60)
FEWEST = 20
"""The fewest won, and lost, deals for a meaningful figure."""


class Worth(BaseModel, frozen=True):
    """The evaluation of a pipeline's score. `auc` is None where too few deals were won or lost."""

    auc: float | None
    low: float | None
    high: float | None
    """`low` and `high` are the 95 % interval."""
    won: int
    lost: int
    computed_at: datetime

    @property
    def why(self) -> str:
        """What the figure says, or why there is none."""
        if self.auc is None:
            return tr(
                "Too few: of the deals that were open at six moments of the past year, {won:,} were won and {lost:,} "
                "lost since; it takes {fewest} of each.",
                won=self.won,
                lost=self.lost,
                fewest=FEWEST,
            )
        return tr(
            "Of two deals that were open in the past, one won and one lost later, the score was higher for the one "
            "that was won in {share} of cases; 50 % would be a coin. {won:,} won and {lost:,} lost, at six moments of "
            "the past year, scored from what was known by then.",
            share=f"{self.auc:.0%}",
            won=self.won,
            lost=self.lost,
        )


def work_out(tx: Reading, pipeline_id: int) -> Worth:
    """Evaluate over six moments, 60 days apart, the last one 60 days ago. Deals that are still open, or moved to
    another pipeline, have no end yet and are not counted; a deal that was open at several moments counts at each."""
    tally: dict[int, tuple[int, int]] = {}
    for number in range(1, MOMENTS + 1):
        for score, won, lost in _ends(tx, pipeline_id, tx.now - number * APART):
            before = tally.get(score, (0, 0))
            tally[score] = (before[0] + won, before[1] + lost)
    won, lost = (sum(ends[side] for ends in tally.values()) for side in (0, 1))
    if won < FEWEST or lost < FEWEST:
        return Worth(auc=None, low=None, high=None, won=won, lost=lost, computed_at=tx.now)
    auc = area(tally)
    # 95 % of a normal distribution are within 1.96 standard errors.
    margin = 1.96 * _standard_error(auc, won, lost)
    low, high = max(0.0, auc - margin), min(1.0, auc + margin)
    return Worth(auc=auc, low=low, high=high, won=won, lost=lost, computed_at=tx.now)


def area(tally: dict[int, tuple[int, int]]) -> float:
    """The AUC of {score: (won, lost)}: the share of pairs in which the won deal scored higher, ties counted half."""
    won, lost = (sum(ends[side] for ends in tally.values()) for side in (0, 1))
    lost_below, right = 0, 0.0
    for score in sorted(tally):
        here = tally[score]
        right += here[0] * (lost_below + here[1] / 2)
        lost_below += here[1]
    return right / (won * lost)


def _standard_error(auc: float, won: int, lost: int) -> float:
    """Standard error by Hanley and McNeil."""
    # It ignores that a deal may count at several moments, so it is a little low.
    of_won, of_lost = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    spread = auc * (1 - auc) + (won - 1) * (of_won - auc**2) + (lost - 1) * (of_lost - auc**2)
    return sqrt(max(spread, 0.0) / (won * lost))


def _ends(tx: Reading, pipeline_id: int, at: datetime) -> list[tuple[int, int, int]]:
    """(score, won, lost) of the deals that were open at the moment, by the first end that was known after it."""
    # By `known_at`, the ends too: a deal whose closing was recorded later, for an earlier day, was open to all then.
    parameters = health.parameters_at(tx, at)
    rows = tx.rows(
        f"""
        SELECT
            past.score,
            count(*) FILTER (WHERE ending.kind = 'won') AS won,
            count(*) FILTER (WHERE ending.kind = 'lost') AS lost
        FROM ({health.scored_in_past(parameters, at, open_at(pipeline_id))}) AS past
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
    """SQL: the deals known to be in the pipeline at `$as_of`, with the columns that `health.scored_in_past` needs."""
    # `base.`: over all deals, visible or not, like the limits. The figure is about the score and reveals nothing of any
    # deal.
    known = as_known(sight="base.deals")
    return health.standing_then(f"SELECT * FROM ({known}) WHERE pipeline_id = {int(pipeline_id)}")
