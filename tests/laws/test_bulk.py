"""What a type's traits and fields promise of many records at once, and of segments, holds without code of the type."""

from typing import Any

import pytest

from crm.foundation.errors import Forbidden
from crm.records import bulk, listing, registry, segments
from crm.records.bulk import Action, Change
from crm.records.declaration import RecordType, Trait
from crm.records.listing import ListQuery
from crm.store import Store
from tests.laws.samples import Samples
from tests.people import Team

UNCHANGED = {"version", "updated_at"}


@pytest.fixture
def changeable(of: RecordType[Any]) -> RecordType[Any]:
    if not of.has(Trait.BULK):
        pytest.skip(f"{of.plural} are changed one by one")
    return of


@pytest.fixture
def made(store: Store, team: Team, of: RecordType[Any], samples: Samples, apart: dict[str, Any]) -> Any:
    with store.writing(team.ada) as tx:
        return registry.room(of.key).create(tx, **samples.record(0), **apart)


def changes(of: RecordType[Any], samples: Samples) -> list[Change]:
    """Those that follow from what every type may have."""
    found = [Change(action=Action.DELETE)] if of.has(Trait.BIN) else []
    if "owner_id" in of.references:
        found.append(Change(action=Action.SET_OWNER, owner_id=samples.pointed["users"][1]))
    if of.has(Trait.LABELS):
        found.append(Change(action=Action.ADD_LABEL, label="Rush"))
    return found


def test_each_operation_is_made_and_undone_without_a_trace(
    store: Store, team: Team, changeable: RecordType[Any], samples: Samples, made: Any
) -> None:
    room, query = registry.room(changeable.key), ListQuery(ids=(made.id,))
    for change in changes(changeable, samples):
        assert change.action in bulk.operations(changeable)
        with store.writing(team.ada) as tx:
            done = bulk.apply(tx, changeable.plural, query, change)
        assert done.changed == 1, change
        with store.reading(team.ada) as tx:
            after = room.find_one(tx, made.id)
        assert after is None or after.model_dump(exclude=UNCHANGED) != made.model_dump(exclude=UNCHANGED), change
        with store.writing(team.ada) as tx:
            assert bulk.undo(tx, done.id).put_back == 1, change
        with store.reading(team.ada) as tx:
            back = room.get(tx, made.id)
        assert back.model_dump(exclude=UNCHANGED) == made.model_dump(exclude=UNCHANGED), change


def test_many_at_once_ask_for_the_permission(
    store: Store, team: Team, changeable: RecordType[Any], samples: Samples, made: Any
) -> None:
    for change in changes(changeable, samples):
        with store.writing(team.vera) as tx, pytest.raises(Forbidden):
            bulk.apply(tx, changeable.plural, ListQuery(ids=(made.id,)), change)


def test_a_segment_holds_what_it_asks_for_and_no_more_than_one_may_see(
    store: Store, team: Team, of: RecordType[Any], made: Any
) -> None:
    if not of.has(Trait.SEGMENTS):
        pytest.skip(f"{of.plural} have no segments")
    with store.writing(team.ada) as tx:
        found = segments.create(tx, kind=of.plural, name="Those", search=made.shown_name, shared=True)
        assert segments.counts(tx, [found]) == {found.id: 1}
        assert listing.count(tx, segments.source(tx, of.plural), segments.list_query(found)) == 1
        tx.run("UPDATE base.workspace SET owner_privacy = true")
    with store.reading(team.bob) as tx:
        assert segments.counts(tx, [found]) == {found.id: 0}
    if of.module:
        with store.writing(team.ada) as tx:
            tx.run("UPDATE base.modules SET enabled = module <> $off", off=of.module.value)
        with store.reading(team.ada) as tx:
            assert segments.of_kind(tx) == []
