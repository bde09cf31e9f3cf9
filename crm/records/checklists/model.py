"""The models of checklists, and how to read them."""

from collections.abc import Mapping
from datetime import date, datetime

from pydantic import BaseModel

from crm.foundation import identity
from crm.foundation.access import Module, Permission
from crm.foundation.errors import Invalid, NotFound, Stale
from crm.foundation.language import later, tr
from crm.platform.people import users
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
    # Asked apart, since others on a page ask the same.
    subjects.require_visible(tx, "deal", deal_id, what=tr("deal"))
    # `base.`: who sees the deal sees these, and their views would check it again for each.
    rows = tx.rows(
        """
        SELECT list.id AS list_id, list.name AS list_name, list.position AS list_position, item.*
        FROM base.checklists AS list
        LEFT JOIN base.checklist_items AS item ON item.checklist_id = list.id AND item.deal_id = $id
        WHERE list.deal_id = $id
        """,
        id=deal_id,
    )
    names = users.names(tx)
    # Sorted here: the engine takes longer to plan a sort of a few rows than to read them.
    rows.sort(key=lambda row: (row["list_position"], row["list_id"], row["position"] or 0, row["id"] or 0))
    items: dict[tuple[int, str, int], list[Item]] = {}
    for row in rows:
        of_list = row.pop("list_id"), row.pop("list_name"), row.pop("list_position")
        items.setdefault(of_list, []).extend([_item(row, names)] if row["id"] is not None else [])
    return [
        Checklist(
            id=list_id,
            deal_id=deal_id,
            name=name,
            position=position,
            items=tuple(own),
            done=sum(one.is_done for one in own),
            total=len(own),
        )
        for (list_id, name, position), own in items.items()
    ]


def get(tx: Reading, checklist_id: int) -> Checklist:
    deal_id = tx.value("SELECT deal_id FROM checklists WHERE id = $id", id=checklist_id)
    if deal_id is None:
        raise NotFound(tr("checklist"))
    return next(one for one in of(tx, deal_id) if one.id == checklist_id)


def item(tx: Reading, item_id: int, *, version: int | None = None) -> Item:
    """An item. Raises NotFound where the actor may not see its deal, Stale where its content was changed after
    `version`."""
    rows = tx.rows("SELECT * FROM base.checklist_items WHERE id = $id", id=item_id)
    if not rows:
        raise NotFound(tr("item of a checklist"))
    found = _item(rows[0], users.names(tx))
    subjects.require_visible(tx, "deal", found.deal_id, what=tr("item of a checklist"))
    if version is not None and version != found.version:
        raise Stale(
            tr("Somebody changed “{name}” since you opened it. Look at it, then try again.", name=found.text),
            known_version=version,
            current=found.model_dump(),
        )
    return found


def _item(row: Row, names: Mapping[int, str]) -> Item:
    """A row of `base.checklist_items` as an item; what no person did, the product did."""
    doer = row["done_by"]
    return Item(
        **row,
        assignee_name=names.get(row["assignee_id"]),
        done_by_name=None if doer is None else names.get(doer, "Mallard"),
    )


def require_change(tx: Writing, deal_id: int) -> None:
    """Require the permission to change deals, and that the actor sees this one. A checklist is no edit of the deal
    itself."""
    subjects.require_change(tx, "deal", deal_id)


def checked_name(name: str, missing: str) -> str:
    """The name in its stored form. `missing` is the error message where there is none."""
    found = identity.text(name.strip(), later("name"), limit=LONGEST_NAME)
    if not found:
        raise Invalid(missing, "name")
    return found


def checked_text(text: str) -> str:
    found = identity.text(text.strip(), later("text"), limit=LONGEST)
    if not found:
        raise Invalid(tr("An item needs a text: what is to be done?"), "text")
    return found


def require_deals(tx: Writing) -> None:
    """Require the permission to change deals; called before any lookup, so that the refusal does not depend on its
    result."""
    tx.require(Permission.MANAGE_CRM, Module.CRM)
