-- Saved scenarios of a forecast. `assumptions` is JSON of `Assumptions` in crm/reports/assumptions.py: what is assumed of
-- stages, people and deals, by their ids. No deal is changed by one.
CREATE SEQUENCE base.forecast_scenario_ids;
CREATE TABLE base.forecast_scenarios (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.forecast_scenario_ids'),
    name VARCHAR NOT NULL,
    assumptions VARCHAR NOT NULL,
    user_id BIGINT NOT NULL,
    shared BOOLEAN NOT NULL DEFAULT false,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    version INTEGER NOT NULL DEFAULT 1
);
