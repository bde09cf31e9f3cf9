"""Merging any type that says it can be: each field can come from either record, and taking it back leaves no trace."""

from typing import Any

import pytest

from crm.foundation.errors import Duplicate, Invalid, NotFound
from crm.records import duplicates, merging, registry
from crm.records.declaration import RecordType, Trait
from crm.records.fields import FieldKind
from crm.store import Store
from tests.laws.samples import Samples
from tests.people import Team


@pytest.fixture
def twins(store: Store, team: Team, of: RecordType[Any], samples: Samples, apart: dict[str, Any]) -> tuple[Any, Any]:
    if not of.has(Trait.MERGE):
        pytest.skip(f"{of.plural} are not merged")
    room = registry.room(of.key)
    with store.writing(team.ada) as tx:
        return room.create(tx, **samples.record(0), **apart), room.create(tx, **samples.record(1), **apart)


def test_each_field_can_come_from_either(
    store: Store, team: Team, of: RecordType[Any], twins: tuple[Any, Any], samples: Samples
) -> None:
    one, two = twins
    for key in of.edited:
        with store.writing(team.ada) as tx:
            merged = merging.merge(tx, of.key, one.id, two.id, take={key: two.id})
            assert getattr(merged, key) == samples.record(1)[key], f"{of.key}.{key} is not taken"
            others = {other: getattr(merged, other) for other in of.edited if other != key}
            assert others == {other: samples.record(0)[other] for other in others}
            made = merging.merges_into(tx, of.key, one.id)[0]
        with store.writing(team.ada) as tx:
            apart = merging.unmerge(tx, of.key, made.id)
        assert apart.stayed == ()
        for before, after in ((one, apart.survivor), (two, apart.absorbed)):
            times = {"updated_at", "version"}
            assert after.model_dump(exclude=times) == before.model_dump(exclude=times)


def test_what_only_one_of_them_says_is_kept(
    store: Store, team: Team, of: RecordType[Any], samples: Samples, apart: dict[str, Any]
) -> None:
    if not of.has(Trait.MERGE):
        pytest.skip(f"{of.plural} are not merged")
    room, full = registry.room(of.key), samples.record(0)
    least = {key: f"least {key}" for key, one in of.edited.items() if key == of.title[0] or one.required}
    least |= {key: full[key] for key, one in of.edited.items() if key in least and one.kind is not FieldKind.TEXT}
    with store.writing(team.ada) as tx:
        poor = room.create(tx, **({"owner_id": None} | least), **apart)
        rich = room.create(tx, **full, **apart)
        merged = merging.merge(tx, of.key, poor.id, rich.id)
    for key in of.edited:
        assert getattr(merged, key) == least.get(key, full[key]), f"{of.key}.{key} is lost"


def test_a_key_that_another_took_meanwhile_stops_the_way_back(
    store: Store, team: Team, of: RecordType[Any], twins: tuple[Any, Any], samples: Samples, apart: dict[str, Any]
) -> None:
    one, two = twins
    with store.writing(team.ada) as tx:
        merging.merge(tx, of.key, one.id, two.id)
        made = merging.merges_into(tx, of.key, one.id)[0]
    with store.writing(team.ada) as tx:
        registry.room(of.key).create(tx, **samples.record(1), **apart)
    with store.writing(team.ada) as tx, pytest.raises(Duplicate):
        merging.unmerge(tx, of.key, made.id)


def test_the_nightly_scan_compares_the_types_that_say_what_makes_two_alike(
    store: Store, team: Team, of: RecordType[Any], samples: Samples, apart: dict[str, Any]
) -> None:
    with store.writing(team.ada) as tx:
        registry.room(of.key).create(tx, **samples.record(0), **apart)
        duplicates.scan_what_changed(tx)
        asked = tx.rows("SELECT id FROM base.duplicate_runs WHERE subject_kind = $kind", kind=of.key)
        assert bool(asked) == bool(of.duplicate_rules)
        if not of.duplicate_rules:
            with pytest.raises((Invalid, NotFound)):
                duplicates.scan(tx, of.key)
