"""The rules of `crm verify` for targets."""

from crm.foundation.language import later

RULES = {
    later("a target of more than one owner, team and pipeline"): """
        SELECT id
        FROM base.targets
        WHERE (owner_id IS NOT NULL)::INTEGER + (team_id IS NOT NULL)::INTEGER + (pipeline_id IS NOT NULL)::INTEGER > 1
    """,
    later("a target that does not begin with its month or quarter"): """
        SELECT id FROM base.targets WHERE first_day <> date_trunc(grain, first_day)
    """,
    later("two targets of one subject for the same days"): """
        SELECT later.id
        FROM base.targets AS earlier
        JOIN base.targets AS later
            ON later.id > earlier.id
            AND later.owner_id IS NOT DISTINCT FROM earlier.owner_id
            AND later.team_id IS NOT DISTINCT FROM earlier.team_id
            AND later.pipeline_id IS NOT DISTINCT FROM earlier.pipeline_id
            AND (
                later.first_day = earlier.first_day
                OR (
                    later.grain <> earlier.grain
                    AND date_trunc('quarter', later.first_day) = date_trunc('quarter', earlier.first_day)
                )
            )
    """,
}
