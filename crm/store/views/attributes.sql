CREATE OR REPLACE VIEW visible.attribute_values AS
SELECT * FROM base.attribute_values WHERE getvariable('actor_id') IS NOT NULL;

CREATE OR REPLACE VIEW visible.deleted_attributes AS
SELECT * FROM base.deleted_attributes WHERE getvariable('actor_id') IS NOT NULL;
