-- When, by the sender's own word, the order was as a message tells it. Messages overtake each other on their way.
ALTER TABLE base.webhook_deliveries ADD COLUMN told_at TIMESTAMPTZ;
