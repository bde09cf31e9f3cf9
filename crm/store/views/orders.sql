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

-- What the orders of a contact that the actor sees went through, in the words of the log; each named as it is now.
CREATE OR REPLACE VIEW visible.order_history AS
SELECT
    purchase.contact_id,
    step.happened_at,
    step.by_id AS actor_id,
    coalesce(person.name, 'Mallard') AS actor_name,
    if(step.from_status IS NULL, 'order.made', 'order.went_on') AS name,
    json_object(
        'order_id', purchase.id,
        'order_title', purchase.title,
        'value', purchase.value::VARCHAR,
        'currency', purchase.currency,
        'status', replace(step.to_status, '_', ' '),
        'changes', if(
            step.from_status IS NULL,
            json_object(),
            json_object('status', json_array(replace(step.from_status, '_', ' '), replace(step.to_status, '_', ' ')))
        )
    )::VARCHAR AS payload,
    step.id AS step_id
FROM visible.orders AS purchase
JOIN base.order_statuses AS step ON step.order_id = purchase.id
LEFT JOIN base.users AS person ON person.id = step.by_id;
