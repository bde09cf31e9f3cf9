CREATE OR REPLACE VIEW visible.deal_labels AS
SELECT link.deal_id, link.label_id, label.name, label.colour
FROM base.deal_labels AS link
JOIN base.labels AS label ON label.id = link.label_id
WHERE link.deal_id IN (SELECT id FROM visible.deals);
