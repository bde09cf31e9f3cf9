-- How often the process ended while it did this job: one that ends it again and again is not taken up without end.
ALTER TABLE base.jobs ADD COLUMN interrupted INTEGER DEFAULT 0;
