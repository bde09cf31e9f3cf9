"""The list of a custom type as a board by one of its list fields."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from crm import objects
from crm.foundation.access import SYSTEM, Actor, Module
from crm.objects import ObjectType
from crm.platform import workspace
from crm.records import filters, registry, segments
from crm.records.filters import Rule
from crm.store import Store
from tests.pages import open_page, tell, undo_text
from tests.people import Team

pytestmark = pytest.mark.usefixtures("framed")


@pytest.fixture
def course(store: Store, team: Team) -> ObjectType:
    """The type Course with the lists Level and Mode."""
    with store.writing(SYSTEM) as tx:
        workspace.switch(tx, Module.OBJECTS, True)
        made = objects.create(tx, singular="Course", plural="Courses")
        objects.add_field(tx, made.id, name="Level", type="list", values=["A1", "B1"])
        objects.add_field(tx, made.id, name="Mode", type="list", values=["Online", "On site"])
    return made


@pytest.fixture
def art(store: Store, team: Team, course: ObjectType) -> int:
    """The id of a course of level A1."""
    with store.writing(team.marta) as tx:
        return int(registry.room(course.kind).create(tx, name="Art", level="A1").id)


def opened(store: Store, actor: Actor, course: ObjectType, **query: str) -> AppTest:
    page = open_page(store, registry.get(course.kind).plural, actor, show="board", **query)
    assert not page.exception
    return page


def drawn(page: AppTest) -> dict[str, Any]:
    """What the board was given."""
    found = next(part.proto for part in page.get("bidi_component") if "-board-" in part.proto.id)
    return dict(json.loads(found.bytes)["shown"])


def columns(page: AppTest) -> dict[str, list[str]]:
    return {column["name"]: [card["title"] for card in column["cards"]] for column in drawn(page)["columns"]}


def move(page: AppTest, course: ObjectType, record_id: int, column: str, *, seq: int = 1, version: int = 1) -> AppTest:
    """The page once a card was dropped."""
    moves = [{"client": "one", "seq": seq, "id": record_id, "column": column, "version": version}]
    return tell(page, f"{registry.get(course.kind).plural}-board-level", "moves", moves)


def level(store: Store, course: ObjectType, record_id: int) -> str | None:
    with store.reading(SYSTEM) as tx:
        found: str | None = registry.room(course.kind).get(tx, record_id).level
    return found


def test_the_list_offers_a_board_by_each_list_field(store: Store, team: Team, course: ObjectType, art: int) -> None:
    page = open_page(store, registry.get(course.kind).plural, team.ana)
    assert not page.exception
    assert len(page.dataframe) == 1
    page = opened(store, team.ana, course)
    assert not page.dataframe
    assert columns(page) == {"A1": ["Art"], "B1": []}
    assert columns(opened(store, team.ana, course, by="mode")) == {"Online": [], "On site": [], "No value": ["Art"]}
    assert columns(opened(store, team.ana, course, by="nothing")) == columns(page)


def test_a_type_without_a_list_field_is_offered_none(store: Store, team: Team) -> None:
    with store.writing(SYSTEM) as tx:
        workspace.switch(tx, Module.OBJECTS, True)
        room = objects.create(tx, singular="Room", plural="Rooms")
    with store.writing(team.marta) as tx:
        registry.room(room.kind).create(tx, name="Blue")
    page = opened(store, team.ana, room)
    assert len(page.dataframe) == 1
    assert "View" not in [each.label for each in page.get("button_group")]


def test_a_contact_list_is_no_board(store: Store, team: Team) -> None:
    page = open_page(store, "contacts", team.ana, show="board")
    assert not page.exception
    assert "View" not in [each.label for each in page.get("button_group")]


def test_a_drop_sets_the_field_and_is_undone(store: Store, team: Team, course: ObjectType, art: int) -> None:
    page = move(opened(store, team.marta, course), course, art, "B1")
    assert not page.exception
    assert level(store, course, art) == "B1"
    assert columns(page) == {"A1": [], "B1": ["Art"]}
    assert undo_text(page) == "“Art” moved to B1."
    page.button(key="undo-press").click().run()
    assert level(store, course, art) == "A1"


def test_a_stale_drop_is_put_back(store: Store, team: Team, course: ObjectType, art: int) -> None:
    page = opened(store, team.marta, course)
    with store.writing(team.ada) as tx:
        registry.room(course.kind).edit(tx, art, name="Fine art")
    page = move(page, course, art, "B1")
    assert "Put back" in page.toast[0].value
    assert level(store, course, art) == "A1"


def test_a_required_value_cannot_be_taken_away(store: Store, team: Team, course: ObjectType, art: int) -> None:
    with store.writing(team.ada) as tx:
        field = next(each for each in objects.fields(tx, course.id) if each.key == "level")
        objects.set_required(tx, field.definition.id, True)
    page = move(opened(store, team.marta, course), course, art, "")
    assert "“Level” needs a value" in page.toast[0].value
    assert level(store, course, art) == "A1"


def test_search_filter_and_segment_hold_for_the_board(store: Store, team: Team, course: ObjectType, art: int) -> None:
    with store.writing(team.ana) as tx:
        registry.room(course.kind).create(tx, name="Chess", level="B1")
        plural = registry.get(course.kind).plural
        low = Rule(field="level", op="is", value="A1")
        segment = segments.create(tx, kind=plural, name="Beginners", filter=low)
    assert columns(opened(store, team.ana, course, q="chess")) == {"A1": [], "B1": ["Chess"]}
    assert columns(opened(store, team.ana, course, filter=filters.dump(low))) == {"A1": ["Art"], "B1": []}
    assert columns(opened(store, team.ana, course, segment=str(segment.id))) == {"A1": ["Art"], "B1": []}


def test_who_may_not_change_records_moves_none(store: Store, team: Team, course: ObjectType, art: int) -> None:
    assert drawn(opened(store, team.vera, course))["readonly"]
