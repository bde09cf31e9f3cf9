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
