-- The catalog, for everybody; lines and quotes, for those who may see the deal.

CREATE OR REPLACE VIEW visible.products AS
SELECT * EXCLUDE (sku_key)
FROM base.products
WHERE list_contains(getvariable('modules'), 'catalog');

CREATE OR REPLACE VIEW visible.product_prices AS
SELECT * FROM base.product_prices WHERE list_contains(getvariable('modules'), 'catalog');

CREATE OR REPLACE VIEW visible.deal_lines AS
SELECT *
FROM base.deal_lines
WHERE list_contains(getvariable('modules'), 'crm')
  -- narrow
  AND deal_id IN (SELECT id FROM visible.deals)
  -- wide
;

CREATE OR REPLACE VIEW visible.quotes AS
SELECT *
FROM base.quotes
WHERE list_contains(getvariable('modules'), 'crm')
  -- narrow
  AND deal_id IN (SELECT id FROM visible.deals)
  -- wide
;
