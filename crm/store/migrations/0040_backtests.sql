-- What each pipeline's forecast was worth in the past, and what it says now, as the worker last computed it: JSON of
-- `PipelineForecast` in crm/reports/backtests.py. It counts everybody's deals.
CREATE TABLE base.forecast_backtests (
    pipeline_id BIGINT PRIMARY KEY,
    result VARCHAR NOT NULL,
    computed_at TIMESTAMPTZ NOT NULL
);
