-- Rules of the house: BIGINT keys; UNIQUE only inside CREATE TABLE; no CREATE INDEX, no foreign keys, no triggers
-- (DESIGN measured what each of them costs). A "key" column is the normal form of its neighbour, NULL while the
-- record is in the bin, so that a deleted record frees its keys.
CREATE SCHEMA base;
CREATE SCHEMA visible;
CREATE SCHEMA everything;

CREATE TABLE base.migrations (
    number INTEGER PRIMARY KEY,
    name VARCHAR NOT NULL,
    applied_at TIMESTAMPTZ NOT NULL
);

-- The one log. `hash` chains each row to the one before it; see crm/store/events.py.
CREATE TABLE base.events (
    seq BIGINT PRIMARY KEY,
    happened_at TIMESTAMPTZ NOT NULL,
    actor_id BIGINT NOT NULL,
    actor_name VARCHAR NOT NULL,
    door VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    subject_kind VARCHAR NOT NULL,
    subject_id BIGINT NOT NULL,
    particulars VARCHAR NOT NULL,
    hash VARCHAR NOT NULL
);

CREATE TABLE base.workspace (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    name VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    time_zone VARCHAR NOT NULL,
    region VARCHAR NOT NULL,
    locale VARCHAR NOT NULL,
    owner_privacy BOOLEAN NOT NULL
);
INSERT INTO base.workspace VALUES (1, 'Mallard', 'BRL', 'America/Sao_Paulo', 'BR', 'en', false);

CREATE TABLE base.modules (
    module VARCHAR PRIMARY KEY,
    enabled BOOLEAN NOT NULL
);
INSERT INTO base.modules VALUES
    ('crm', true), ('companies', true), ('orders', false), ('objects', false), ('catalog', false), ('conversations', false);

CREATE SEQUENCE base.user_ids;
CREATE TABLE base.users (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.user_ids'),
    email VARCHAR NOT NULL,
    email_key VARCHAR UNIQUE NOT NULL,
    name VARCHAR NOT NULL,
    role VARCHAR NOT NULL CHECK (role IN ('administrator', 'manager', 'rep', 'analyst', 'viewer')),
    active BOOLEAN NOT NULL,
    password_hash VARCHAR,
    identity VARCHAR UNIQUE,  -- OpenID Connect: issuer + ' ' + subject
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE base.grants (
    user_id BIGINT NOT NULL,
    permission VARCHAR NOT NULL,
    PRIMARY KEY (user_id, permission)
);

CREATE SEQUENCE base.team_ids;
CREATE TABLE base.teams (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.team_ids'),
    name VARCHAR UNIQUE NOT NULL
);

CREATE TABLE base.team_members (
    team_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    PRIMARY KEY (team_id, user_id)
);

CREATE TABLE base.sessions (
    id_hash VARCHAR PRIMARY KEY,
    user_id BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    last_seen_at TIMESTAMPTZ NOT NULL
);

CREATE SEQUENCE base.token_ids;
CREATE TABLE base.tokens (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.token_ids'),
    user_id BIGINT NOT NULL,
    name VARCHAR NOT NULL,
    secret_hash VARCHAR NOT NULL,
    scopes VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ,
    last_used_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ
);

CREATE TABLE base.idempotency_keys (
    user_id BIGINT NOT NULL,
    key VARCHAR NOT NULL,
    request_hash VARCHAR NOT NULL,
    status INTEGER NOT NULL,
    body VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (user_id, key)
);

CREATE SEQUENCE base.notice_ids;
CREATE TABLE base.notices (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.notice_ids'),
    user_id BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    text VARCHAR NOT NULL,
    link VARCHAR,
    read_at TIMESTAMPTZ
);

CREATE SEQUENCE base.attribute_ids;
CREATE TABLE base.attributes (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.attribute_ids'),
    model VARCHAR NOT NULL CHECK (model IN ('contact', 'company', 'conversation', 'deal')),
    key VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    type VARCHAR NOT NULL
        CHECK (type IN ('text', 'number', 'currency', 'percent', 'link', 'date', 'list', 'checkbox')),
    position INTEGER NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (model, key)
);
-- Values stand in typed columns `a_<key>`, added by crm/records/attributes as definitions are made.
CREATE TABLE base.contact_attributes (id BIGINT PRIMARY KEY);
CREATE TABLE base.company_attributes (id BIGINT PRIMARY KEY);
CREATE TABLE base.deal_attributes (id BIGINT PRIMARY KEY);

CREATE SEQUENCE base.label_ids;
CREATE TABLE base.labels (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.label_ids'),
    name VARCHAR NOT NULL,
    name_key VARCHAR UNIQUE NOT NULL,
    colour VARCHAR NOT NULL
);

CREATE SEQUENCE base.company_ids;
CREATE TABLE base.companies (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.company_ids'),
    name VARCHAR NOT NULL,
    domain VARCHAR,
    domain_key VARCHAR UNIQUE,
    description VARCHAR,
    owner_id BIGINT,
    team_id BIGINT,
    search VARCHAR NOT NULL,  -- what the search box looks in: identity.search_text(...)
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    deleted_at TIMESTAMPTZ,
    version INTEGER NOT NULL DEFAULT 1
);

CREATE SEQUENCE base.contact_ids;
CREATE TABLE base.contacts (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.contact_ids'),
    name VARCHAR,
    email VARCHAR,
    email_key VARCHAR UNIQUE,
    phone VARCHAR,
    phone_key VARCHAR UNIQUE,
    identifier VARCHAR,
    identifier_key VARCHAR UNIQUE,
    city VARCHAR,
    country VARCHAR,
    company_id BIGINT,
    blocked BOOLEAN NOT NULL DEFAULT false,
    owner_id BIGINT,
    team_id BIGINT,
    search VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    deleted_at TIMESTAMPTZ,
    version INTEGER NOT NULL DEFAULT 1,
    CHECK (name IS NOT NULL OR email IS NOT NULL OR phone IS NOT NULL)
);

CREATE TABLE base.contact_labels (
    contact_id BIGINT NOT NULL,
    label_id BIGINT NOT NULL,
    PRIMARY KEY (contact_id, label_id)
);

CREATE SEQUENCE base.pipeline_ids;
CREATE TABLE base.pipelines (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.pipeline_ids'),
    name VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    deleted_at TIMESTAMPTZ,
    version INTEGER NOT NULL DEFAULT 1
);

CREATE SEQUENCE base.stage_ids;
CREATE TABLE base.stages (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.stage_ids'),
    pipeline_id BIGINT NOT NULL,
    name VARCHAR NOT NULL,
    colour VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    probability DECIMAL(5, 2) NOT NULL CHECK (probability BETWEEN 0 AND 100),  -- percent
    kind VARCHAR NOT NULL CHECK (kind IN ('open', 'won', 'lost')),
    deleted_at TIMESTAMPTZ
);

CREATE SEQUENCE base.close_reason_ids;
CREATE TABLE base.close_reasons (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.close_reason_ids'),
    kind VARCHAR NOT NULL CHECK (kind IN ('won', 'lost')),
    name VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    active BOOLEAN NOT NULL DEFAULT true,
    UNIQUE (kind, name)
);
INSERT INTO base.close_reasons (kind, name, position) VALUES
    ('won', 'Best fit', 1), ('won', 'Price', 2), ('won', 'Relationship', 3),
    ('lost', 'Price', 1), ('lost', 'Chose a competitor', 2), ('lost', 'No budget', 3),
    ('lost', 'No answer', 4), ('lost', 'Bad timing', 5), ('lost', 'Not a fit', 6);

CREATE SEQUENCE base.deal_ids;
CREATE TABLE base.deals (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.deal_ids'),
    title VARCHAR NOT NULL,
    identifier VARCHAR,
    identifier_key VARCHAR UNIQUE,
    pipeline_id BIGINT NOT NULL,
    stage_id BIGINT NOT NULL,
    rank BIGINT NOT NULL,  -- order within the stage, ascending; gaps are left for insertions
    manual_value DECIMAL(18, 4),
    currency VARCHAR NOT NULL,
    priority VARCHAR CHECK (priority IN ('low', 'medium', 'high')),
    owner_id BIGINT,
    team_id BIGINT,
    contact_id BIGINT,
    company_id BIGINT,
    source VARCHAR,
    expected_close DATE,
    closed_on DATE,  -- a day of the workspace; NULL while open
    close_reason_id BIGINT,
    close_note VARCHAR,
    search VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,  -- when the opportunity opened: an import may set it in the past
    updated_at TIMESTAMPTZ NOT NULL,
    deleted_at TIMESTAMPTZ,
    version INTEGER NOT NULL DEFAULT 1
);

-- The ground of stage conversion and movement history: one row a stage event, append-only, grain = one arrival
-- of a deal in a stage. `kind`: create, move, won, lost, reopen, pipeline, import.
CREATE SEQUENCE base.stage_event_ids;
CREATE TABLE base.stage_events (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.stage_event_ids'),
    deal_id BIGINT NOT NULL,
    pipeline_id BIGINT NOT NULL,
    from_stage_id BIGINT,
    to_stage_id BIGINT NOT NULL,
    happened_at TIMESTAMPTZ NOT NULL,
    by_id BIGINT NOT NULL,
    kind VARCHAR NOT NULL CHECK (kind IN ('create', 'move', 'won', 'lost', 'reopen', 'pipeline', 'import'))
);
