"""The rules of `crm verify` for checklists: each query returns the ids that break its rule."""

from crm.foundation.language import later

RULES = {
    later("an item of a checklist of another deal"): """
        SELECT item.id
        FROM base.checklist_items AS item
        JOIN base.checklists AS list ON list.id = item.checklist_id
        WHERE item.deal_id <> list.deal_id
    """,
    later("an item that is done by nobody, or by somebody at no time"): """
        SELECT id FROM base.checklist_items WHERE (done_at IS NULL) <> (done_by IS NULL)
    """,
}
