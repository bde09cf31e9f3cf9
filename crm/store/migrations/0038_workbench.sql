-- Queries in SQL under a name. `parameters` is a JSON list of {"name", "type", "value"}.
CREATE SEQUENCE base.sql_query_ids;
CREATE TABLE base.sql_queries (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.sql_query_ids'),
    name VARCHAR NOT NULL,
    description VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    parameters VARCHAR NOT NULL,
    user_id BIGINT NOT NULL,
    shared BOOLEAN NOT NULL DEFAULT false,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    version INTEGER NOT NULL DEFAULT 1
);

-- What each person ran, the last few hundred: one row a run. `saved_as` is the saved query that it was then, which may
-- be gone; `message` says why it was refused or stopped.
CREATE SEQUENCE base.sql_run_ids;
CREATE TABLE base.sql_runs (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.sql_run_ids'),
    user_id BIGINT NOT NULL,
    saved_as BIGINT,
    text VARCHAR NOT NULL,
    state VARCHAR NOT NULL CHECK (state IN ('done', 'refused', 'stopped')),
    message VARCHAR NOT NULL,
    result_rows BIGINT NOT NULL,
    milliseconds BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
