"""The health of every open deal as of now, for whatever filters, sorts or counts by it."""

from crm.deals.health.scoring import OPEN_NOW, ground, scored
from crm.store import Reading


def now(tx: Reading, *, lasting: bool = False) -> str:
    """SQL, to stand behind FROM: id, status, score and idle_days of each open deal that the actor sees.

    Worked out once a look, however many conditions, orders and totals of it ask. Where the SQL is to outlast the look,
    each that asks works it out.
    """
    every = f"SELECT id, status, score, idle_days FROM ({scored(ground(tx), OPEN_NOW)})"
    if lasting:
        return f"({every})"
    tx.create_temp_table_once("health_now", every)
    return "temp.health_now"
