CREATE OR REPLACE VIEW visible.saved_views AS
SELECT view.*, person.name AS user_name
FROM base.saved_views AS view
JOIN base.users AS person ON person.id = view.user_id
WHERE (view.user_id = getvariable('actor_id') OR view.shared) AND list_contains(getvariable('modules'), 'crm');
