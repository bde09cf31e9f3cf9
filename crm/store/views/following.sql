CREATE OR REPLACE VIEW visible.deal_followers AS
SELECT *
FROM base.deal_followers
WHERE list_contains(getvariable('modules'), 'crm')
  -- narrow
  AND deal_id IN (SELECT id FROM visible.deals)
  -- wide
;
