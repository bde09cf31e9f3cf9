"""The models of checklists, and how to read them."""

from datetime import date, datetime

from pydantic import BaseModel

from crm.foundation import identity
from crm.foundation.access import Module, Permission
from crm.foundation.errors import Invalid, NotFound, Stale
from crm.records import subjects
from crm.store import Reading, Row, Writing
from crm.store.kept import kept

LONGEST = 500
LONGEST_NAME = 80


class Item(BaseModel, frozen=True):
    id: int
    checklist_id: int
    deal_id: int
    text: str
    position: int
    due_on: date | None
    assignee_id: int | None
    assignee_name: str | None
    done_at: datetime | None
    done_by: int | None
    done_by_name: str | None
    created_at: datetime
    version: int
    """Counts changes of the item's content; ticking is none, so that it makes no open form stale."""

    @property
    def is_done(self) -> bool:
        return self.done_at is not None

    def is_late(self, today: date) -> bool:
        return not self.is_done and self.due_on is not None and self.due_on < today


class Checklist(BaseModel, frozen=True):
    id: int
    deal_id: int
    name: str
    position: int
    items: tuple[Item, ...]
    """In order."""
    done: int
    total: int


@kept
def of(tx: Reading, deal_id: int) -> list[Checklist]:
    """The checklists of a deal with their items, in order. Raises NotFound where the actor may not see the deal."""
    subjects.require_visible(tx, "deal", deal_id)
    return _found(tx, "deal_id = $id", deal_id)


def get(tx: Reading, checklist_id: int) -> Checklist:
    found = _found(tx, "id = $id", checklist_id)
    if not found:
        raise NotFound("checklist")
    subjects.require_visible(tx, "deal", found[0].deal_id, what="checklist")
    return found[0]


def item(tx: Reading, item_id: int, *, version: int | None = None) -> Item:
    """An item. Raises NotFound where the actor may not see its deal, Stale where its content was changed after
    `version`."""
    found = _items(tx, "item.id = $id", item_id)
    if not found:
        raise NotFound("item of a checklist")
    subjects.require_visible(tx, "deal", found[0].deal_id, what="item of a checklist")
    if version is not None and version != found[0].version:
        raise Stale(
            f"Somebody changed “{found[0].text}” since you opened it. Look at it, then try again.",
            known_version=version,
            current=found[0].model_dump(),
        )
    return found[0]


def require_change(tx: Writing, deal_id: int) -> None:
    """Require the permission to change deals, and that the actor sees this one. A checklist is no edit of the deal
    itself."""
    subjects.require_change(tx, "deal", deal_id)


def checked_name(name: str, what: str) -> str:
    found = identity.text(name.strip(), "name", limit=LONGEST_NAME)
    if not found:
        raise Invalid(f"A {what} needs a name.", "name")
    return found


def checked_text(text: str) -> str:
    found = identity.text(text.strip(), "text", limit=LONGEST)
    if not found:
        raise Invalid("An item needs a text: what is to be done?", "text")
    return found


def require_deals(tx: Writing) -> None:
    """Require the permission to change deals; called before any lookup, so that the refusal does not depend on its
    result."""
    tx.require(Permission.MANAGE_CRM, Module.CRM)


def _found(tx: Reading, condition: str, number: int) -> list[Checklist]:
    lists = tx.rows(
        f"SELECT id, deal_id, name, position FROM checklists WHERE {condition} ORDER BY position, id", id=number
    )
    if not lists:
        return []
    items: dict[int, list[Item]] = {}
    # All the lists are of one deal: one query reads the items of all.
    for entry in _items(tx, "item.deal_id = $id", lists[0]["deal_id"]):
        items.setdefault(entry.checklist_id, []).append(entry)
    return [_checklist(row, items.get(row["id"], [])) for row in lists]


def _checklist(row: Row, items: list[Item]) -> Checklist:
    return Checklist(**row, items=tuple(items), done=sum(one.is_done for one in items), total=len(items))


def _items(tx: Reading, condition: str, number: int) -> list[Item]:
    rows = tx.rows(
        f"""
        SELECT
            item.*,
            assignee.name AS assignee_name,
            CASE WHEN item.done_by IS NOT NULL THEN coalesce(doer.name, 'Mallard') END AS done_by_name
        FROM checklist_items AS item
        LEFT JOIN base.users AS assignee ON assignee.id = item.assignee_id
        LEFT JOIN base.users AS doer ON doer.id = item.done_by
        WHERE {condition}
        ORDER BY item.position, item.id
        """,
        id=number,
    )
    return [Item(**row) for row in rows]
