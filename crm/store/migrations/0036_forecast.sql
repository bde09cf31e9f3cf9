-- What a forecast asks of a deal beside its stage: a probability and a category of its own, in place of the stage's.
ALTER TABLE base.deals ADD COLUMN own_probability DECIMAL(5, 2);
ALTER TABLE base.deals ADD COLUMN own_category VARCHAR;
ALTER TABLE base.stages ADD COLUMN category VARCHAR DEFAULT 'pipeline';

-- Both over time, and whether the deal lay in the bin.
ALTER TABLE base.deal_versions ADD COLUMN own_probability DECIMAL(5, 2);
ALTER TABLE base.deal_versions ADD COLUMN own_category VARCHAR;
ALTER TABLE base.deal_versions ADD COLUMN removed BOOLEAN DEFAULT false;
ALTER TABLE base.stage_versions ADD COLUMN category VARCHAR DEFAULT 'pipeline';

-- By probability, as a new pipeline has them: see crm/pipelines/categories.py. The past counts by what the stage is given
-- now, since nobody chose a category then.
UPDATE base.stages
SET category = CASE
    WHEN kind = 'won' THEN 'closed'
    WHEN kind = 'lost' THEN 'omitted'
    WHEN probability >= 75 THEN 'commit'
    WHEN probability >= 50 THEN 'best_case'
    ELSE 'pipeline'
END;
UPDATE base.stage_versions AS version
SET category = stage.category
FROM base.stages AS stage
WHERE stage.id = version.stage_id;

-- A deal that lies in the bin has been there since it was put there. That it lay there once and came back is not told
-- here: a version is never written before the deal's last one.
INSERT INTO base.deal_versions (
    deal_id, value, currency, expected_close, owner_id, team_id, has_contact, removed, happened_at, known_at, by_id, door
)
SELECT
    deal.id,
    last.was.value,
    last.was.currency,
    last.was.expected_close,
    last.was.owner_id,
    last.was.team_id,
    last.was.has_contact,
    true,
    greatest(deal.deleted_at, last.was.happened_at),
    greatest(deal.deleted_at, last.was.known_at),
    0,
    'system'
FROM base.deals AS deal
JOIN (
    SELECT version.deal_id, arg_max(version, version.id) AS was FROM base.deal_versions AS version GROUP BY deal_id
) AS last ON last.deal_id = deal.id
WHERE deal.deleted_at IS NOT NULL
ORDER BY deal.id;
