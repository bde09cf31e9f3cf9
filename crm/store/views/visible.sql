-- What the current actor may see. Every cursor sets `actor_id`, `team_ids` and `modules`, and has this schema as its
-- search path, so an unqualified table name is safe by default. An unset variable is NULL, and NULL shows nothing.
-- The bin is not visible. Modules that are off are empty here, and so everywhere.
--
-- What stands between "narrow" and "wide" holds owner-based privacy. crm/store/migrate.py lays every view a second
-- time, in schema `everything`, with only "somebody is here" in its place, for those who see all: planning the
-- sub-selects takes longer than the reads that most of these views are for.

CREATE OR REPLACE VIEW visible.workspace AS
SELECT * FROM base.workspace WHERE getvariable('actor_id') IS NOT NULL;

-- Those in the workspace's currency: of the time before it took this one, there may be rates in another.
CREATE OR REPLACE VIEW visible.currency_rates AS
SELECT rate.*
FROM base.currency_rates AS rate
WHERE rate.base_currency = (SELECT currency FROM base.workspace) AND getvariable('actor_id') IS NOT NULL;

CREATE OR REPLACE VIEW visible.users AS
SELECT id, email, name, role, active, created_at FROM base.users WHERE getvariable('actor_id') IS NOT NULL;

CREATE OR REPLACE VIEW visible.teams AS
SELECT * FROM base.teams WHERE getvariable('actor_id') IS NOT NULL;

CREATE OR REPLACE VIEW visible.team_members AS
SELECT * FROM base.team_members WHERE getvariable('actor_id') IS NOT NULL;

CREATE OR REPLACE VIEW visible.attributes AS
SELECT * FROM base.attributes WHERE getvariable('actor_id') IS NOT NULL;

CREATE OR REPLACE VIEW visible.labels AS
SELECT * FROM base.labels WHERE getvariable('actor_id') IS NOT NULL;

-- What somebody wants by mail alone is not shown in the app.
CREATE OR REPLACE VIEW visible.notices AS
SELECT * EXCLUDE (in_app, mail, mailed_at) FROM base.notices WHERE user_id = getvariable('actor_id') AND in_app;

CREATE OR REPLACE VIEW visible.contacts AS
SELECT contact.* EXCLUDE (deleted_at, email_key, phone_key, identifier_key)
FROM base.contacts AS contact
WHERE contact.deleted_at IS NULL
  -- narrow
  AND (
    contact.owner_id = getvariable('actor_id')
    OR list_contains(getvariable('team_ids'), contact.team_id)
  )
  -- wide
;

-- The bin, for those who could see the record before. What a merge absorbed is not in it: taking the merge back wakes it.
CREATE OR REPLACE VIEW visible.contact_bin AS
SELECT contact.* EXCLUDE (email_key, phone_key, identifier_key)
FROM base.contacts AS contact
WHERE contact.deleted_at IS NOT NULL
  AND contact.id NOT IN (
    SELECT absorbed_id FROM base.merges WHERE subject_kind = 'contact' AND undone_at IS NULL
  )
  -- narrow
  AND (
    contact.owner_id = getvariable('actor_id')
    OR list_contains(getvariable('team_ids'), contact.team_id)
  )
  -- wide
;

CREATE OR REPLACE VIEW visible.pipelines AS
SELECT * EXCLUDE (deleted_at)
FROM base.pipelines
WHERE deleted_at IS NULL AND list_contains(getvariable('modules'), 'crm');

CREATE OR REPLACE VIEW visible.stages AS
SELECT * EXCLUDE (deleted_at)
FROM base.stages
WHERE deleted_at IS NULL AND list_contains(getvariable('modules'), 'crm');

CREATE OR REPLACE VIEW visible.stage_versions AS
SELECT *
FROM base.stage_versions
WHERE list_contains(getvariable('modules'), 'crm');

CREATE OR REPLACE VIEW visible.close_reasons AS
SELECT * FROM base.close_reasons WHERE list_contains(getvariable('modules'), 'crm');

-- `value` is the one to read: the sum of the deal's lines where it has any, what was typed where it has none. The sum is
-- kept with the deal by crm/deals/revaluing.py. `status` is open, won or lost.
CREATE OR REPLACE VIEW visible.deals AS
SELECT
    deal.* EXCLUDE (deleted_at, identifier_key, manual_value, quoted_value, manual_currency),
    coalesce(deal.quoted_value, deal.manual_value) AS value,
    deal.quoted_value IS NOT NULL AS has_lines,
    stage.kind AS status,
    CASE WHEN stage.kind = 'open' THEN coalesce(deal.own_probability, stage.probability) ELSE stage.probability END
        AS probability,
    CASE WHEN stage.kind = 'open' THEN coalesce(deal.own_category, stage.category) ELSE stage.category END
        AS forecast_category
FROM base.deals AS deal
JOIN base.stages AS stage ON stage.id = deal.stage_id
WHERE deal.deleted_at IS NULL
  AND list_contains(getvariable('modules'), 'crm')
  -- narrow
  AND (
    deal.owner_id = getvariable('actor_id')
    OR list_contains(getvariable('team_ids'), deal.team_id)
  )
  -- wide
;

CREATE OR REPLACE VIEW visible.deal_bin AS
SELECT deal.* EXCLUDE (identifier_key, manual_value, quoted_value, manual_currency, search)
FROM base.deals AS deal
WHERE deal.deleted_at IS NOT NULL
  AND list_contains(getvariable('modules'), 'crm')
  -- narrow
  AND (
    deal.owner_id = getvariable('actor_id')
    OR list_contains(getvariable('team_ids'), deal.team_id)
  )
  -- wide
;

-- The deals of the past: those that one sees, and those in the bin that one would see, for what was so when they were not
-- there yet.
CREATE OR REPLACE VIEW visible.past_deals AS
SELECT deal.id, deal.title, deal.source, deal.contact_id, deal.company_id, deal.created_at
FROM base.deals AS deal
WHERE list_contains(getvariable('modules'), 'crm')
  -- narrow
  AND (
    deal.owner_id = getvariable('actor_id')
    OR list_contains(getvariable('team_ids'), deal.team_id)
  )
  -- wide
;

CREATE OR REPLACE VIEW visible.stage_events AS
SELECT *
FROM base.stage_events
WHERE list_contains(getvariable('modules'), 'crm')
  -- narrow
  AND deal_id IN (SELECT id FROM visible.deals)
  -- wide
;

-- Under owner-based privacy a company is a customer too: one sees those one owns, those of one's teams, and those
-- of the contacts and deals one sees.
CREATE OR REPLACE VIEW visible.companies AS
SELECT company.* EXCLUDE (deleted_at, domain_key)
FROM base.companies AS company
WHERE company.deleted_at IS NULL
  AND list_contains(getvariable('modules'), 'companies')
  -- narrow
  AND (
    company.owner_id = getvariable('actor_id')
    OR list_contains(getvariable('team_ids'), company.team_id)
    OR company.id IN (SELECT company_id FROM visible.contacts)
    OR company.id IN (SELECT company_id FROM visible.deals)
  )
  -- wide
;

CREATE OR REPLACE VIEW visible.company_bin AS
SELECT company.* EXCLUDE (domain_key)
FROM base.companies AS company
WHERE company.deleted_at IS NOT NULL
  AND list_contains(getvariable('modules'), 'companies')
  AND company.id NOT IN (
    SELECT absorbed_id FROM base.merges WHERE subject_kind = 'company' AND undone_at IS NULL
  )
  -- narrow
  AND (
    company.owner_id = getvariable('actor_id')
    OR list_contains(getvariable('team_ids'), company.team_id)
  )
  -- wide
;

CREATE OR REPLACE VIEW visible.uploads AS
SELECT * FROM base.uploads
-- narrow
WHERE created_by = getvariable('actor_id')
-- wide
;

CREATE OR REPLACE VIEW visible.imports AS
SELECT * FROM base.imports
-- narrow
WHERE created_by = getvariable('actor_id')
-- wide
;

CREATE OR REPLACE VIEW visible.import_rejects AS
SELECT * FROM base.import_rejects WHERE import_id IN (SELECT id FROM visible.imports);

CREATE OR REPLACE VIEW visible.import_mappings AS
SELECT * FROM base.import_mappings WHERE getvariable('actor_id') IS NOT NULL;
