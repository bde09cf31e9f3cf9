-- A filter and a search of a list under a name. `user_id` is whose it is; shared ones are everybody's to open, over
-- the records that each may see.
CREATE SEQUENCE base.segment_ids;
CREATE TABLE base.segments (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.segment_ids'),
    kind VARCHAR NOT NULL CHECK (kind IN ('contacts', 'companies')),
    name VARCHAR NOT NULL,
    filter VARCHAR NOT NULL,  -- the filter language as JSON; empty for none
    search VARCHAR NOT NULL,
    user_id BIGINT NOT NULL,
    shared BOOLEAN NOT NULL DEFAULT false,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    version INTEGER NOT NULL DEFAULT 1
);

ALTER TABLE base.workspace ADD COLUMN segment_limit INTEGER DEFAULT 50;

-- What one person likes a page to be: the columns of a list. `value` is JSON.
CREATE TABLE base.preferences (
    user_id BIGINT NOT NULL,
    name VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    PRIMARY KEY (user_id, name)
);

-- One change of many records, made and taken back as a whole. `becomes` is the label, owner or company; NULL for none.
CREATE SEQUENCE base.bulk_change_ids;
CREATE TABLE base.bulk_changes (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.bulk_change_ids'),
    kind VARCHAR NOT NULL CHECK (kind IN ('contacts', 'companies')),
    action VARCHAR NOT NULL
        CHECK (action IN ('add_label', 'remove_label', 'set_owner', 'set_company', 'block', 'unblock', 'delete')),
    becomes BIGINT,
    changed BIGINT NOT NULL,
    created_by BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    undone_by BIGINT,
    undone_at TIMESTAMPTZ
);

-- One row a record that it changed. `version` and `left_at` are the ones it left the record with: where the record has
-- others, somebody touched it since. `from_version` is the one it found. `was` is the owner or company before. `left_because` says why taking the change
-- back left the record as it is; NULL where it was put back, or nothing was taken back yet.
CREATE TABLE base.bulk_change_rows (
    bulk_change_id BIGINT NOT NULL,
    subject_kind VARCHAR NOT NULL,
    subject_id BIGINT NOT NULL,
    from_version INTEGER NOT NULL,
    version INTEGER NOT NULL,
    left_at TIMESTAMPTZ NOT NULL,
    was BIGINT,
    left_because VARCHAR
);
