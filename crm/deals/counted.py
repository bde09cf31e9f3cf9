"""The deals as reports count them: an open one as it stands, a closed one as it was when it closed.

What is corrected or handed over after a closing changes no past figure. A deal that was reopened and closed again
counts at its last closing.
"""

OPEN = "SELECT deal.* FROM deals AS deal WHERE status = 'open'"

LEFT_AGAIN = """
    SELECT *
    FROM base.stage_events
    WHERE from_stage_id IN (SELECT id FROM base.stages WHERE kind <> 'open')
"""
"""SQL: the events by which closed deals left Won or Lost again."""

CLOSED = f"""
    SELECT
        deal.* REPLACE (
            closing.closed_on AS closed_on,
            closing.value AS value,
            closing.currency AS currency,
            closing.owner_id AS owner_id,
            closing.team_id AS team_id
        )
    FROM base.stage_events AS closing
    ANTI JOIN ({LEFT_AGAIN}) AS left_again
        ON left_again.deal_id = closing.deal_id AND left_again.id > closing.id
    JOIN deals AS deal ON deal.id = closing.deal_id
    WHERE closing.closed_on IS NOT NULL
"""
"""SQL: the columns of the visible deals. `base`: the closings of what one may not see meet no deal. The last closing is
the one that the deal never left again: few are, so this is found sooner than the last of each deal. The day is the
closing's too, so that a period is asked of the closings before they meet their deals."""

COUNTED = f"{OPEN} UNION ALL {CLOSED}"
