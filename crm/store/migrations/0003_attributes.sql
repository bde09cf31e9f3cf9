-- Patterns, values of lists, and a bin for custom attributes.
ALTER TABLE base.attributes ADD COLUMN pattern VARCHAR;  -- a regular expression that texts and links must match as a whole
ALTER TABLE base.attributes ADD COLUMN hint VARCHAR;  -- the same, in words for people
ALTER TABLE base.attributes ADD COLUMN version INTEGER DEFAULT 1;

-- What may be chosen in a list. Records hold the name itself, so renaming a value renames it there too.
CREATE SEQUENCE base.attribute_value_ids;
CREATE TABLE base.attribute_values (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.attribute_value_ids'),
    attribute_id BIGINT NOT NULL,
    name VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    former VARCHAR[] NOT NULL DEFAULT [],  -- what it was called: filters that were kept by then still mean it
    UNIQUE (attribute_id, name)
);

-- Lists took any text until now: what records hold becomes what may be chosen. Casting the ids too keeps a table
-- without any attribute from having no column at all.
INSERT INTO base.attribute_values (attribute_id, name, position, created_at)
SELECT attribute.id, held.value, row_number() OVER (PARTITION BY attribute.id ORDER BY held.value), attribute.created_at
FROM base.attributes AS attribute
JOIN (
    SELECT DISTINCT 'contact' AS model, name, value
    FROM (
        UNPIVOT (SELECT CAST(COLUMNS(LAMBDA c: c = 'id' OR starts_with(c, 'a_')) AS VARCHAR) FROM base.contact_attributes)
        ON COLUMNS(*) INTO NAME name VALUE value
    )
    UNION ALL
    SELECT DISTINCT 'company', name, value
    FROM (
        UNPIVOT (SELECT CAST(COLUMNS(LAMBDA c: c = 'id' OR starts_with(c, 'a_')) AS VARCHAR) FROM base.company_attributes)
        ON COLUMNS(*) INTO NAME name VALUE value
    )
    UNION ALL
    SELECT DISTINCT 'deal', name, value
    FROM (
        UNPIVOT (SELECT CAST(COLUMNS(LAMBDA c: c = 'id' OR starts_with(c, 'a_')) AS VARCHAR) FROM base.deal_attributes)
        ON COLUMNS(*) INTO NAME name VALUE value
    )
) AS held ON held.model = attribute.model AND held.name = 'a_' || attribute.key
WHERE attribute.type = 'list'
ORDER BY attribute.id, held.value;

-- Deleted attributes, for 30 days. The column of one is called `d_<id>` meanwhile, so that its key is free and no view
-- shows it.
CREATE TABLE base.deleted_attributes (
    id BIGINT PRIMARY KEY,
    model VARCHAR NOT NULL,
    key VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    type VARCHAR NOT NULL,
    pattern VARCHAR,
    hint VARCHAR,
    list_values VARCHAR[] NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    deleted_at TIMESTAMPTZ NOT NULL,
    deleted_by BIGINT NOT NULL
);
