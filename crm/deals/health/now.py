"""The current health of every open deal, as a relation for filters, sorts and totals."""

from crm.deals.health.parameters import parameters
from crm.deals.health.scoring_sql import OPEN_NOW, scored
from crm.store import Reading


def now(tx: Reading, *, lasting: bool = False) -> str:
    """SQL of a relation: id, status, score and idle_days of each open deal that the actor sees.

    Computed once per snapshot into a temporary table, however many conditions and sorts use it. With `lasting` it is
    the whole query instead, for SQL that is used after the snapshot ends.
    """
    every = f"SELECT id, status, score, idle_days FROM ({scored(parameters(tx), tx.now, OPEN_NOW)})"
    if lasting:
        return f"({every})"
    tx.create_temp_table_once("health_now", every)
    return "temp.health_now"
