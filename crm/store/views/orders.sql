-- An order has no owner: it is of those who own its contact or its deal, or whose team does, be these in the bin or not.
-- With the module of deals off, nobody sees an order for its deal. The two views after it part these by the bin.
CREATE OR REPLACE VIEW visible.every_order AS
SELECT purchase.* EXCLUDE (external_key)
FROM base.orders AS purchase
WHERE list_contains(getvariable('modules'), 'orders')
  -- narrow
  AND (
    purchase.contact_id IN (
      SELECT id
      FROM base.contacts
      WHERE owner_id = getvariable('actor_id') OR list_contains(getvariable('team_ids'), team_id)
    )
    OR (
      list_contains(getvariable('modules'), 'crm')
      AND purchase.deal_id IN (
        SELECT id
        FROM base.deals
        WHERE owner_id = getvariable('actor_id') OR list_contains(getvariable('team_ids'), team_id)
      )
    )
  )
  -- wide
;

CREATE OR REPLACE VIEW visible.orders AS
SELECT * EXCLUDE (deleted_at) FROM visible.every_order WHERE deleted_at IS NULL;

CREATE OR REPLACE VIEW visible.order_bin AS
SELECT * EXCLUDE (search) FROM visible.every_order WHERE deleted_at IS NOT NULL;

CREATE OR REPLACE VIEW visible.order_statuses AS
SELECT *
FROM base.order_statuses
WHERE list_contains(getvariable('modules'), 'orders')
  -- narrow
  AND order_id IN (SELECT id FROM visible.orders)
  -- wide
;
