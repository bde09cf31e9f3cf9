-- What customers bought, as other systems or people tell it: a log, nothing is charged. `external_key` is
-- `<source>:<external_id>`, NULL while the order is in the bin or came without an id. A contact is required of every new
-- order; the column is empty only once its contact has left the bin for good.
CREATE SEQUENCE base.order_ids;
CREATE TABLE base.orders (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.order_ids'),
    title VARCHAR NOT NULL,
    contact_id BIGINT,
    deal_id BIGINT,
    value DECIMAL(18, 4) NOT NULL,
    currency VARCHAR NOT NULL,
    status VARCHAR NOT NULL
        CHECK (status IN ('pending', 'paid', 'partially_paid', 'overdue', 'refunded', 'cancelled', 'failed')),
    source VARCHAR NOT NULL CHECK (source IN ('manual', 'webhook', 'api', 'payments', 'commerce')),
    external_id VARCHAR,
    external_key VARCHAR UNIQUE,
    ordered_on DATE NOT NULL,  -- a day of the workspace
    paid_on DATE,
    note VARCHAR,
    search VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    deleted_at TIMESTAMPTZ,
    version INTEGER NOT NULL DEFAULT 1
);

-- Status history: one row an arrival of an order in a status, append-only. `from_status` is NULL where it was made.
CREATE SEQUENCE base.order_status_ids;
CREATE TABLE base.order_statuses (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.order_status_ids'),
    order_id BIGINT NOT NULL,
    from_status VARCHAR
        CHECK (from_status IN ('pending', 'paid', 'partially_paid', 'overdue', 'refunded', 'cancelled', 'failed')),
    to_status VARCHAR NOT NULL
        CHECK (to_status IN ('pending', 'paid', 'partially_paid', 'overdue', 'refunded', 'cancelled', 'failed')),
    happened_at TIMESTAMPTZ NOT NULL,
    by_id BIGINT NOT NULL  -- 0: the system
);
