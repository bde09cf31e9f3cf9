-- A job that is done again tomorrow, or a mail that is tried again later, waits for its time.
ALTER TABLE base.jobs ADD COLUMN not_before TIMESTAMPTZ;

ALTER TABLE base.imports ADD COLUMN begun_at TIMESTAMPTZ;  -- when the worker took it up last
ALTER TABLE base.imports ADD COLUMN conflicts BIGINT DEFAULT 0;  -- of the rejected
ALTER TABLE base.imports ADD COLUMN undo_state VARCHAR;  -- queued, running, failed, done; NULL where nobody asked
ALTER TABLE base.imports ADD COLUMN undo_by BIGINT;
ALTER TABLE base.imports ADD COLUMN undo_ended_at TIMESTAMPTZ;
ALTER TABLE base.imports ADD COLUMN undone VARCHAR DEFAULT '{}';  -- JSON: what became of its records
ALTER TABLE base.import_rejects ADD COLUMN conflict BOOLEAN DEFAULT false;

-- The version that the import left its record in: one that has another now was touched since. NULL in imports of
-- before; those are told by the time of their last change.
ALTER TABLE base.import_changes ADD COLUMN version INTEGER;
ALTER TABLE base.import_changes ADD COLUMN from_version INTEGER;  -- the one it found the record in

-- One row a record that the undoing of an import left as it was, and why.
CREATE TABLE base.import_left (
    import_id BIGINT NOT NULL,
    line BIGINT NOT NULL,
    subject_kind VARCHAR NOT NULL,
    subject_id BIGINT NOT NULL,
    reason VARCHAR NOT NULL
);

-- Mail to people of the team that waits to be sent. Once it is sent its text is gone.
CREATE SEQUENCE base.mail_ids;
CREATE TABLE base.mails (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.mail_ids'),
    user_id BIGINT NOT NULL,
    subject VARCHAR NOT NULL,
    body VARCHAR NOT NULL,
    state VARCHAR NOT NULL CHECK (state IN ('queued', 'sent', 'failed')),
    tries INTEGER NOT NULL,
    error VARCHAR,
    created_at TIMESTAMPTZ NOT NULL,
    sent_at TIMESTAMPTZ
);
