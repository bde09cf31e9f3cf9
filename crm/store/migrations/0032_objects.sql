-- Custom objects: record types that a team makes without code. The records of type 7 are in base.objects_7, which is made
-- with the type; its fields are attributes of the model object_7, whose columns stand in that table itself.
CREATE SEQUENCE base.object_type_ids;
CREATE TABLE base.object_types (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.object_type_ids'),
    slug_key VARCHAR UNIQUE,  -- the slug; NULL while the type is deleted, which frees it
    slug VARCHAR NOT NULL,  -- its name in addresses of the API; stays when the type is renamed
    singular VARCHAR NOT NULL,
    plural VARCHAR NOT NULL,
    icon VARCHAR NOT NULL,
    primary_field VARCHAR NOT NULL,  -- the key of the field that names the record everywhere
    shared BOOLEAN NOT NULL,  -- everybody sees every record, whatever owner-based privacy says
    position INTEGER NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    deleted_at TIMESTAMPTZ,
    deleted_by BIGINT,
    version INTEGER NOT NULL DEFAULT 1
);

-- What a field of a custom type has beside what every attribute has. A field without a row here has none of it.
CREATE TABLE base.object_fields (
    attribute_id BIGINT PRIMARY KEY,
    required BOOLEAN NOT NULL DEFAULT false,
    key_column VARCHAR  -- where its unique key is stored: key_2 to key_5
);

-- The labels that links to the records of a type may have: student, guardian.
CREATE SEQUENCE base.link_label_ids;
CREATE TABLE base.link_labels (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.link_label_ids'),
    object_kind VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    former VARCHAR[] NOT NULL DEFAULT [],  -- its former names, and those of labels that gave way to it: in saved filters
    position INTEGER NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

-- Links of custom records to contacts and deals, at most one for each two of them.
CREATE SEQUENCE base.link_ids;
CREATE TABLE base.links (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.link_ids'),
    object_kind VARCHAR NOT NULL,
    object_id BIGINT NOT NULL,
    subject_kind VARCHAR NOT NULL,  -- contact or deal
    subject_id BIGINT NOT NULL,
    link_label_id BIGINT,
    linked_on DATE,
    created_by BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    UNIQUE (object_kind, object_id, subject_kind, subject_id)
);

-- Fields of custom types have two types more than attributes; the verbs say which model takes which.
ALTER TABLE base.attributes RENAME TO former_attributes;
CREATE TABLE base.attributes (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.attribute_ids'),
    model VARCHAR NOT NULL,
    key VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    type VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    pattern VARCHAR,  -- a regular expression that texts and links must match as a whole
    hint VARCHAR,  -- the same, in words for people
    version INTEGER DEFAULT 1,
    UNIQUE (model, key)
);
INSERT INTO base.attributes BY NAME SELECT * FROM base.former_attributes ORDER BY id;
DROP TABLE base.former_attributes;
