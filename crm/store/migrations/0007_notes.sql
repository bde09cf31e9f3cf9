-- What people write about a record, in Markdown. The record is a contact, a company or a deal.
CREATE SEQUENCE base.note_ids;
CREATE TABLE base.notes (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.note_ids'),
    subject_kind VARCHAR NOT NULL CHECK (subject_kind IN ('contact', 'company', 'deal')),
    subject_id BIGINT NOT NULL,
    text VARCHAR NOT NULL,
    pinned BOOLEAN NOT NULL DEFAULT false,
    author_id BIGINT NOT NULL,  -- 0: the system
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    version INTEGER NOT NULL DEFAULT 1
);

-- Files beside a record. `media_type` is what the content was found to be, whatever its name claims.
CREATE SEQUENCE base.attachment_ids;
CREATE TABLE base.attachments (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.attachment_ids'),
    subject_kind VARCHAR NOT NULL CHECK (subject_kind IN ('contact', 'company', 'deal')),
    subject_id BIGINT NOT NULL,
    upload_id BIGINT NOT NULL,
    media_type VARCHAR NOT NULL,
    created_by BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

-- Colours of labels have names since they can be chosen.
UPDATE base.labels SET colour = 'gray' WHERE colour NOT IN ('blue', 'green', 'orange', 'violet', 'red', 'gray');
