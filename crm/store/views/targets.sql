-- Whoever manages, or analyses, sees every target; others their own, those of their teams, of pipelines and of everybody.
-- This is of people, not of records: it holds without owner-based privacy, too.
CREATE OR REPLACE VIEW visible.targets AS
SELECT target.*
FROM base.targets AS target
WHERE list_contains(getvariable('modules'), 'crm')
  AND (
    target.pipeline_id IS NULL
    OR target.pipeline_id IN (SELECT id FROM base.pipelines WHERE deleted_at IS NULL)
  )
  AND (
    (target.owner_id IS NULL AND target.team_id IS NULL)
    OR target.owner_id = getvariable('actor_id')
    OR list_contains(getvariable('team_ids'), target.team_id)
    OR getvariable('actor_id') = 0
    OR getvariable('actor_id') IN (
      SELECT id FROM base.users WHERE role IN ('administrator', 'manager', 'analyst')
    )
    OR getvariable('actor_id') IN (SELECT user_id FROM base.grants WHERE permission = 'manage settings')
  );
