"""The order of deals within a stage: ascending ranks with gaps, so that a move updates one row.

Everybody shares the ranks, so bounds are read from `base.deals`; a neighbour that a person names is looked up among
their visible deals.
"""

from crm.pipelines import RANK_STEP
from crm.store import Reading, Writing


def place(tx: Writing, deal_id: int, stage_id: int, before: int | None, after: int | None) -> int:
    """A rank in the stage just above `before`, else just below `after`, else on top. A neighbour that has left the
    stage meanwhile is ignored."""
    rank = _between(tx, deal_id, stage_id, before, after)
    if rank is None:
        _number_anew(tx, stage_id)
        rank = _between(tx, deal_id, stage_id, before, after)
    assert rank is not None, "a stage numbered anew has gaps everywhere"  # noqa: S101
    return rank


def _between(tx: Reading, deal_id: int, stage_id: int, before: int | None, after: int | None) -> int | None:
    """The rank, None where no gap is left between the neighbours."""
    if before is None and after is None:
        top: int | None = tx.value(
            "SELECT min(rank) FROM base.deals WHERE stage_id = $stage AND id <> $deal", stage=stage_id, deal=deal_id
        )
        return (top or 0) - RANK_STEP
    # One statement for all neighbours: planning takes most of the time of each.
    bounds = tx.row(
        """
        WITH
        place AS (
            SELECT id, rank, id IS NOT DISTINCT FROM $before AS is_below
            FROM deals
            WHERE stage_id = $stage AND id <> $deal AND (id = $before OR id = $after)
            ORDER BY is_below DESC
            LIMIT 1
        ),
        others AS (
            SELECT id, rank FROM base.deals WHERE stage_id = $stage AND id <> $deal
        )
        SELECT
            min(others.rank) AS top,
            any_value(place.rank) AS neighbour,
            any_value(place.is_below) AS is_below,
            max(others.rank) FILTER ((others.rank, others.id) < (place.rank, place.id)) AS above,
            min(others.rank) FILTER ((others.rank, others.id) > (place.rank, place.id)) AS below
        FROM others
        LEFT JOIN place ON true
        """,
        stage=stage_id,
        deal=deal_id,
        before=before,
        after=after,
    )
    if bounds["neighbour"] is None:
        return (bounds["top"] or 0) - RANK_STEP
    if bounds["is_below"]:
        low, high = bounds["above"], bounds["neighbour"]
    else:
        low, high = bounds["neighbour"], bounds["below"]
    if low is None:
        return int(high) - RANK_STEP
    if high is None:
        return int(low) + RANK_STEP
    middle = (int(low) + int(high)) // 2
    return middle if low < middle < high else None


def _number_anew(tx: Writing, stage_id: int) -> None:
    """Give the stage's deals new ranks with even gaps, in their order. No version changes."""
    tx.run(
        """
        UPDATE base.deals SET rank = spread.rank
        FROM (
            SELECT id, row_number() OVER (ORDER BY rank, id) * $step AS rank
            FROM base.deals
            WHERE stage_id = $stage
            ORDER BY id
        ) AS spread
        WHERE deals.id = spread.id
        """,
        stage=stage_id,
        step=RANK_STEP,
    )
