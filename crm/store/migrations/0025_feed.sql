-- One change feed. What changes of many records kept too little of: what an import made of each record (JSON by field),
-- which labels a record had and got, and which rows that a merge had moved did not go back when it was undone.
ALTER TABLE base.import_changes ADD COLUMN after VARCHAR;
ALTER TABLE base.bulk_change_rows ADD COLUMN was_labels VARCHAR[];
ALTER TABLE base.bulk_change_rows ADD COLUMN became_labels VARCHAR[];
ALTER TABLE base.merge_rows ADD COLUMN stayed BOOLEAN;

-- How far each reader has read: after the row of record `id` of `kind` that event `seq` tells of.
CREATE TABLE base.feed_cursors (
    reader VARCHAR PRIMARY KEY,
    seq BIGINT NOT NULL,
    kind VARCHAR NOT NULL,
    id BIGINT NOT NULL,
    moved_at TIMESTAMPTZ NOT NULL
);
INSERT INTO base.feed_cursors SELECT 'notifications', seq + 1, '', 0, now() FROM base.told_until;
DROP TABLE base.told_until;

-- What they told of records, the feed tells.
DROP VIEW IF EXISTS visible.bulk_history;
DROP VIEW IF EXISTS everything.bulk_history;
DROP VIEW IF EXISTS visible.merge_history;
DROP VIEW IF EXISTS everything.merge_history;
