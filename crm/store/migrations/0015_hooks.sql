-- Who wants to hear of a deal that is not theirs: one row a person and deal.
CREATE TABLE base.deal_followers (
    deal_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    PRIMARY KEY (deal_id, user_id)
);

-- What a notice is of (assigned, due, stalled, won, every_win; NULL: the product's own), the deal where it is of one,
-- who did it, and of how many deals it tells. `mail`: sent, or waiting for the daily mail; NULL where none is wanted.
-- `mailed_at`: when one went out for it by itself.
ALTER TABLE base.notices ADD COLUMN kind VARCHAR;
ALTER TABLE base.notices ADD COLUMN deal_id BIGINT;
ALTER TABLE base.notices ADD COLUMN by_id BIGINT;
ALTER TABLE base.notices ADD COLUMN many BIGINT DEFAULT 1;
ALTER TABLE base.notices ADD COLUMN in_app BOOLEAN DEFAULT true;
ALTER TABLE base.notices ADD COLUMN mail VARCHAR;
ALTER TABLE base.notices ADD COLUMN mailed_at TIMESTAMPTZ;

-- How far the log has been read for what people are to be told: what was before this came is old.
CREATE TABLE base.told_until (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    seq BIGINT NOT NULL
);
INSERT INTO base.told_until SELECT 1, coalesce(max(seq), 0) FROM base.events;

-- Days of the workspace on which the daily notices went out.
CREATE TABLE base.days_told (
    day DATE PRIMARY KEY,
    told_at TIMESTAMPTZ NOT NULL
);

-- Deals whose stalling was told: a deal leaves it when it moves on, and is told of again when it stalls again.
CREATE TABLE base.stalls_told (
    deal_id BIGINT PRIMARY KEY,
    told_at TIMESTAMPTZ NOT NULL
);
