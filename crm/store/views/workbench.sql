CREATE OR REPLACE VIEW visible.sql_queries AS
SELECT query.* EXCLUDE (text), query.text AS sql, person.name AS user_name, team.name AS team_name
FROM base.sql_queries AS query
JOIN base.users AS person ON person.id = query.user_id
LEFT JOIN base.teams AS team ON team.id = query.team_id
WHERE query.user_id = getvariable('actor_id')
   OR query.shared
   OR list_contains(getvariable('team_ids'), query.team_id);

CREATE OR REPLACE VIEW visible.sql_runs AS
SELECT * EXCLUDE (text), text AS sql FROM base.sql_runs WHERE user_id = getvariable('actor_id');
