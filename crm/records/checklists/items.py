"""Adds, edits, ticks and removes the items of a checklist. Their order is in arranging.py."""

from datetime import date
from types import EllipsisType
from typing import Any

from crm.foundation import bounds
from crm.foundation.access import SEES_EVERYTHING, Role
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.records import registry
from crm.records.checklists.model import Checklist, Item, checked_text, get, item, require_deals
from crm.store import Reading, Row, Writing
from crm.store.events import changed
from crm.store.kept import kept

MOST_ITEMS = 200
"""The most items of one list: the deal's page shows all of them."""


def add_item(
    tx: Writing, checklist_id: int, text: str, *, due_on: date | None = None, assignee_id: int | None = None
) -> Item:
    """Add an item at the end of the list."""
    require_deals(tx)
    checklist = get(tx, checklist_id)
    stored_text = checked_text(text)
    if checklist.total >= MOST_ITEMS:
        raise Invalid(tr("A checklist has at most {most} items. Begin another one.", most=MOST_ITEMS))
    deal = _deal(tx, checklist.deal_id)
    _refuse_assignee(tx, deal, assignee_id)
    item_id = insert(tx, checklist, stored_text, checked_day(due_on), assignee_id)
    tx.record(
        "checklist.item_added",
        "deal",
        deal["id"],
        item_id=item_id,
        checklist=checklist.name,
        item=stored_text,
        assignee_id=assignee_id,
    )
    return item(tx, item_id)


def edit_item(
    tx: Writing,
    item_id: int,
    *,
    version: int | None = None,
    text: str | None = None,
    due_on: date | EllipsisType | None = ...,
    assignee_id: int | EllipsisType | None = ...,
) -> Item:
    """Set some fields of an item. Raises Stale where it was changed after `version`."""
    require_deals(tx)
    before = item(tx, item_id, version=version)
    deal = _deal(tx, before.deal_id)
    fields: dict[str, Any] = {"text": before.text, "due_on": before.due_on, "assignee_id": before.assignee_id}
    fields |= {} if text is None else {"text": checked_text(text)}
    fields |= {} if due_on is ... else {"due_on": checked_day(due_on)}
    fields |= {} if assignee_id is ... else {"assignee_id": assignee_id}
    # Only a new assignee is checked: an item of somebody who has left can still be changed.
    if fields["assignee_id"] != before.assignee_id:
        _refuse_assignee(tx, deal, fields["assignee_id"])
    if not changed(before.model_dump(), fields):
        return before
    tx.run(
        """
        UPDATE base.checklist_items
        SET text = $text, due_on = $due_on, assignee_id = $assignee_id, version = version + 1
        WHERE id = $id AND deal_id = $deal_id
        """,
        **fields,
        id=item_id,
        deal_id=before.deal_id,
    )
    after = item(tx, item_id)
    tx.record(
        "checklist.item_changed",
        "deal",
        deal["id"],
        item_id=item_id,
        item=before.text,
        changes=_shown_changes(before, after),
    )
    return after


def tick(tx: Writing, item_id: int) -> Item:
    """Mark an item as done by the actor. One that is done already keeps who did it first."""
    require_deals(tx)
    before = item(tx, item_id)
    if before.is_done:
        return before
    # No new version: a tick must not make anybody's open form stale.
    tx.run(
        "UPDATE base.checklist_items SET done_at = $now, done_by = $actor WHERE id = $id AND deal_id = $deal_id",
        now=tx.now,
        actor=tx.actor.id,
        id=item_id,
        deal_id=before.deal_id,
    )
    tx.record("checklist.item_ticked", "deal", before.deal_id, item_id=item_id, item=before.text)
    return item(tx, item_id)


def untick(tx: Writing, item_id: int) -> Item:
    require_deals(tx)
    before = item(tx, item_id)
    if not before.is_done:
        return before
    tx.run(
        "UPDATE base.checklist_items SET done_at = NULL, done_by = NULL WHERE id = $id AND deal_id = $deal_id",
        id=item_id,
        deal_id=before.deal_id,
    )
    tx.record("checklist.item_unticked", "deal", before.deal_id, item_id=item_id, item=before.text)
    return item(tx, item_id)


def remove_item(tx: Writing, item_id: int, *, version: int | None = None) -> Item:
    """Delete an item for good; it as it was. The deal's history keeps its text."""
    require_deals(tx)
    removed = item(tx, item_id, version=version)
    tx.run(
        "DELETE FROM base.checklist_items WHERE id = $id AND deal_id = $deal_id", id=item_id, deal_id=removed.deal_id
    )
    tx.record("checklist.item_removed", "deal", removed.deal_id, item_id=item_id, item=removed.text)
    return removed


@kept
def assignable(tx: Reading, deal_id: int) -> dict[int, str]:
    """{id: name} of the active users who see the deal."""
    deal = _deal(tx, deal_id)
    return {
        row["id"]: row["name"] for row in tx.rows(f"{_ASSIGNABLE} ORDER BY lower(person.name)", **_owner_params(deal))
    }


def insert(tx: Writing, checklist: Checklist, text: str, due_on: date | None, assignee_id: int | None) -> int:
    return tx.insert(
        """
        INSERT INTO base.checklist_items (checklist_id, deal_id, text, position, due_on, assignee_id, created_at)
        SELECT $checklist_id, $deal_id, $text, coalesce(max(position), 0) + 1, $due_on, $assignee_id, $now
        FROM base.checklist_items
        WHERE checklist_id = $checklist_id
        RETURNING id
        """,
        checklist_id=checklist.id,
        deal_id=checklist.deal_id,
        text=text,
        due_on=due_on,
        assignee_id=assignee_id,
        now=tx.now,
    )


def checked_day(value: date | None) -> date | None:
    return None if value is None else bounds.checked_day(value, "due_on", tr("day on which an item is due"))


_ASSIGNABLE = f"""
    SELECT person.id, person.name
    FROM users AS person
    WHERE person.active AND (
        person.id = $owner_id
        OR person.role IN ({", ".join(f"'{role}'" for role in sorted(SEES_EVERYTHING))})
        OR NOT (SELECT owner_privacy FROM workspace)
        OR (person.role = '{Role.VIEWER}' AND (SELECT viewers_see_all FROM workspace))
        OR person.id IN (SELECT user_id FROM team_members WHERE team_id = $team_id)
    )
"""
"""SQL of the users to whom an item can be assigned: others could not see the deal, but would be notified of it."""


def _owner_params(deal: Row) -> dict[str, Any]:
    return {"owner_id": deal["owner_id"], "team_id": deal["team_id"]}


def _deal(tx: Reading, deal_id: int) -> Row:
    of = registry.get("deal")
    return tx.row(
        f"SELECT id, {of.title_sql()} AS title, owner_id, team_id FROM {of.plural} WHERE id = $id", id=deal_id
    )


def _refuse_assignee(tx: Reading, deal: Row, assignee_id: int | None) -> None:
    if assignee_id is None:
        return
    if not tx.rows(f"{_ASSIGNABLE} AND person.id = $id", **_owner_params(deal), id=assignee_id):
        raise Invalid(tr("There is no such active user, or they may not see this deal."), "assignee_id")


def _shown_changes(before: Item, after: Item) -> dict[str, list[Any]]:
    shown = {"text", "due_on", "assignee_id", "assignee_name"}
    return changed(before.model_dump(include=shown), after.model_dump(include=shown))
