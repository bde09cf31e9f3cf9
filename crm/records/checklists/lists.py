"""Creates, renames and removes a deal's checklists."""

from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.records.checklists.model import Checklist, checked_name, get, require_change, require_deals
from crm.store import Writing

MOST = 50
"""The most lists of one deal."""


def add(tx: Writing, deal_id: int, name: str) -> Checklist:
    """Add an empty list below the others."""
    checklist_id, shown = insert(tx, deal_id, name)
    tx.record("checklist.added", "deal", deal_id, checklist_id=checklist_id, checklist=shown)
    return get(tx, checklist_id)


def rename(tx: Writing, checklist_id: int, name: str) -> Checklist:
    require_deals(tx)
    before = get(tx, checklist_id)
    shown = checked_name(name, tr("A checklist needs a name."))
    if shown == before.name:
        return before
    tx.run("UPDATE base.checklists SET name = $name WHERE id = $id", name=shown, id=checklist_id)
    tx.record(
        "checklist.renamed",
        "deal",
        before.deal_id,
        checklist_id=checklist_id,
        checklist=before.name,
        changes={"name": [before.name, shown]},
    )
    return get(tx, checklist_id)


def remove(tx: Writing, checklist_id: int) -> Checklist:
    """Delete a list with its items for good; it as it was. The deal's history keeps their texts."""
    require_deals(tx)
    removed = get(tx, checklist_id)
    tx.run("DELETE FROM base.checklist_items WHERE checklist_id = $id", id=checklist_id)
    tx.run("DELETE FROM base.checklists WHERE id = $id", id=checklist_id)
    # The log keeps the items as text: they can be read in the history, not restored.
    tx.record(
        "checklist.removed",
        "deal",
        removed.deal_id,
        checklist_id=checklist_id,
        checklist=removed.name,
        text="\n".join(f"{'☑' if item.is_done else '☐'} {item.text}" for item in removed.items),
    )
    return removed


def insert(tx: Writing, deal_id: int, name: str) -> tuple[int, str]:
    """Insert a list; its id and stored name. The caller records the event."""
    require_change(tx, deal_id)
    shown = checked_name(name, tr("A checklist needs a name."))
    if tx.value("SELECT count(*) FROM checklists WHERE deal_id = $deal_id", deal_id=deal_id) >= MOST:
        raise Invalid(tr("A deal has at most {most} checklists. Remove one that is done first.", most=MOST))
    checklist_id = tx.insert(
        """
        INSERT INTO base.checklists (deal_id, name, position, created_by, created_at)
        SELECT $deal_id, $name, coalesce(max(position), 0) + 1, $actor, $now
        FROM base.checklists
        WHERE deal_id = $deal_id
        RETURNING id
        """,
        deal_id=deal_id,
        name=shown,
        actor=tx.actor.id,
        now=tx.now,
    )
    return checklist_id, shown
