-- Visits: what happened at a guest's.
CREATE SEQUENCE base.visit_ids;
CREATE TABLE base.visits (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.visit_ids'),
    code_key VARCHAR UNIQUE,
    name VARCHAR NOT NULL,
    code VARCHAR,
    about VARCHAR,
    email VARCHAR,
    phone VARCHAR,
    site VARCHAR,
    page VARCHAR,
    hours DOUBLE,
    discount DOUBLE,
    price DECIMAL(18, 4),
    currency VARCHAR NOT NULL,
    happens_on DATE,
    indoors BOOLEAN,
    mood VARCHAR,
    contact_id BIGINT,
    owner_id BIGINT,
    team_id BIGINT,
    search VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    deleted_at TIMESTAMPTZ,
    version INTEGER NOT NULL DEFAULT 1
);
CREATE TABLE base.visit_attributes (id BIGINT PRIMARY KEY);
