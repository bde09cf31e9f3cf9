CREATE OR REPLACE VIEW visible.deal_versions AS
SELECT *
FROM base.deal_versions
WHERE list_contains(getvariable('modules'), 'crm')
  -- narrow
  AND deal_id IN (SELECT id FROM visible.deals)
  -- wide
;

CREATE OR REPLACE VIEW visible.stage_requirements AS
SELECT *
FROM base.stage_requirements
WHERE list_contains(getvariable('modules'), 'crm');

CREATE OR REPLACE VIEW visible.pipeline_winners AS
SELECT *
FROM base.pipeline_winners
WHERE list_contains(getvariable('modules'), 'crm');

CREATE OR REPLACE VIEW visible.health_weights AS
SELECT *
FROM base.health_weights
WHERE list_contains(getvariable('modules'), 'crm');

CREATE OR REPLACE VIEW visible.health_evaluations AS
SELECT *
FROM base.health_evaluations
WHERE list_contains(getvariable('modules'), 'crm');

CREATE OR REPLACE VIEW visible.forecast_backtests AS
SELECT *
FROM base.forecast_backtests
WHERE list_contains(getvariable('modules'), 'crm');
