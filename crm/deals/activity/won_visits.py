"""How long the deals that are won stood in each stage: `base.won_visits`, one row a completed visit.

A visit ends with the deal's next event, of any kind. A deal that is reopened or lost has no rows until it is won again.
`stood` is in microseconds.
"""

from crm.store import Writing

EVERY = "IS NOT NULL"


def visits(deals: str = EVERY, known: str = EVERY) -> str:
    """SQL: stage_event_id, deal_id, stage_id, stood, from the history of the deals that are won. `deals` is the
    condition on their ids, `known` the one on the moment at which an event became known."""
    return f"""
        SELECT stage_event_id, deal_id, stage_id, stood
        FROM (
            SELECT
                id AS stage_event_id,
                deal_id,
                to_stage_id AS stage_id,
                epoch_us(lead(happened_at) OVER following) - epoch_us(happened_at) AS stood,
                last_value(to_stage_id) OVER (following ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
                    AS stands_in
            FROM base.stage_events
            WHERE deal_id {deals} AND known_at {known}
            WINDOW following AS (PARTITION BY deal_id ORDER BY happened_at, id)
        )
        WHERE stood IS NOT NULL AND stands_in IN (SELECT id FROM base.stages WHERE kind = 'won')
    """


def add(tx: Writing, deals: str = EVERY, **params: object) -> int:
    """Insert the visits of the deals of the condition that are won; how many. They have no rows before."""
    return tx.run(f"INSERT INTO base.won_visits {visits(deals)} ORDER BY stage_event_id", **params)


def recompute(tx: Writing, deals: str, **params: object) -> None:
    """After the history of the deals of the condition changed: replace their visits."""
    tx.run(f"DELETE FROM base.won_visits WHERE deal_id {deals}", **params)
    add(tx, deals, **params)
