"""The deals as reports count them: open deals as they were at the moment asked, closed ones as they were when they
closed.

All of it comes from the log. A correction or a new owner after the closing changes no past figure; a deal that was
reopened and closed again counts at its last closing. Whoever reports on the present asks at `history.PRESENT`.
"""

from crm.deals.history import as_known

LEFT_AGAIN = """
    SELECT *
    FROM base.stage_events
    WHERE from_stage_id IN (SELECT id FROM base.stages WHERE kind <> 'open')
"""
"""SQL: the stage events by which closed deals left Won or Lost again."""


def counted(*, with_bin: bool = False) -> str:
    """SQL: the visible deals at `$as_of`, one row each. `with_bin`: also those that lay in the bin then, told by
    `removed`. Title, source and company are those of now: nobody records when they change."""
    return f"""
        SELECT
            known.deal_id AS id,
            deal.title,
            deal.source,
            deal.company_id,
            known.opened_at,
            known.entered_at,
            known.pipeline_id,
            known.stage_id,
            known.status,
            known.position,
            known.probability,
            known.own_probability,
            known.category,
            known.expected_close,
            known.closed_on,
            known.close_reason_id,
            known.removed,
            if(known.status = 'open', known.value, known.closed_value) AS value,
            if(known.status = 'open', known.currency, known.closed_currency) AS currency,
            if(known.status = 'open', known.owner_id, known.closed_owner_id) AS owner_id,
            if(known.status = 'open', known.team_id, known.closed_team_id) AS team_id
        FROM ({as_known(with_bin=with_bin)}) AS known
        JOIN past_deals AS deal ON deal.id = known.deal_id
    """


COUNTED = counted()
"""SQL: as `counted`, without the bin."""
