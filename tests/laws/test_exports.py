"""Each field of each type is a column of its files, under a word that an import finds it by again."""

from typing import Any

import pytest

from crm import exports
from crm.exports import columns
from crm.foundation.errors import Forbidden, ModuleOff
from crm.records import registry
from crm.records.declaration import RecordType, Trait
from crm.records.fields import Reference
from crm.records.listing import ListQuery
from crm.store import Store
from tests.laws.samples import Samples
from tests.people import Team


@pytest.fixture
def exported(of: RecordType[Any]) -> RecordType[Any]:
    if not of.has(Trait.EXPORT):
        pytest.skip(f"{of.plural} are not exported")
    return of


def test_each_field_is_a_column_with_its_value(
    store: Store, team: Team, exported: RecordType[Any], samples: Samples, apart: dict[str, Any]
) -> None:
    with store.writing(team.ada) as tx:
        made = registry.room(exported.key).create(tx, **samples.record(0), **apart)
    with store.reading(team.ada) as tx:
        (row,) = exports.table(tx, exported.plural, ListQuery(ids=(made.id,))).to_pylist()
    headers = columns.headers(exported)
    for key, field in exported.edited.items():
        if not field.exported:
            continue
        assert headers[key] in row, f"files of {exported.plural} do not hold {key}"
        found = row[headers[key]]
        if isinstance(field, Reference):
            assert isinstance(found, str), f"files of {exported.plural} do not say what {key} points to"
        else:
            assert found == getattr(made, key), key


def test_files_ask_for_the_permission_and_the_module(store: Store, team: Team, exported: RecordType[Any]) -> None:
    with store.reading(team.vera) as tx, pytest.raises(Forbidden):
        exports.export(tx, exported.plural, "csv", ListQuery())
    if exported.module is None:
        return
    with store.writing(team.ada) as tx:
        tx.run("UPDATE base.modules SET enabled = module <> $off", off=exported.module.value)
    with store.reading(team.marta) as tx, pytest.raises(ModuleOff):
        exports.export(tx, exported.plural, "csv", ListQuery())
