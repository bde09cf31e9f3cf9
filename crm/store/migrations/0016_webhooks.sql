-- What senders of webhooks sign with, one for each source of orders, and for a day its former one. It has to be known to
-- check a signature, so it is kept as it is: no view shows it, and nothing reads it but the check.
CREATE SEQUENCE base.webhook_secret_ids;
CREATE TABLE base.webhook_secrets (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.webhook_secret_ids'),
    source VARCHAR NOT NULL CHECK (source IN ('webhook', 'commerce', 'payments')),
    secret VARCHAR NOT NULL,
    created_by BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ
);

-- Signed messages as they came. `answered` is the message's id where it was taken in, once for each: the same message
-- again is answered from this row. One that was refused may come again.
CREATE SEQUENCE base.webhook_delivery_ids;
CREATE TABLE base.webhook_deliveries (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.webhook_delivery_ids'),
    source VARCHAR NOT NULL CHECK (source IN ('webhook', 'commerce', 'payments')),
    message_id VARCHAR NOT NULL,
    answered VARCHAR,
    received_at TIMESTAMPTZ NOT NULL,
    status INTEGER NOT NULL,
    order_id BIGINT,
    created BOOLEAN,
    field VARCHAR,
    reason VARCHAR,
    UNIQUE (source, answered)
);

-- Orders can be imported too: a CHECK cannot be altered, so the table is made anew.
ALTER TABLE base.imports RENAME TO former_imports;
CREATE TABLE base.imports (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.import_ids'),
    kind VARCHAR NOT NULL CHECK (kind IN ('contacts', 'companies', 'deals', 'orders')),
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
INSERT INTO base.imports BY NAME SELECT * FROM base.former_imports;
DROP TABLE base.former_imports;
