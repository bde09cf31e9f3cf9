-- Scans are for everybody; what was to be merged is of who asked for it.
CREATE OR REPLACE VIEW visible.duplicate_runs AS
SELECT * FROM base.duplicate_runs
-- narrow
WHERE created_by = getvariable('actor_id') OR (task = 'scan' AND getvariable('actor_id') IS NOT NULL)
-- wide
;

CREATE OR REPLACE VIEW visible.distinct_pairs AS
SELECT pair.*
FROM base.distinct_pairs AS pair
WHERE (
    subject_kind = 'contact'
    AND left_id IN (SELECT id FROM visible.contacts)
    AND right_id IN (SELECT id FROM visible.contacts)
  )
  OR (
    subject_kind = 'company'
    AND left_id IN (SELECT id FROM visible.companies)
    AND right_id IN (SELECT id FROM visible.companies)
  );

CREATE OR REPLACE VIEW visible.contact_duplicates AS
SELECT pair.* EXCLUDE (subject_kind)
FROM base.duplicates AS pair
ANTI JOIN base.distinct_pairs AS decided USING (subject_kind, left_id, right_id)
WHERE pair.subject_kind = 'contact'
  AND pair.left_id IN (SELECT id FROM visible.contacts)
  AND pair.right_id IN (SELECT id FROM visible.contacts);

CREATE OR REPLACE VIEW visible.company_duplicates AS
SELECT pair.* EXCLUDE (subject_kind)
FROM base.duplicates AS pair
ANTI JOIN base.distinct_pairs AS decided USING (subject_kind, left_id, right_id)
WHERE pair.subject_kind = 'company'
  AND pair.left_id IN (SELECT id FROM visible.companies)
  AND pair.right_id IN (SELECT id FROM visible.companies);
