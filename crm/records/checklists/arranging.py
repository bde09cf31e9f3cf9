"""Changes the order of a deal's checklists and of their items, which may move between lists."""

from collections.abc import Mapping, Sequence

from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.records.checklists.model import Checklist, of, require_change
from crm.store import Writing


def arrange(tx: Writing, deal_id: int, order: Mapping[int, Sequence[int]]) -> list[Checklist]:
    """Put lists, and the items in each, into this order: {checklist: its items}.

    Items that the order does not contain, because somebody added them meanwhile, stay in their list after those that it
    does; items that were removed meanwhile are skipped. No item is lost or duplicated: raises Invalid for an order that
    contains one twice, or an item or list of another deal.
    """
    require_change(tx, deal_id)
    before = of(tx, deal_id)
    _refuse_twice(order)
    _refuse_foreign(tx, deal_id, order)
    arranged = _completed(before, order)
    current = {checklist.id: [item.id for item in checklist.items] for checklist in before}
    # Dicts are equal whatever their order, and the order of the lists counts, too.
    if arranged == current and list(arranged) == list(current):
        return before
    _write(tx, before, arranged)
    tx.record(
        "checklist.arranged", "deal", deal_id, order=[[list_id, item_ids] for list_id, item_ids in arranged.items()]
    )
    return of(tx, deal_id)


def _completed(before: Sequence[Checklist], order: Mapping[int, Sequence[int]]) -> dict[int, list[int]]:
    existing_items = {item.id for checklist in before for item in checklist.items}
    ordered_items = {item_id for items in order.values() for item_id in items}
    current = {checklist.id: checklist for checklist in before}
    lists = [
        *(list_id for list_id in order if list_id in current),
        *(list_id for list_id in current if list_id not in order),
    ]
    return {
        list_id: [
            *(item_id for item_id in order.get(list_id, ()) if item_id in existing_items),
            *(item.id for item in current[list_id].items if item.id not in ordered_items),
        ]
        for list_id in lists
    }


def _refuse_twice(order: Mapping[int, Sequence[int]]) -> None:
    ordered = [item_id for items in order.values() for item_id in items]
    if len(ordered) != len(set(ordered)):
        raise Invalid(tr("The order names an item twice."), "order")


def _refuse_foreign(tx: Writing, deal_id: int, order: Mapping[int, Sequence[int]]) -> None:
    """Raise Invalid for items and lists of other deals. Removed ones are accepted, since somebody may have removed them
    during the drag; but not a removed list with items dragged into it, which would have no place."""
    items = [item_id for items in order.values() for item_id in items]
    foreign = tx.value(
        "SELECT count(*) FROM checklist_items WHERE id IN (SELECT unnest($ids::BIGINT[])) AND deal_id <> $deal_id",
        ids=items,
        deal_id=deal_id,
    )
    non_empty = [list_id for list_id, item_ids in order.items() if item_ids]
    of_this_deal = tx.value(
        "SELECT count(*) FROM checklists WHERE id IN (SELECT unnest($ids::BIGINT[])) AND deal_id = $deal_id",
        ids=non_empty,
        deal_id=deal_id,
    )
    if foreign or of_this_deal != len(non_empty):
        raise Invalid(tr("The order names a list or an item that is not on this deal. Look at it again."), "order")


def _write(tx: Writing, before: Sequence[Checklist], arranged: Mapping[int, Sequence[int]]) -> None:
    """Write only the rows whose position changes."""
    item_places = {item.id: (item.checklist_id, item.position) for checklist in before for item in checklist.items}
    list_positions = {checklist.id: checklist.position for checklist in before}
    for position, checklist_id in enumerate(arranged, start=1):
        if list_positions[checklist_id] != position:
            tx.run("UPDATE base.checklists SET position = $p WHERE id = $id", p=position, id=checklist_id)
        for item_position, item_id in enumerate(arranged[checklist_id], start=1):
            if item_places[item_id] != (checklist_id, item_position):
                tx.run(
                    "UPDATE base.checklist_items SET checklist_id = $list_id, position = $place WHERE id = $id",
                    list_id=checklist_id,
                    place=item_position,
                    id=item_id,
                )
