"""The order of a deal's checklists and of their items, which may go from one list to another."""

from collections.abc import Mapping, Sequence

from crm.foundation.errors import Invalid
from crm.records.checklists.model import Checklist, of, require_change
from crm.store import Writing


def arrange(tx: Writing, deal_id: int, order: Mapping[int, Sequence[int]]) -> list[Checklist]:
    """Put lists, and the items in each, into this order: {checklist: its items}.

    What the order does not name, because somebody added it meanwhile, stays in its list after what it does name. What
    it names and is gone is left out. No item is lost by it, and none is there twice: Invalid for an order that names
    one twice, or an item or a list of another deal.
    """
    require_change(tx, deal_id)
    before = of(tx, deal_id)
    _refuse_twice(order)
    _refuse_foreign(tx, deal_id, order)
    wanted = _completed(before, order)
    if wanted == {one.id: [item.id for item in one.items] for one in before} and list(wanted) == [o.id for o in before]:
        return before
    _write(tx, before, wanted)
    tx.record("checklist.arranged", "deal", deal_id, order=[[one, items] for one, items in wanted.items()])
    return of(tx, deal_id)


def _completed(before: Sequence[Checklist], order: Mapping[int, Sequence[int]]) -> dict[int, list[int]]:
    there = {item.id: one.id for one in before for item in one.items}
    named = {item_id for items in order.values() for item_id in items}
    known = {one.id: one for one in before}
    lists = [*(one for one in order if one in known), *(one for one in known if one not in order)]
    return {
        one: [
            *(item_id for item_id in order.get(one, ()) if item_id in there),
            *(item.id for item in known[one].items if item.id not in named),
        ]
        for one in lists
    }


def _refuse_twice(order: Mapping[int, Sequence[int]]) -> None:
    named = [item_id for items in order.values() for item_id in items]
    if len(named) != len(set(named)):
        raise Invalid("The order names an item twice.", "order")


def _refuse_foreign(tx: Writing, deal_id: int, order: Mapping[int, Sequence[int]]) -> None:
    """What is gone is not foreign: somebody removed it while this person was dragging. A list that is gone with items
    put into it is refused, though: where should they go?"""
    items = [item_id for items in order.values() for item_id in items]
    foreign = tx.value(
        "SELECT count(*) FROM checklist_items WHERE id IN (SELECT unnest($ids::BIGINT[])) AND deal_id <> $deal_id",
        ids=items,
        deal_id=deal_id,
    )
    filled = [one for one, named in order.items() if named]
    here = tx.value(
        "SELECT count(*) FROM checklists WHERE id IN (SELECT unnest($ids::BIGINT[])) AND deal_id = $deal_id",
        ids=filled,
        deal_id=deal_id,
    )
    if foreign or here != len(filled):
        raise Invalid("The order names a list or an item that is not on this deal. Look at it again.", "order")


def _write(tx: Writing, before: Sequence[Checklist], wanted: Mapping[int, Sequence[int]]) -> None:
    """Only what changes its place."""
    was = {item.id: (item.checklist_id, item.position) for one in before for item in one.items}
    lists = {one.id: one.position for one in before}
    for position, checklist_id in enumerate(wanted, start=1):
        if lists[checklist_id] != position:
            tx.run("UPDATE base.checklists SET position = $p WHERE id = $id", p=position, id=checklist_id)
        for place, item_id in enumerate(wanted[checklist_id], start=1):
            if was[item_id] != (checklist_id, place):
                tx.run(
                    "UPDATE base.checklist_items SET checklist_id = $list_id, position = $place WHERE id = $id",
                    list_id=checklist_id,
                    place=place,
                    id=item_id,
                )
