-- The links that a change of many records made or removed, as they were then: the change feed and the timelines of both
-- sides say so, and the undo of a removal makes them again.
CREATE TABLE base.event_links (
    seq BIGINT NOT NULL,  -- of the event in the log, links.added or links.removed
    link_id BIGINT NOT NULL,
    object_kind VARCHAR NOT NULL,
    object_id BIGINT NOT NULL,
    object_name VARCHAR,
    subject_kind VARCHAR NOT NULL,
    subject_id BIGINT NOT NULL,
    subject_name VARCHAR,
    link_label_id BIGINT,
    label VARCHAR,
    linked_on DATE,
    created_by BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    version INTEGER NOT NULL
);
