-- Uploads are kept on disk by content hash; a row here is one person's upload of it.
CREATE SEQUENCE base.upload_ids;
CREATE TABLE base.uploads (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.upload_ids'),
    sha256 VARCHAR NOT NULL,
    file_name VARCHAR NOT NULL,
    size BIGINT NOT NULL,
    created_by BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE SEQUENCE base.job_ids;
CREATE TABLE base.jobs (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.job_ids'),
    kind VARCHAR NOT NULL,
    subject_id BIGINT NOT NULL,
    state VARCHAR NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    message VARCHAR,
    created_by BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    started_at TIMESTAMPTZ,
    finished_at TIMESTAMPTZ
);

CREATE SEQUENCE base.import_ids;
CREATE TABLE base.imports (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.import_ids'),
    kind VARCHAR NOT NULL CHECK (kind IN ('contacts', 'companies', 'deals')),
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
    finished_at TIMESTAMPTZ
);

-- One row a line of the file that was not imported; `cells` is the line as it stands, a JSON list.
CREATE TABLE base.import_rejects (
    import_id BIGINT NOT NULL,
    line BIGINT NOT NULL,
    field VARCHAR,
    reason VARCHAR NOT NULL,
    cells VARCHAR NOT NULL
);

-- One row a record that an import created or updated; `before` is the JSON of what an update replaced. The
-- import itself is one event of the log; this table is its detail, for timelines and for taking an import back.
CREATE TABLE base.import_changes (
    import_id BIGINT NOT NULL,
    line BIGINT NOT NULL,
    subject_kind VARCHAR NOT NULL,
    subject_id BIGINT NOT NULL,
    change VARCHAR NOT NULL CHECK (change IN ('created', 'updated')),
    before VARCHAR
);

CREATE TABLE base.import_mappings (
    kind VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    options VARCHAR NOT NULL,
    created_by BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (kind, name)
);
