-- One row a person who was erased for good: the receipt. Nothing in it says who it was. `files` are hashes of uploaded
-- files that are still to be removed from the disk; `counts` says how many rows of what went, `backups` which backups
-- may still hold the person.
CREATE SEQUENCE base.erasure_ids;
CREATE TABLE base.erasures (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.erasure_ids'),
    contact_number BIGINT NOT NULL,
    state VARCHAR NOT NULL CHECK (state IN ('queued', 'erased', 'done')),
    counts VARCHAR NOT NULL DEFAULT '{}',
    files VARCHAR NOT NULL DEFAULT '[]',
    imports VARCHAR NOT NULL DEFAULT '[]',
    backups VARCHAR NOT NULL DEFAULT '[]',
    created_by BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    erased_at TIMESTAMPTZ,
    finished_at TIMESTAMPTZ
);
