CREATE TABLE base.deal_labels (
    deal_id BIGINT NOT NULL,
    label_id BIGINT NOT NULL,
    PRIMARY KEY (deal_id, label_id)
);

-- How somebody looks at a pipeline, under a name: as board, table or calendar, narrowed and sorted. `owner` and `period`
-- are words of the page's address, so that “mine” is each person's own; `columns` is a JSON list of keys, empty for the
-- columns that each person chose.
CREATE SEQUENCE base.saved_view_ids;
CREATE TABLE base.saved_views (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.saved_view_ids'),
    pipeline_id BIGINT NOT NULL,
    kind VARCHAR NOT NULL CHECK (kind IN ('board', 'table', 'calendar')),
    name VARCHAR NOT NULL,
    filter VARCHAR NOT NULL,  -- the filter language as JSON; empty for none
    search VARCHAR NOT NULL,
    owner VARCHAR NOT NULL,
    period VARCHAR NOT NULL,
    sort VARCHAR NOT NULL,
    columns VARCHAR NOT NULL,
    user_id BIGINT NOT NULL,
    shared BOOLEAN NOT NULL DEFAULT false,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    version INTEGER NOT NULL DEFAULT 1
);

ALTER TABLE base.workspace ADD COLUMN saved_view_limit INTEGER DEFAULT 50;

-- Deals can be changed many at once too: a CHECK cannot be altered, so the table is made anew. `becomes` is also the
-- stage of a move; `closed_on`, `close_reason_id` and `close_note` are what many deals were closed with. `refused` counts
-- the records that the change would not be made to.
ALTER TABLE base.bulk_changes RENAME TO former_bulk_changes;
CREATE TABLE base.bulk_changes (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.bulk_change_ids'),
    kind VARCHAR NOT NULL CHECK (kind IN ('contacts', 'companies', 'deals')),
    action VARCHAR NOT NULL CHECK (action IN (
        'add_label', 'remove_label', 'set_owner', 'set_company', 'block', 'unblock', 'delete', 'move', 'win', 'lose'
    )),
    becomes BIGINT,
    changed BIGINT NOT NULL,
    created_by BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    undone_by BIGINT,
    undone_at TIMESTAMPTZ,
    refused BIGINT NOT NULL DEFAULT 0,
    closed_on DATE,
    close_reason_id BIGINT,
    close_note VARCHAR
);
INSERT INTO base.bulk_changes BY NAME SELECT * FROM base.former_bulk_changes;
DROP TABLE base.former_bulk_changes;

-- Where a deal stood before it was moved or closed; `was` is its stage, `became` the one that it was brought to.
ALTER TABLE base.bulk_change_rows ADD COLUMN became BIGINT;
ALTER TABLE base.bulk_change_rows ADD COLUMN was_rank BIGINT;
ALTER TABLE base.bulk_change_rows ADD COLUMN was_closed_on DATE;
ALTER TABLE base.bulk_change_rows ADD COLUMN was_close_reason_id BIGINT;
ALTER TABLE base.bulk_change_rows ADD COLUMN was_close_note VARCHAR;

-- One row a record that a change was asked for and refused of, with why.
CREATE TABLE base.bulk_change_refusals (
    bulk_change_id BIGINT NOT NULL,
    subject_kind VARCHAR NOT NULL,
    subject_id BIGINT NOT NULL,
    because VARCHAR NOT NULL,
    PRIMARY KEY (bulk_change_id, subject_kind, subject_id)
);
