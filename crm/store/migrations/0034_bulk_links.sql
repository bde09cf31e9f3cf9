-- Bulk changes that link records to one record, or unlink them from it: which, as what and since when; and of each
-- record the link that was made or removed. `becomes` is the id of that one record.
ALTER TABLE base.bulk_changes ADD COLUMN linked_kind VARCHAR;
ALTER TABLE base.bulk_changes ADD COLUMN link_label_id BIGINT;
ALTER TABLE base.bulk_changes ADD COLUMN linked_on DATE;
ALTER TABLE base.bulk_change_rows ADD COLUMN link_id BIGINT;
