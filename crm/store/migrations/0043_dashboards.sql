-- Dashboards that people made. `tiles` is a JSON list of `Tile` in crm/dashboards/model.py, in their order; `filters` a
-- JSON object of the words of a report's address. `team_id` is the team that one is shared with; where `shared` is true,
-- that is everybody.
CREATE SEQUENCE base.dashboard_ids;
CREATE TABLE base.dashboards (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.dashboard_ids'),
    name VARCHAR NOT NULL,
    tiles VARCHAR NOT NULL,
    filters VARCHAR NOT NULL,
    user_id BIGINT NOT NULL,
    shared BOOLEAN NOT NULL DEFAULT false,
    team_id BIGINT,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    version INTEGER NOT NULL DEFAULT 1
);
