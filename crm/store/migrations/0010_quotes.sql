-- What is sold. `sku_key` is the SKU's normal form: two products never share one, whatever its case or spacing.
CREATE SEQUENCE base.product_ids;
CREATE TABLE base.products (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.product_ids'),
    sku VARCHAR NOT NULL,
    sku_key VARCHAR UNIQUE NOT NULL,
    name VARCHAR NOT NULL,
    description VARCHAR,
    active BOOLEAN NOT NULL DEFAULT true,
    search VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    version INTEGER NOT NULL DEFAULT 1
);

-- Grain: one price of one product in one currency.
CREATE TABLE base.product_prices (
    product_id BIGINT NOT NULL,
    currency VARCHAR NOT NULL,
    price DECIMAL(18, 4) NOT NULL CHECK (price >= 0),
    PRIMARY KEY (product_id, currency)
);

-- The lines of a deal. `sku`, `name` and `unit_price` are of the moment the line was made: the catalog never changes
-- them. `total` is quantity × price less discount, rounded to the minor unit of the deal's currency.
CREATE SEQUENCE base.deal_line_ids;
CREATE TABLE base.deal_lines (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.deal_line_ids'),
    deal_id BIGINT NOT NULL,
    position INTEGER NOT NULL,
    product_id BIGINT,
    sku VARCHAR,
    name VARCHAR NOT NULL,
    quantity DECIMAL(18, 4) NOT NULL CHECK (quantity > 0),
    unit_price DECIMAL(18, 4) NOT NULL CHECK (unit_price >= 0),
    discount_kind VARCHAR CHECK (discount_kind IN ('fixed', 'percent')),
    discount DECIMAL(18, 4) NOT NULL DEFAULT 0 CHECK (discount >= 0),
    total DECIMAL(18, 4) NOT NULL CHECK (total >= 0),
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    version INTEGER NOT NULL DEFAULT 1
);

-- Quotes as they were handed out: `lines` is JSON, what the deal held then. `number` counts over the workspace.
CREATE SEQUENCE base.quote_ids;
CREATE TABLE base.quotes (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.quote_ids'),
    deal_id BIGINT NOT NULL,
    number BIGINT UNIQUE NOT NULL,
    title VARCHAR NOT NULL,
    contact_id BIGINT,
    company_id BIGINT,
    currency VARCHAR NOT NULL,
    lines VARCHAR NOT NULL,
    total DECIMAL(18, 4) NOT NULL,
    note VARCHAR,
    issued_on DATE NOT NULL,
    valid_until DATE NOT NULL,
    issued_by BIGINT NOT NULL,
    issued_at TIMESTAMPTZ NOT NULL
);

-- While a deal has lines: the sum of their totals, and the currency that its typed value is in, to which it goes back
-- when the last line goes. NULL while it has none. `crm verify` compares both with the lines.
ALTER TABLE base.deals ADD COLUMN quoted_value DECIMAL(18, 4);
ALTER TABLE base.deals ADD COLUMN manual_currency VARCHAR;
