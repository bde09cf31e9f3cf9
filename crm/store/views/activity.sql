-- When somebody last did something with a contact: a note or a file on it or on a deal of it, a step of such a deal, an
-- edit by a person or a program. Imports are nobody's activity. Grain: one row a contact that has any.
CREATE OR REPLACE VIEW visible.contact_activity AS
SELECT contact_id, max(happened_at) AS last_activity_at
FROM (
    SELECT subject_id AS contact_id, created_at AS happened_at
    FROM base.notes
    WHERE subject_kind = 'contact'
    UNION ALL
    SELECT subject_id, created_at
    FROM base.attachments
    WHERE subject_kind = 'contact'
    UNION ALL
    SELECT subject_id, happened_at
    FROM base.events
    WHERE subject_kind = 'contact' AND door IN ('page', 'api') AND name NOT IN ('contact.created', 'contact.deleted')
    UNION ALL
    SELECT deal.contact_id, done.happened_at
    FROM visible.deals AS deal
    JOIN (
        SELECT deal_id, known_at AS happened_at  -- when a closing was recorded, whatever its day
        FROM base.stage_events
        WHERE by_hand
        UNION ALL
        SELECT subject_id, created_at
        FROM base.notes
        WHERE subject_kind = 'deal'
        UNION ALL
        SELECT subject_id, created_at
        FROM base.attachments
        WHERE subject_kind = 'deal'
    ) AS done ON done.deal_id = deal.id
    WHERE deal.contact_id IS NOT NULL
)
GROUP BY contact_id;
