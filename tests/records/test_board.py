"""The records of a type as a board by one of its list fields."""

from decimal import Decimal

import pytest

from crm import objects
from crm.foundation.access import SYSTEM, Module
from crm.foundation.errors import Invalid, NotFound, Stale
from crm.objects import ObjectType
from crm.platform import workspace
from crm.records import attributes, board, registry
from crm.records.board import Board
from crm.records.filters import Rule
from crm.records.listing import ListQuery
from crm.store import Store
from tests.people import Team

LEVELS = ["A1", "B1", "C1"]


@pytest.fixture
def course(store: Store, team: Team) -> ObjectType:
    """The type Course with the list Level, a price, a first day and a teacher."""
    with store.writing(SYSTEM) as tx:
        workspace.switch(tx, Module.OBJECTS, True)
        made = objects.create(tx, singular="Course", plural="Courses")
        for name, kind in (("Level", "list"), ("Price", "currency"), ("Starts", "date"), ("Teacher", "person")):
            objects.add_field(tx, made.id, name=name, type=kind, values=LEVELS if kind == "list" else ())
        objects.add_field(tx, made.id, name="Seats", type="number")
    return made


def add(store: Store, team: Team, course: ObjectType, name: str, **values: object) -> int:
    with store.writing(team.marta) as tx:
        return int(registry.room(course.kind).create(tx, name=name, **values).id)


def read(store: Store, team: Team, course: ObjectType, query: ListQuery | None = None, **shown: object) -> Board:
    with store.reading(team.marta) as tx:
        return board.board(tx, registry.get(course.kind), "level", query or ListQuery(sort="name"), **shown)  # type: ignore[arg-type]


def titles(found: Board) -> dict[str | None, list[str]]:
    return {column.value: [card.title for card in column.cards] for column in found.columns}


def test_a_column_stands_for_each_value_and_one_for_the_records_without(
    store: Store, team: Team, course: ObjectType
) -> None:
    add(store, team, course, "Physics", level="C1")
    add(store, team, course, "Chess", level="A1")
    add(store, team, course, "Art", level="A1")
    assert titles(read(store, team, course)) == {"A1": ["Art", "Chess"], "B1": [], "C1": ["Physics"]}
    assert titles(read(store, team, course, ListQuery(sort="-name")))["A1"] == ["Chess", "Art"]
    add(store, team, course, "Drama")
    assert list(titles(read(store, team, course)).items())[-1] == (None, ["Drama"])


def test_heads_count_and_add_up_what_is_not_shown_too_each_currency_apart(
    store: Store, team: Team, course: ObjectType
) -> None:
    for number in range(60):
        add(store, team, course, f"Course {number:02}", level="A1", price=10, currency="EUR" if number % 2 else "BRL")
    head = read(store, team, course).columns[0]
    assert (head.count, len(head.cards)) == (60, board.SCREENFUL)
    assert {total.currency: total.value for total in head.totals} == {"EUR": Decimal(300), "BRL": Decimal(300)}
    more = read(store, team, course, shown=(("A1", 100),))
    assert [len(column.cards) for column in more.columns] == [60, 0, 0]


def test_a_card_shows_owner_labels_and_the_first_three_facts(store: Store, team: Team, course: ObjectType) -> None:
    art = add(
        store, team, course, "Art", level="A1", price=10, teacher_id=team.ids.ana, seats=12, owner_id=team.ids.bob
    )
    with store.writing(team.marta) as tx:
        registry.room(course.kind).set_labels(tx, art, ["Full"])
    card = read(store, team, course).columns[0].cards[0]
    assert (card.owner_name, [label.name for label in card.labels]) == ("Bob", ["Full"])
    # It has no first day, and its seats would be the fourth.
    assert [(fact.key, fact.value) for fact in card.facts] == [("price", Decimal(10)), ("teacher_id", "Ana")]


def test_a_card_tells_of_short_texts_and_of_lists_that_are_not_its_column(
    store: Store, team: Team, course: ObjectType
) -> None:
    with store.writing(SYSTEM) as tx:
        keys = {
            name: objects.add_field(tx, course.id, name=name, type=kind).key
            for name, kind in (("Site", "link"), ("About", "long text"), ("Room", "text"))
        }
        keys["Mode"] = objects.add_field(tx, course.id, name="Mode", type="list", values=["Online"]).key
    told = {keys["Site"]: "https://x.example", keys["About"]: "All of it", keys["Room"]: "12b", keys["Mode"]: "Online"}
    add(store, team, course, "Art", level="A1", external_id="A-1", **told)
    card = read(store, team, course).columns[0].cards[0]
    # None of the first three is given: what a card shows is decided for all cards at once.
    assert card.facts == ()
    with store.writing(SYSTEM) as tx:
        order = [field.definition for field in objects.fields(tx, course.id)]
        last = [one.id for one in order if one.name in ("Price", "Starts", "Teacher", "Seats")]
        attributes.reorder(tx, course.kind, [one.id for one in order if one.id not in last] + last)
    card = read(store, team, course).columns[0].cards[0]
    assert [(fact.key, fact.value) for fact in card.facts] == [(keys["Room"], "12b"), (keys["Mode"], "Online")]


def test_search_filter_and_segment_narrow_it(store: Store, team: Team, course: ObjectType) -> None:
    for name, level in (("Art", "A1"), ("Chess", "A1"), ("Physics", "C1")):
        add(store, team, course, name, level=level)
    assert read(store, team, course, ListQuery(search="chess", sort="name")).count == 1
    low = Rule(field="level", op="is", value="A1")
    assert read(store, team, course, ListQuery(filter=low, sort="name")).count == 2
    within = ListQuery(search="a", within=ListQuery(filter=low), sort="name")
    assert titles(read(store, team, course, within))["A1"] == ["Art"]


def test_what_is_no_list_field_makes_no_board(store: Store, team: Team, course: ObjectType) -> None:
    with pytest.raises(NotFound), store.reading(team.marta) as tx:
        board.board(tx, registry.get(course.kind), "price", ListQuery())


def test_the_edit_of_a_move_is_refused_where_it_is_stale_or_takes_a_required_value_away(
    store: Store, team: Team, course: ObjectType
) -> None:
    art = add(store, team, course, "Art", level="A1")
    room = registry.room(course.kind)
    with store.writing(team.marta) as tx:
        moved = room.edit(tx, art, version=1, level="B1")
        field = next(each for each in objects.fields(tx, course.id) if each.key == "level")
        objects.set_required(tx, field.definition.id, True)
    with pytest.raises(Stale), store.writing(team.marta) as tx:
        room.edit(tx, art, version=1, level="C1")
    with pytest.raises(Invalid, match="“Level” needs a value"), store.writing(team.marta) as tx:
        room.edit(tx, art, version=moved.version, level=None)
