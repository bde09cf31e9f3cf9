-- Visits, seen by their owner and the owner's team.
CREATE OR REPLACE VIEW visible.visits AS
SELECT visit.* EXCLUDE (deleted_at, code_key)
FROM base.visits AS visit
WHERE visit.deleted_at IS NULL
  AND list_contains(getvariable('modules'), 'objects')
  -- narrow
  AND (
    visit.owner_id = getvariable('actor_id')
    OR list_contains(getvariable('team_ids'), visit.team_id)
  )
  -- wide
;

CREATE OR REPLACE VIEW visible.visit_bin AS
SELECT visit.* EXCLUDE (code_key)
FROM base.visits AS visit
WHERE visit.deleted_at IS NOT NULL
  AND list_contains(getvariable('modules'), 'objects')
  AND visit.id NOT IN (
    SELECT absorbed_id FROM base.merges WHERE subject_kind = 'visit' AND undone_at IS NULL
  )
  -- narrow
  AND (
    visit.owner_id = getvariable('actor_id')
    OR list_contains(getvariable('team_ids'), visit.team_id)
  )
  -- wide
;
