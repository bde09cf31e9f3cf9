-- Custom types and what their fields have beside what every attribute has, for everybody: names, no records.
CREATE OR REPLACE VIEW visible.object_types AS
SELECT * EXCLUDE (slug_key, deleted_at, deleted_by)
FROM base.object_types
WHERE deleted_at IS NULL AND list_contains(getvariable('modules'), 'objects');

CREATE OR REPLACE VIEW visible.deleted_object_types AS
SELECT * EXCLUDE (slug_key)
FROM base.object_types
WHERE deleted_at IS NOT NULL AND list_contains(getvariable('modules'), 'objects');

CREATE OR REPLACE VIEW visible.object_fields AS
SELECT * FROM base.object_fields WHERE list_contains(getvariable('modules'), 'objects');

CREATE OR REPLACE VIEW visible.link_labels AS
SELECT * FROM base.link_labels WHERE list_contains(getvariable('modules'), 'objects');
