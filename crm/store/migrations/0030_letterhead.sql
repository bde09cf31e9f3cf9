-- What stands on quotes beside their lines. Grain: one state of it; the newest is in use, and each quote keeps the one
-- it was handed out with.
CREATE SEQUENCE base.letterhead_ids;
CREATE TABLE base.letterheads (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.letterhead_ids'),
    address VARCHAR,
    tax_id VARCHAR,
    terms VARCHAR,
    logo BLOB  -- a PNG of pixels alone
);
ALTER TABLE base.quotes ADD COLUMN letterhead_id BIGINT; -- NULL: handed out without
