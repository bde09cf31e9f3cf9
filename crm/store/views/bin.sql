-- What lies in the bin, of every noun. In a file of its own: it stands on views of all the others.
CREATE OR REPLACE VIEW visible.bin AS
SELECT 'contact' AS kind, id, coalesce(name, email, phone) AS shown_name, deleted_at
FROM visible.contact_bin
UNION ALL
SELECT 'company', id, name, deleted_at
FROM visible.company_bin
UNION ALL
SELECT 'deal', id, title, deleted_at
FROM visible.deal_bin
UNION ALL
SELECT 'order', id, title, deleted_at
FROM visible.order_bin;
