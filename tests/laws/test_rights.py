"""The permission, the module and the privacy that a type declares hold on every way to its records."""

from typing import Any

import pytest

from crm.foundation.access import Module
from crm.foundation.errors import Forbidden, ModuleOff, NotFound
from crm.records import registry
from crm.records.declaration import RecordType
from crm.records.listing import ListQuery
from crm.store import Store
from tests.laws.samples import Samples
from tests.people import Team


def test_without_the_permission_nothing_changes(
    store: Store, team: Team, of: RecordType[Any], samples: Samples, apart: dict[str, Any]
) -> None:
    room, given = registry.room(of.key), samples.record(0)
    with store.writing(team.ada) as tx:
        made = room.create(tx, **given, **apart)
    with store.writing(team.vera) as tx, pytest.raises(Forbidden):
        room.create(tx, **samples.record(1), **apart)
    with store.writing(team.vera) as tx, pytest.raises(Forbidden):
        room.edit(tx, made.id, **samples.record(1))
    with store.writing(team.vera) as tx, pytest.raises(Forbidden):
        getattr(room, "delete", room.edit)(tx, made.id)
    with store.reading(team.ada) as tx:
        assert room.get(tx, made.id) == made


def test_what_belongs_to_a_module_that_is_off_is_nowhere(
    store: Store, team: Team, of: RecordType[Any], samples: Samples, apart: dict[str, Any]
) -> None:
    if of.module is None:
        pytest.skip(f"{of.plural} are always there")
    room, given = registry.room(of.key), samples.record(0)
    with store.writing(team.ada) as tx:
        made = room.create(tx, **given, **apart)
    with store.writing(team.ada) as tx:
        tx.run("UPDATE base.modules SET enabled = module <> $off", off=of.module.value)
    with store.writing(team.marta) as tx, pytest.raises(ModuleOff):
        room.create(tx, **samples.record(1), **apart)
    with store.reading(team.marta) as tx, pytest.raises((NotFound, ModuleOff)):
        room.get(tx, made.id)
    with store.reading(team.marta) as tx:
        assert tx.value(f"SELECT count(*) FROM {of.plural}") == 0
    with store.writing(team.marta) as tx, pytest.raises((NotFound, ModuleOff)):
        room.edit(tx, made.id, **samples.record(1))


def test_a_rep_sees_no_record_of_another_rep(
    store: Store, team: Team, of: RecordType[Any], samples: Samples, apart: dict[str, Any]
) -> None:
    if of.module is Module.CATALOG:
        pytest.skip("the catalog is everybody's")
    room, given = registry.room(of.key), samples.record(0)
    with store.writing(team.ada) as tx:
        tx.run("UPDATE base.workspace SET owner_privacy = true")
    with store.writing(team.ada) as tx:
        made = room.create(tx, **given, **apart)
    with store.reading(team.bob) as tx:
        assert room.find_one(tx, made.id) is None
        page = room.find(tx, ListQuery(search=str(given[of.title[0]])))
        assert (page.items, page.total) == ([], 0)
    for change in ({}, samples.record(1)):
        with store.writing(team.bob) as tx, pytest.raises(NotFound):
            room.edit(tx, made.id, **change)
