-- What is to be done on a deal, as named lists of items. An item says its deal too, so that counting the items of many
-- deals reads one table. `position` orders lists within their deal, and items within their list.
CREATE SEQUENCE base.checklist_ids;
CREATE TABLE base.checklists (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.checklist_ids'),
    deal_id BIGINT NOT NULL,
    name VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    created_by BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE SEQUENCE base.checklist_item_ids;
CREATE TABLE base.checklist_items (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.checklist_item_ids'),
    checklist_id BIGINT NOT NULL,
    deal_id BIGINT NOT NULL,
    text VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    due_on DATE,
    assignee_id BIGINT,
    done_at TIMESTAMPTZ,
    done_by BIGINT,
    created_at TIMESTAMPTZ NOT NULL,
    version INTEGER NOT NULL DEFAULT 1
);

-- Lists that are laid onto deals again and again. `due_days` counts from the day on which that happens.
CREATE SEQUENCE base.checklist_template_ids;
CREATE TABLE base.checklist_templates (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.checklist_template_ids'),
    name VARCHAR NOT NULL,
    created_by BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    version INTEGER NOT NULL DEFAULT 1
);

CREATE TABLE base.checklist_template_items (
    template_id BIGINT NOT NULL,
    position INTEGER NOT NULL,
    text VARCHAR NOT NULL,
    due_days INTEGER,
    PRIMARY KEY (template_id, position)
);
