-- The schema names no types of record, nor what can be done to many of them: the registry says which there are, and the
-- verbs refuse others. A CHECK cannot be altered, so each table that listed them is made anew; the other checks stay.
ALTER TABLE base.notes RENAME TO former_notes;
CREATE TABLE base.notes (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.note_ids'),
    subject_kind VARCHAR NOT NULL,
    subject_id BIGINT NOT NULL,
    text VARCHAR NOT NULL,
    pinned BOOLEAN NOT NULL DEFAULT false,
    author_id BIGINT NOT NULL,  -- 0: the system
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    version INTEGER NOT NULL DEFAULT 1
);
INSERT INTO base.notes BY NAME SELECT * FROM base.former_notes ORDER BY id;
DROP TABLE base.former_notes;

ALTER TABLE base.attachments RENAME TO former_attachments;
CREATE TABLE base.attachments (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.attachment_ids'),
    subject_kind VARCHAR NOT NULL,
    subject_id BIGINT NOT NULL,
    upload_id BIGINT NOT NULL,
    media_type VARCHAR NOT NULL,  -- what the content was found to be, whatever its name claims
    created_by BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
INSERT INTO base.attachments BY NAME SELECT * FROM base.former_attachments ORDER BY id;
DROP TABLE base.former_attachments;

ALTER TABLE base.attributes RENAME TO former_attributes;
CREATE TABLE base.attributes (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.attribute_ids'),
    model VARCHAR NOT NULL,
    key VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    type VARCHAR NOT NULL
        CHECK (type IN ('text', 'number', 'currency', 'percent', 'link', 'date', 'list', 'checkbox')),
    position INTEGER NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    pattern VARCHAR,  -- a regular expression that texts and links must match as a whole
    hint VARCHAR,  -- the same, in words for people
    version INTEGER DEFAULT 1,
    UNIQUE (model, key)
);
INSERT INTO base.attributes BY NAME SELECT * FROM base.former_attributes ORDER BY id;
DROP TABLE base.former_attributes;

ALTER TABLE base.segments RENAME TO former_segments;
CREATE TABLE base.segments (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.segment_ids'),
    kind VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    filter VARCHAR NOT NULL,  -- the filter language as JSON; empty for none
    search VARCHAR NOT NULL,
    user_id BIGINT NOT NULL,
    shared BOOLEAN NOT NULL DEFAULT false,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    version INTEGER NOT NULL DEFAULT 1
);
INSERT INTO base.segments BY NAME SELECT * FROM base.former_segments ORDER BY id;
DROP TABLE base.former_segments;

ALTER TABLE base.imports RENAME TO former_imports;
CREATE TABLE base.imports (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.import_ids'),
    kind VARCHAR NOT NULL,
    upload_id BIGINT NOT NULL,
    state VARCHAR NOT NULL
        CHECK (state IN ('queued', 'running', 'planned', 'done', 'failed', 'cancelled', 'undone')),
    options VARCHAR NOT NULL,  -- JSON: encoding, delimiter, decimal mark, mapping, constants, on_duplicate, dry_run …
    progress DOUBLE NOT NULL DEFAULT 0,  -- 0 to 1
    step VARCHAR NOT NULL DEFAULT '',
    total BIGINT NOT NULL DEFAULT 0,
    created BIGINT NOT NULL DEFAULT 0,
    updated BIGINT NOT NULL DEFAULT 0,
    unchanged BIGINT NOT NULL DEFAULT 0,
    skipped BIGINT NOT NULL DEFAULT 0,
    rejected BIGINT NOT NULL DEFAULT 0,
    message VARCHAR,
    header VARCHAR NOT NULL DEFAULT '[]',  -- JSON: the file's column names
    found VARCHAR NOT NULL DEFAULT '{}',  -- JSON: what was detected
    sample VARCHAR NOT NULL DEFAULT '{}',  -- JSON: the first rows of each outcome of a dry run
    created_by BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ,
    begun_at TIMESTAMPTZ,  -- when the worker took it up last
    conflicts BIGINT DEFAULT 0,  -- of the rejected
    undo_state VARCHAR,  -- queued, running, failed, done; NULL where nobody asked
    undo_by BIGINT,
    undo_ended_at TIMESTAMPTZ,
    undone VARCHAR DEFAULT '{}'  -- JSON: what became of its records
);
INSERT INTO base.imports BY NAME SELECT * FROM base.former_imports ORDER BY id;
DROP TABLE base.former_imports;

ALTER TABLE base.merges RENAME TO former_merges;
CREATE TABLE base.merges (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.merge_ids'),
    subject_kind VARCHAR NOT NULL,
    survivor_id BIGINT NOT NULL,
    absorbed_id BIGINT NOT NULL,
    survivor_name VARCHAR NOT NULL,  -- as they were called then, for the timelines of what moved
    absorbed_name VARCHAR NOT NULL,
    changes VARCHAR NOT NULL,  -- JSON: what the survivor's columns were and became, {column: [before, after]}
    new_attributes BOOLEAN NOT NULL,  -- the survivor had no row of attributes before
    run_id BIGINT,  -- the run that merged many at once
    created_by BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    undone_by BIGINT,
    undone_at TIMESTAMPTZ
);
INSERT INTO base.merges BY NAME SELECT * FROM base.former_merges ORDER BY id;
DROP TABLE base.former_merges;

ALTER TABLE base.duplicate_runs RENAME TO former_duplicate_runs;
CREATE TABLE base.duplicate_runs (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.duplicate_run_ids'),
    subject_kind VARCHAR NOT NULL,
    task VARCHAR NOT NULL CHECK (task IN ('scan', 'merge', 'unmerge')),
    state VARCHAR NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    least_score INTEGER NOT NULL DEFAULT 0,
    reason VARCHAR,
    search VARCHAR NOT NULL DEFAULT '',
    of_run_id BIGINT,  -- the run whose merges are taken back
    total BIGINT NOT NULL DEFAULT 0,
    done BIGINT NOT NULL DEFAULT 0,
    left_alone BIGINT NOT NULL DEFAULT 0,
    message VARCHAR,
    created_by BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ
);
INSERT INTO base.duplicate_runs BY NAME SELECT * FROM base.former_duplicate_runs ORDER BY id;
DROP TABLE base.former_duplicate_runs;

ALTER TABLE base.bulk_changes RENAME TO former_bulk_changes;
CREATE TABLE base.bulk_changes (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.bulk_change_ids'),
    kind VARCHAR NOT NULL,
    action VARCHAR NOT NULL,
    becomes BIGINT,  -- the label, owner, company or stage; NULL for none
    changed BIGINT NOT NULL,
    created_by BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    undone_by BIGINT,
    undone_at TIMESTAMPTZ,
    refused BIGINT NOT NULL DEFAULT 0,  -- records that the change would not be made to
    closed_on DATE,  -- with the two below: what many deals were closed with
    close_reason_id BIGINT,
    close_note VARCHAR
);
INSERT INTO base.bulk_changes BY NAME SELECT * FROM base.former_bulk_changes ORDER BY id;
DROP TABLE base.former_bulk_changes;
