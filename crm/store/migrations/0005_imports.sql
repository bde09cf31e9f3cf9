-- A job that is done again tomorrow, or a mail that is tried again later, waits for its time.
ALTER TABLE base.jobs ADD COLUMN not_before TIMESTAMPTZ;
