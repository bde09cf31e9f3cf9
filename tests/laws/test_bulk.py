"""What a type's traits and fields promise of many records at once, and of segments, holds without code of the type."""

from typing import Any

import pytest

from crm import objects
from crm.foundation.access import SYSTEM
from crm.foundation.errors import Forbidden
from crm.records import bulk, event_types, feed, listing, registry, segments
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


def linkable(store: Store, of: RecordType[Any], samples: Samples) -> dict[str, Any]:
    """A record that those of the type can be linked to."""
    if of.custom:
        return {"linked_kind": "contact", "linked_id": samples.pointed["contact"][0]}
    with store.writing(SYSTEM) as tx:
        kind = objects.create(tx, singular="Room", plural="Rooms").kind
        return {"linked_kind": kind, "linked_id": registry.room(kind).create(tx, name="Blue").id}


def chosen(action: Action, samples: Samples, linked: dict[str, Any]) -> dict[str, Any]:
    """What an operation is asked for; all operations of all types are here."""
    return {
        Action.ADD_LABEL: {"label": "Rush"},
        Action.REMOVE_LABEL: {"label": "Rush"},
        Action.SET_OWNER: {"owner_id": samples.pointed["users"][1]},
        Action.SET_COMPANY: {"company_id": samples.pointed["company"][1]},
        Action.BLOCK: {},
        Action.UNBLOCK: {},
        Action.DELETE: {},
        Action.MOVE: {"stage_id": samples.pointed["base.stages"][1]},
        Action.WIN: {"note": "At last"},
        Action.LOSE: {"note": "Too dear"},
        Action.SET_STATUS: {"status": "paid"},
        Action.LINK: linked,
        Action.UNLINK: linked,
    }[action]


FIRST = {Action.REMOVE_LABEL: Action.ADD_LABEL, Action.UNBLOCK: Action.BLOCK, Action.UNLINK: Action.LINK}
"""Operations that change nothing unless another one was made before."""


def state(room: Any, store: Store, team: Team, record_id: int) -> dict[str, Any]:
    """The record's fields as JSON has them; those that were not read from the table are left out."""
    with store.reading(team.ada) as tx:
        found = room.find_one(tx, record_id)
    if found is None:
        return {"deleted": True}
    return {"deleted": False, **found.model_dump(mode="json")}


def test_the_change_feed_tells_of_each_operation_and_of_its_undo(
    store: Store, team: Team, changeable: RecordType[Any], samples: Samples, made: Any
) -> None:
    room, query = registry.room(changeable.key), ListQuery(ids=(made.id,))
    linked = linkable(store, changeable, samples)
    for action in bulk.operations(changeable):
        if action in FIRST:
            with store.writing(team.ada) as tx:
                first = FIRST[action]
                bulk.apply(tx, changeable.plural, query, Change(action=first, **chosen(first, samples, linked)))
        before = state(room, store, team, made.id)
        with store.writing(team.ada) as tx:
            start = feed.end(tx)
            done = bulk.apply(tx, changeable.plural, query, Change(action=action, **chosen(action, samples, linked)))
        after = state(room, store, team, made.id)
        with store.writing(team.ada) as tx:
            bulk.undo(tx, done.id)
        with store.reading(team.ada) as tx:
            told, undone = feed.changes(tx, start, kinds=[changeable.key])
        assert {told.event, undone.event} <= set(event_types.catalog())
        assert (undone.before, undone.after) == (told.after, told.before), action
        fields = {key for key in before if before[key] != after.get(key)} & stored(store, changeable)
        if after["deleted"]:
            fields = {"deleted"}
        assert fields <= set(told.after), f"the feed does not tell of {fields - set(told.after)} of {action}"
        for key in fields:
            assert (told.before[key], told.after[key]) == (before[key], after[key]), (action, key)


def stored(store: Store, of: RecordType[Any]) -> set[str]:
    """The fields that are in the record's own table, and its labels; names and figures follow from these."""
    with store.reading(SYSTEM) as tx:
        columns = {row["name"] for row in tx.rows(f"SELECT column_name AS name FROM (DESCRIBE base.{of.plural})")}
    return {key for key, one in of.fields.items() if one.column in columns} - UNCHANGED | {"labels"}


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
        assert segments.counts(tx, (found,)) == {found.id: 1}
        assert listing.count(tx, segments.source(tx, of.plural), segments.list_query(found)) == 1
        tx.run("UPDATE base.workspace SET owner_privacy = true")
    with store.reading(team.bob) as tx:
        assert segments.counts(tx, (found,)) == {found.id: 0}
    if of.module:
        with store.writing(team.ada) as tx:
            tx.run("UPDATE base.modules SET enabled = module <> $off", off=of.module.value)
        with store.reading(team.ada) as tx:
            assert segments.of_kind(tx) == []
