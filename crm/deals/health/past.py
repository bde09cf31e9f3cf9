"""The health of one deal as of a past moment, in short."""

from datetime import datetime

from crm.deals.health.parameters import parameters_at
from crm.deals.health.penalties import Penalty
from crm.deals.health.reading import Glance
from crm.deals.health.scoring_sql import scored_in_past, standing_then
from crm.deals.history import as_known
from crm.store import Reading


def as_of(tx: Reading, deal_id: int, at: datetime) -> Glance | None:
    """The health of a visible deal as of a moment, by what was known then; None where it was not open, or not there.

    Weights, limits set by hand and due dates are those of now, and a note, file or checklist item that was deleted
    since does not count: nothing else of them is kept.
    """
    rows = tx.rows(
        scored_in_past(parameters_at(tx, at), at, standing_then(as_known(one=True))), deal_id=deal_id, as_of=at
    )
    if not rows:
        return None
    (row,) = rows
    faults = tuple(penalty for penalty in Penalty if row[f"at_fault_{penalty}"])
    return Glance(score=row["score"], status=row["status"], idle_days=row["idle_days"], reasons=faults)
