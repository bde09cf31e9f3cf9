CREATE OR REPLACE VIEW visible.dashboards AS
SELECT dashboard.*, person.name AS user_name, team.name AS team_name
FROM base.dashboards AS dashboard
JOIN base.users AS person ON person.id = dashboard.user_id
LEFT JOIN base.teams AS team ON team.id = dashboard.team_id
WHERE (
    dashboard.user_id = getvariable('actor_id')
    OR dashboard.shared
    OR list_contains(getvariable('team_ids'), dashboard.team_id)
) AND list_contains(getvariable('modules'), 'crm');

CREATE OR REPLACE VIEW visible.dashboard_schedules AS
SELECT
    schedule.*,
    person.name AS user_name,
    dashboard.name AS dashboard_name,
    recipient.ids AS recipient_ids
FROM base.dashboard_schedules AS schedule
JOIN base.users AS person ON person.id = schedule.user_id
LEFT JOIN visible.dashboards AS dashboard ON dashboard.id = schedule.dashboard_id
LEFT JOIN (
    SELECT dashboard_schedule_id, list(user_id) AS ids
    FROM base.dashboard_recipients
    GROUP BY dashboard_schedule_id
) AS recipient ON recipient.dashboard_schedule_id = schedule.id
WHERE (schedule.dashboard_id IS NULL OR dashboard.id IS NOT NULL) AND list_contains(getvariable('modules'), 'crm');
