-- Schedules by which dashboards are mailed; `dashboard_id` is NULL for the sales overview. `weekday` is 1 (Monday) to 7,
-- `hour` is of the workspace's time zone. `settled_at`: what was to be mailed up to then was, or was left out.
CREATE SEQUENCE base.dashboard_schedule_ids;
CREATE TABLE base.dashboard_schedules (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.dashboard_schedule_ids'),
    dashboard_id BIGINT,
    every VARCHAR NOT NULL CHECK (every IN ('day', 'week', 'month')),
    hour INTEGER NOT NULL,
    weekday INTEGER,
    month_day INTEGER,
    user_id BIGINT NOT NULL,
    settled_at TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    version INTEGER NOT NULL DEFAULT 1
);

-- To whom. `due_at` is set from when a mail is due to them until it is in the outbox.
CREATE SEQUENCE base.dashboard_recipient_ids;
CREATE TABLE base.dashboard_recipients (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.dashboard_recipient_ids'),
    dashboard_schedule_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    due_at TIMESTAMPTZ
);

-- Files of mails that wait to be sent; they go once it is sent or given up. `words` is what a file says, in plain text:
-- an erasure finds people by it.
CREATE SEQUENCE base.mail_attachment_ids;
CREATE TABLE base.mail_attachments (
    id BIGINT PRIMARY KEY DEFAULT nextval('base.mail_attachment_ids'),
    mail_id BIGINT NOT NULL,
    name VARCHAR NOT NULL,
    media_type VARCHAR NOT NULL,
    content BLOB NOT NULL,
    words VARCHAR NOT NULL
);
