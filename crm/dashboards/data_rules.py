"""The rules of `crm verify` for schedules of dashboards."""

from crm.foundation.language import later

RULES = {
    later("a schedule without the day that it is for"): """
        SELECT id
        FROM base.dashboard_schedules
        WHERE (every = 'week') <> (weekday IS NOT NULL) OR (every = 'month') <> (month_day IS NOT NULL)
    """,
    later("a schedule by which a dashboard is mailed to nobody"): """
        SELECT id
        FROM base.dashboard_schedules
        WHERE id NOT IN (SELECT dashboard_schedule_id FROM base.dashboard_recipients)
    """,
}
