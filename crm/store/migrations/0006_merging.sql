-- One row a merge. The absorbed record stays with its own fields and attributes, deleted and without its keys, out of
-- everybody's sight and of the bin: taking the merge back wakes it. `changes` is the JSON of what the survivor's
-- columns were and became, as text: {column: [before, after]}.
CREATE SEQUENCE base.merge_ids;
CREATE TABLE base.merges (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.merge_ids'),
    subject_kind VARCHAR NOT NULL CHECK (subject_kind IN ('contact', 'company')),
    survivor_id BIGINT NOT NULL,
    absorbed_id BIGINT NOT NULL,
    survivor_name VARCHAR NOT NULL,  -- as they were called then, for the timelines of what moved
    absorbed_name VARCHAR NOT NULL,
    changes VARCHAR NOT NULL,
    new_attributes BOOLEAN NOT NULL,  -- the survivor had no row of attributes before
    run_id BIGINT,  -- the run that merged many at once
    created_by BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    undone_by BIGINT,
    undone_at TIMESTAMPTZ
);

-- One row a row of another table that a merge gave to the survivor; `row_pk` is the JSON of its primary key but for
-- the column that names the owner.
CREATE TABLE base.merge_rows (
    merge_id BIGINT NOT NULL,
    table_name VARCHAR NOT NULL,
    row_pk VARCHAR NOT NULL
);

-- Looking for duplicates, merging the pairs found, or taking such merges back: at work in the background.
CREATE SEQUENCE base.duplicate_run_ids;
CREATE TABLE base.duplicate_runs (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.duplicate_run_ids'),
    subject_kind VARCHAR NOT NULL CHECK (subject_kind IN ('contact', 'company')),
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

-- One row a pair that the last scan found, replaced whole by each scan; left_id < right_id. A pair whose records are
-- not both in sight is not either: what was merged or deleted needs no tidying here.
CREATE TABLE base.duplicates (
    subject_kind VARCHAR NOT NULL,
    left_id BIGINT NOT NULL,
    right_id BIGINT NOT NULL,
    score INTEGER NOT NULL,  -- 50 to 99
    reasons VARCHAR[] NOT NULL,  -- keys of crm/records/duplicates/reasons.py
    CHECK (left_id < right_id)
);

-- Pairs that somebody decided are two: no scan brings them up again.
CREATE TABLE base.distinct_pairs (
    subject_kind VARCHAR NOT NULL,
    left_id BIGINT NOT NULL,
    right_id BIGINT NOT NULL,
    created_by BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (subject_kind, left_id, right_id)
);
