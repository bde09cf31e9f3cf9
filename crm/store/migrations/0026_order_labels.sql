-- Orders have labels, and many of them are put into a status at once: what each was in before, and when it was paid.
CREATE TABLE base.order_labels (
    order_id BIGINT NOT NULL,
    label_id BIGINT NOT NULL,
    PRIMARY KEY (order_id, label_id)
);
ALTER TABLE base.bulk_changes ADD COLUMN status VARCHAR;
ALTER TABLE base.bulk_changes ADD COLUMN paid_on DATE;
ALTER TABLE base.bulk_change_rows ADD COLUMN was_status VARCHAR;
ALTER TABLE base.bulk_change_rows ADD COLUMN was_paid_on DATE;
ALTER TABLE base.bulk_change_rows ADD COLUMN became_paid_on DATE;
