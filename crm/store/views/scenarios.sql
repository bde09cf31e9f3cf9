CREATE OR REPLACE VIEW visible.forecast_scenarios AS
SELECT scenario.*, person.name AS user_name
FROM base.forecast_scenarios AS scenario
JOIN base.users AS person ON person.id = scenario.user_id
WHERE list_contains(getvariable('modules'), 'crm')
  AND (scenario.user_id = getvariable('actor_id') OR scenario.shared);
