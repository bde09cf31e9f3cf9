-- What one unit of a currency was worth on a day. Grain: one row a base currency, currency and day.
CREATE SEQUENCE base.currency_rate_ids;
CREATE TABLE base.currency_rates (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.currency_rate_ids'),
    base_currency VARCHAR NOT NULL,  -- the workspace's currency when it was set, in which `rate` counts
    currency VARCHAR NOT NULL,
    day DATE NOT NULL,
    rate DECIMAL(20, 12) NOT NULL,  -- a value, DECIMAL(18, 4), times a rate fits DECIMAL(38, 16): it is never rounded
    source VARCHAR NOT NULL,  -- hand, file or fetch; rebased: computed when the workspace took another currency
    set_by BIGINT NOT NULL,
    set_at TIMESTAMPTZ NOT NULL,
    UNIQUE (base_currency, currency, day)
);

-- From where the rates of each day are fetched, and how the last try went. No row: they are not.
CREATE TABLE base.rate_fetching (
    url VARCHAR NOT NULL,
    set_by BIGINT NOT NULL,
    set_at TIMESTAMPTZ NOT NULL,
    tried_at TIMESTAMPTZ,
    succeeded_at TIMESTAMPTZ,
    error VARCHAR,  -- why the last try failed; NULL where it did not
    failures INTEGER NOT NULL DEFAULT 0  -- in a row
);
