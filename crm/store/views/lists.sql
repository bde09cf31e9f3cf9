CREATE OR REPLACE VIEW visible.segments AS
SELECT segment.*, person.name AS user_name
FROM base.segments AS segment
JOIN base.users AS person ON person.id = segment.user_id
WHERE segment.user_id = getvariable('actor_id') OR segment.shared;

CREATE OR REPLACE VIEW visible.preferences AS
SELECT * FROM base.preferences WHERE user_id = getvariable('actor_id');

CREATE OR REPLACE VIEW visible.bulk_changes AS
SELECT * FROM base.bulk_changes
-- narrow
WHERE created_by = getvariable('actor_id')
-- wide
;
