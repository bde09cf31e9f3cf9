-- What is to be won in a month or quarter, by one owner, team or pipeline, or by everybody: all three NULL. Grain: one row
-- a subject and period; the targets of a subject never overlap.
CREATE SEQUENCE base.target_ids;
CREATE TABLE base.targets (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.target_ids'),
    owner_id BIGINT,
    team_id BIGINT,
    pipeline_id BIGINT,
    first_day DATE NOT NULL,
    grain VARCHAR NOT NULL CHECK (grain IN ('month', 'quarter')),
    amount DECIMAL(18, 4) NOT NULL,
    currency VARCHAR NOT NULL,  -- the workspace's when it was set
    set_by BIGINT NOT NULL,
    set_at TIMESTAMPTZ NOT NULL
);
