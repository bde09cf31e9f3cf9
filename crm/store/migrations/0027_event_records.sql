-- The records that an event of something else changed: of a label, an attribute, the bin. One row a record and event;
-- `name` is the event of the record, `changes` JSON of {field: [before, after]}. The change feed expands the event to
-- these.
CREATE TABLE base.event_records (
    seq BIGINT NOT NULL,
    subject_kind VARCHAR NOT NULL,
    subject_id BIGINT NOT NULL,
    name VARCHAR NOT NULL,
    changes VARCHAR NOT NULL DEFAULT '{}'
);
