-- Lists and items are seen by whoever sees their deal.
CREATE OR REPLACE VIEW visible.checklists AS
SELECT *
FROM base.checklists
WHERE list_contains(getvariable('modules'), 'crm')
  -- narrow
  AND deal_id IN (SELECT id FROM visible.deals)
  -- wide
;

CREATE OR REPLACE VIEW visible.checklist_items AS
SELECT *
FROM base.checklist_items
WHERE list_contains(getvariable('modules'), 'crm')
  -- narrow
  AND deal_id IN (SELECT id FROM visible.deals)
  -- wide
;

CREATE OR REPLACE VIEW visible.checklist_templates AS
SELECT * FROM base.checklist_templates WHERE list_contains(getvariable('modules'), 'crm');

CREATE OR REPLACE VIEW visible.checklist_template_items AS
SELECT * FROM base.checklist_template_items WHERE list_contains(getvariable('modules'), 'crm');
