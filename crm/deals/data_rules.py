"""The rules of `crm verify` for deals, their lines and their history: each query returns the ids that break its rule;
`$now` is the current time."""

from crm.deals.activity import history, won_visits

RULES = {
    "a deal in a stage of another pipeline": """
        SELECT deal.id
        FROM base.deals AS deal
        JOIN base.stages AS stage ON stage.id = deal.stage_id
        WHERE stage.pipeline_id <> deal.pipeline_id
    """,
    "a deal whose closing day and stage disagree": """
        SELECT deal.id
        FROM base.deals AS deal
        JOIN base.stages AS stage ON stage.id = deal.stage_id
        WHERE (stage.kind = 'open') <> (deal.closed_on IS NULL)
    """,
    "a deal that stands elsewhere than its movement history says": """
        SELECT deal.id
        FROM base.deals AS deal
        LEFT JOIN (
            SELECT deal_id, arg_max(to_stage_id, id) AS stage_id
            FROM base.stage_events
            GROUP BY deal_id
        ) AS last ON last.deal_id = deal.id
        WHERE last.stage_id IS DISTINCT FROM deal.stage_id
    """,
    "a movement that happened before one that was recorded earlier": """
        SELECT deal_id AS id
        FROM (
            SELECT deal_id, happened_at, lag(happened_at) OVER (PARTITION BY deal_id ORDER BY id) AS before
            FROM base.stage_events
        )
        WHERE happened_at < before
    """,
    "a movement out of a stage in which the deal did not stand": """
        SELECT deal_id AS id
        FROM (
            SELECT
                deal_id,
                from_stage_id,
                lag(to_stage_id) OVER (PARTITION BY deal_id ORDER BY happened_at, id) AS stood
            FROM base.stage_events
        )
        WHERE from_stage_id IS DISTINCT FROM stood
    """,
    "a movement that is still to come, or was known before it happened": """
        SELECT deal_id AS id
        FROM base.stage_events
        WHERE happened_at > $now OR known_at IS NULL OR known_at < happened_at
    """,
    "a closing that does not say how the deal closed": """
        SELECT event.deal_id AS id
        FROM base.stage_events AS event
        JOIN base.stages AS stage ON stage.id = event.to_stage_id
        WHERE CASE WHEN stage.kind = 'open'
            THEN event.kind IN ('won', 'lost') OR event.closed_on IS NOT NULL
            ELSE event.kind <> stage.kind OR event.closed_on IS NULL OR event.currency IS NULL
        END
    """,
    # The day counts in any time zone that the workspace has had, give or take an hour: the engine and the machine may
    # ship different time-zone rules.
    "a closing that happened on another day than its own": """
        SELECT event.deal_id AS id
        FROM base.stage_events AS event
        WHERE event.closed_on IS NOT NULL
          AND event.closed_on NOT IN (
            SELECT ((event.happened_at + to_hours(hours)) AT TIME ZONE zone)::DATE
            FROM (
                SELECT time_zone AS zone FROM base.workspace
                UNION
                SELECT unnest(CAST(particulars->'$.changes.time_zone' AS VARCHAR[]))
                FROM base.events
                WHERE name = 'workspace.changed' AND json_exists(particulars, '$.changes.time_zone')
            ), range(-1, 2) AS grace(hours)
          )
    """,
    "a closed deal whose day or reason is not that of its last closing": """
        SELECT deal.id
        FROM base.deals AS deal
        JOIN (
            SELECT deal_id, arg_max({'day': closed_on, 'reason': close_reason_id}, id) AS closing
            FROM base.stage_events
            GROUP BY deal_id
        ) AS last ON last.deal_id = deal.id
        WHERE (last.closing.day, last.closing.reason) IS DISTINCT FROM (deal.closed_on, deal.close_reason_id)
    """,
    "a deal of another value, date, owner, team or place in the forecast than its last version says": """
        SELECT deal.id
        FROM base.deals AS deal
        LEFT JOIN (
            SELECT
                deal_id,
                arg_max(
                    {
                        'value': value,
                        'currency': currency,
                        'close': expected_close,
                        'chance': own_probability,
                        'category': own_category,
                        'removed': removed,
                        'owner': owner_id,
                        'team': team_id
                    },
                    id
                ) AS was
            FROM base.deal_versions
            GROUP BY deal_id
        ) AS last ON last.deal_id = deal.id
        WHERE last.was IS NULL
           OR last.was.currency <> deal.currency
           OR last.was.close IS DISTINCT FROM deal.expected_close
           OR last.was.owner IS DISTINCT FROM deal.owner_id
           OR last.was.team IS DISTINCT FROM deal.team_id
           OR last.was.chance IS DISTINCT FROM deal.own_probability
           OR last.was.category IS DISTINCT FROM deal.own_category
           OR last.was.removed <> (deal.deleted_at IS NOT NULL)
           OR last.was.value IS DISTINCT FROM coalesce(deal.quoted_value, deal.manual_value)
    """,
    "a version of a deal that is out of order, still to come, or was known before it was true": """
        SELECT deal_id AS id
        FROM (
            SELECT *, lag(happened_at) OVER (PARTITION BY deal_id ORDER BY id) AS before FROM base.deal_versions
        )
        WHERE happened_at < before OR happened_at > $now OR known_at IS NULL OR known_at < happened_at
    """,
    "a deal whose value is not the sum of its lines": """
        SELECT deal.id
        FROM base.deals AS deal
        LEFT JOIN (
            SELECT deal_id, sum(total) AS total FROM base.deal_lines GROUP BY deal_id
        ) AS quoted ON quoted.deal_id = deal.id
        WHERE deal.quoted_value IS DISTINCT FROM quoted.total
           OR (deal.manual_currency IS NULL) <> (quoted.total IS NULL)
    """,
    "a deal whose activity is not what its history says": f"""
        SELECT coalesce(stored.deal_id, computed.deal_id) AS id
        FROM base.deal_activity AS stored
        FULL JOIN ({history.activity()}) AS computed ON computed.deal_id = stored.deal_id
        WHERE (
            stored.deal_id,
            stored.entered_at,
            stored.moved_at,
            stored.edited_at,
            stored.noted_at,
            stored.filed_at,
            stored.pushes
        ) IS DISTINCT FROM (
            computed.deal_id,
            computed.entered_at,
            computed.moved_at,
            computed.edited_at,
            computed.noted_at,
            computed.filed_at,
            computed.pushes
        )
    """,
    "a deal of other visits to stages than those of its history until it was won": f"""
        SELECT deal_id AS id FROM (FROM base.won_visits EXCEPT ALL {won_visits.visits()})
        UNION ALL
        SELECT deal_id FROM ({won_visits.visits()} EXCEPT ALL FROM base.won_visits)
    """,
    "a line that comes to something else than quantity × price less discount": """
        SELECT id
        FROM (
            SELECT id, total, before, CASE discount_kind
                WHEN 'percent' THEN before - before::DOUBLE * discount::DOUBLE / 100
                WHEN 'fixed' THEN before - discount
                ELSE before
            END::DOUBLE AS net
            FROM (SELECT *, quantity::DOUBLE * unit_price::DOUBLE AS before FROM base.deal_lines)
        )
        WHERE abs(total::DOUBLE - net) > 0.5 + before * 1e-9  -- minor units are 1 at most; doubles lose digits
    """,
}
