"""The order of lists and items: whatever is dragged where, by however many people, each item is there exactly once."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm import deals
from crm.deals import Deal
from crm.foundation.errors import Invalid
from crm.records import checklists
from crm.records.checklists import Checklist
from crm.records.checklists.arranging import _completed
from crm.store import Store
from tests.people import Team


def texts(lists: list[Checklist]) -> list[list[str]]:
    return [[item.text for item in one.items] for one in lists]


@pytest.fixture
def start(store: Store, team: Team, chairs: Deal, offer: Checklist) -> Checklist:
    """A second list, with one item."""
    with store.writing(team.ana) as tx:
        made = checklists.add(tx, chairs.id, "Start")
        checklists.add_item(tx, made.id, "Greet")
        return checklists.get(tx, made.id)


def test_items_go_from_list_to_list_and_lists_above_each_other(
    store: Store, team: Team, chairs: Deal, offer: Checklist, start: Checklist
) -> None:
    measure, draw, send = (item.id for item in offer.items)
    with store.writing(team.bob) as tx:
        listed = checklists.arrange(tx, chairs.id, {start.id: [send, start.items[0].id, measure], offer.id: [draw]})
    assert texts(listed) == [["Send", "Greet", "Measure"], ["Draw"]]
    with store.reading(team.ana) as tx:
        assert checklists.of(tx, chairs.id) == listed


def test_what_others_added_meanwhile_stays_and_what_they_removed_is_left_out(
    store: Store, team: Team, chairs: Deal, offer: Checklist, start: Checklist
) -> None:
    measure, draw, send = (item.id for item in offer.items)
    with store.writing(team.bob) as tx:
        checklists.add_item(tx, offer.id, "Call")
        checklists.remove_item(tx, draw)
    with store.writing(team.ana) as tx:
        listed = checklists.arrange(tx, chairs.id, {offer.id: [send, draw, measure]})
    assert texts(listed) == [["Send", "Measure", "Call"], ["Greet"]]


def test_an_order_with_something_twice_or_of_another_deal_changes_nothing(
    store: Store, team: Team, chairs: Deal, offer: Checklist
) -> None:
    with store.writing(team.ana) as tx:
        other = deals.create(tx, title="Desks", pipeline_id=chairs.pipeline_id)
        foreign = checklists.add(tx, other.id, "Other")
        strange = checklists.add_item(tx, foreign.id, "Strange")
    first = offer.items[0].id
    for order in (
        {offer.id: [first, first]},
        {offer.id: [first], foreign.id: [strange.id]},
        {offer.id: [strange.id]},
        {foreign.id: [first]},
        {999: [first]},
    ):
        with pytest.raises(Invalid), store.writing(team.ana) as tx:
            checklists.arrange(tx, chairs.id, order)
    with store.reading(team.ana) as tx:
        assert checklists.of(tx, chairs.id) == [offer]


ORDERS = st.lists(st.tuples(st.integers(0, 2), st.permutations(range(6)), st.integers(0, 6), st.integers(0, 6)))


@settings(max_examples=60, deadline=None)
@given(dropped=ORDERS)
def test_each_item_is_there_exactly_once_after_any_drags(dropped) -> None:
    """Over the pure part: lists 1 to 3, items 10 to 15; each drag names some of the items, in two of the lists."""

    def shown(held: dict[int, list[int]]) -> list[Checklist]:
        return [
            Checklist.model_construct(
                id=one, items=tuple(checklists.Item.model_construct(id=item) for item in items), total=len(items)
            )
            for one, items in held.items()
        ]

    held = {1: [10, 11, 12], 2: [13, 14], 3: [15]}
    for first, mixed, cut, end in dropped:
        ids = [10 + number for number in mixed]
        order = {1 + first: ids[:cut], 1 + (first + 1) % 3: ids[cut : cut + end]}
        held = _completed(shown(held), order)
        assert sorted(item for items in held.values() for item in items) == [10, 11, 12, 13, 14, 15]
        assert sorted(held) == [1, 2, 3]
        for one, items in order.items():
            assert held[one][: len(items)] == items
