-- What custom types were called that were deleted for good: saved filters and histories still speak of them.
CREATE TABLE base.purged_object_types (
    id BIGINT PRIMARY KEY,
    singular VARCHAR NOT NULL,
    plural VARCHAR NOT NULL
);
