"""Each declared field, wherever a record goes: a field that some part forgets fails here by its name."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from crm.foundation.errors import Duplicate, Invalid, NotFound, Stale
from crm.records import filtering, lists, registry
from crm.records.declaration import RecordType, Trait
from crm.records.fields import Reference
from crm.records.filters import Rule
from crm.records.listing import ListQuery
from crm.store import Store
from tests.laws.samples import Samples
from tests.people import Team


def held(of: RecordType[Any], record: Any, keys: Any) -> dict[str, Any]:
    return dict(record.model_dump(include=set(keys)))


def test_the_table_has_the_columns_that_the_declaration_names(store: Store, team: Team, of: RecordType[Any]) -> None:
    with store.reading(team.ada) as tx:
        columns = {row["name"] for row in tx.rows(f"FROM pragma_table_info('base.{of.plural}')")}
        seen = {row["column_name"] for row in tx.rows(f"DESCRIBE SELECT * FROM {of.plural}")}
    assert {one.column for one in of.edited.values()} <= columns
    assert {key for key, one in of.fields.items() if not one.read} <= seen
    assert set(of.key_columns) <= columns


def test_what_is_created_is_read_listed_filtered_and_sorted(
    store: Store, team: Team, of: RecordType[Any], samples: Samples, apart: dict[str, Any]
) -> None:
    room, given = registry.room(of.key), samples.record(0)
    with store.writing(team.ada) as tx:
        made = room.create(tx, **given, **apart)
        assert held(of, made, given) == given
    with store.reading(team.ada) as tx:
        assert room.get(tx, made.id) == made
        listed = room.find(tx, ListQuery()).items
        assert [held(of, of.record(**row), given) for row in listed if row["id"] == made.id] == [given]
        known = filtering.fields(tx, of)
        for key in of.edited:
            assert key in known, f"{of.key}.{key} cannot be filtered"
            value = given[key]
            if isinstance(value, Decimal | date):
                value = str(value)
            found = room.find(tx, ListQuery(filter=Rule(field=key, op="is", value=value))).items
            assert made.id in [row["id"] for row in found], f"{of.key}.{key} is not found by its value"
        for sort in lists.sorts(of):
            assert made.id in [row["id"] for row in room.find(tx, ListQuery(sort=sort)).items], f"sort by {sort}"
        for key in of.searched_fields:
            found = room.find(tx, ListQuery(search=str(given[key]))).items
            assert made.id in [row["id"] for row in found], f"{of.key}.{key} is not searched"


def test_each_field_is_edited_and_the_log_says_so(
    store: Store, team: Team, of: RecordType[Any], samples: Samples, apart: dict[str, Any]
) -> None:
    room, given, other = registry.room(of.key), samples.record(0), samples.record(1)
    with store.writing(team.ada) as tx:
        made = room.create(tx, **given, **apart)
    for key, value in other.items():
        with store.writing(team.ada) as tx:
            now = room.get(tx, made.id)
            after = room.edit(tx, made.id, version=now.version, **{key: value})
            assert getattr(after, key) == value, f"{of.key}.{key} is not edited"
            assert after.version == now.version + 1
            event = tx.rows("SELECT name, particulars FROM base.events ORDER BY seq DESC LIMIT 1")[0]
            assert event["name"].startswith(f"{of.key}.")
            assert f'"{key}"' in event["particulars"], f"the log does not tell of {of.key}.{key}"
            assert room.edit(tx, made.id, **{key: value}) == after  # nothing differs, nothing is written
        with store.writing(team.ada) as tx, pytest.raises(Stale):
            room.edit(tx, made.id, version=now.version, **{key: given[key]})


def test_each_field_refuses_what_does_not_fit(
    store: Store, team: Team, of: RecordType[Any], samples: Samples, apart: dict[str, Any]
) -> None:
    room, given = registry.room(of.key), samples.record(0)
    with store.writing(team.ada) as tx:
        made = room.create(tx, **given, **apart)
    for key, field in of.edited.items():
        with store.writing(team.ada) as tx, pytest.raises(Invalid) as refusal:
            room.edit(tx, made.id, **{key: samples.wrong(field)})
        assert refusal.value.field == key, f"{of.key}.{key} is refused as {refusal.value.field}"
        if field.required:
            with store.writing(team.ada) as tx, pytest.raises(Invalid) as refusal:
                room.edit(tx, made.id, **{key: None})
            assert (str(refusal.value), refusal.value.field) == (field.required.format(label=field.label), key)
        if isinstance(field, Reference):
            with store.writing(team.ada) as tx, pytest.raises(Invalid) as refusal:
                room.edit(tx, made.id, **{key: "one"})
            assert refusal.value.field == key
    with store.writing(team.ada) as tx, pytest.raises(Invalid, match="has no field “colour”"):
        room.edit(tx, made.id, colour="red")
    with store.reading(team.ada) as tx:
        assert room.get(tx, made.id) == made


def test_a_key_belongs_to_one_record_and_the_bin_frees_it(
    store: Store, team: Team, of: RecordType[Any], samples: Samples, apart: dict[str, Any]
) -> None:
    room, given = registry.room(of.key), samples.record(0)
    with store.writing(team.ada) as tx:
        made = room.create(tx, **given, **apart)
    for key in of.uniques:
        other = samples.record(1) | {key: given[key]}
        if of.key == "order":
            other["source"] = given["source"]  # external ids are unique within a source
        with store.writing(team.ada) as tx, pytest.raises(Duplicate) as refusal:
            room.create(tx, **other, **apart)
        assert (refusal.value.field, refusal.value.holder_id) == (key, made.id)
    if not of.has(Trait.BIN):
        return
    with store.writing(team.ada) as tx:
        room.delete(tx, made.id, version=made.version)
        with pytest.raises(NotFound):
            room.get(tx, made.id)
    if of.uniques:
        with store.writing(team.ada) as tx:
            second = room.create(tx, **given, **apart)
        with store.writing(team.ada) as tx, pytest.raises(Duplicate):
            room.restore(tx, made.id)
        with store.writing(team.ada) as tx:
            room.delete(tx, second.id)
    with store.writing(team.ada) as tx:
        back = room.restore(tx, made.id)
        assert held(of, back, given) == given
