-- How the result of a saved query is drawn: JSON of `Chart` in crm/workbench/charting.py, empty for a table. `team_id` is
-- the team that it is shared with; where `shared` is true, that is everybody.
ALTER TABLE base.sql_queries ADD COLUMN chart VARCHAR DEFAULT '';
ALTER TABLE base.sql_queries ADD COLUMN team_id BIGINT;

-- The values that a run had: JSON as of `sql_queries.parameters`.
ALTER TABLE base.sql_runs ADD COLUMN parameters VARCHAR DEFAULT '[]';
