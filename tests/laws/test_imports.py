"""Each field of each type is read from a file, compared with what is there, refused and taken back."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest

from crm import imports
from crm.foundation.access import Actor
from crm.foundation.errors import Forbidden, ModuleOff
from crm.imports import Import, Options
from crm.imports.fields import all_targets, known_as, known_by, plain
from crm.imports.run import run
from crm.imports.undoing import undo_job
from crm.platform import files
from crm.records import references, registry
from crm.records.declaration import RecordType, Trait
from crm.records.fields import FieldKind, Reference
from crm.records.listing import ListQuery
from crm.store import Store
from tests.laws.samples import Samples
from tests.people import Team

Bring = Callable[..., Import]


@pytest.fixture
def imported(of: RecordType[Any]) -> RecordType[Any]:
    if not of.has(Trait.IMPORT):
        pytest.skip(f"{of.plural} are not imported")
    return of


@pytest.fixture
def bring(store: Store, imported: RecordType[Any]) -> Bring:
    """Import one row, of header → cell."""

    def bring(actor: Actor, row: dict[str, str], **options: Any) -> Import:
        out = io.StringIO(newline="")
        csv.writer(out).writerows([list(row), list(row.values())])
        sha256, size = files.keep(store, [out.getvalue().encode()], 2**20)
        with store.writing(actor) as tx:
            upload = files.register(tx, sha256=sha256, file_name="law.csv", size=size)
            begun = imports.begin(tx, imported.plural, upload.id, Options(**options), queue=False)
        run(store, begun.id)
        with store.reading(actor) as tx:
            return imports.get(tx, begun.id)

    return bring


@pytest.fixture
def spelled(
    store: Store, team: Team, imported: RecordType[Any], samples: Samples, apart: dict[str, Any]
) -> Callable[[dict[str, Any]], dict[str, str]]:
    """Values of fields as a file has them, each under the label of its column."""
    with store.writing(team.ada) as tx:
        for place, deal_id in enumerate(samples.pointed["deal"]):
            registry.room("deal").edit(tx, deal_id, identifier=f"deal {place}")

    def spelled(given: dict[str, Any]) -> dict[str, str]:
        labels = {one.column: one.label for one in all_targets(imported).values()}
        with store.reading(team.ada) as tx:
            cells = {labels[imported.fields[key].column]: cell(tx, key, value) for key, value in given.items()}
            return cells | ({"Pipeline": "Lessons"} if apart else {})

    def cell(tx: Any, key: str, value: Any) -> str:
        field = imported.fields[key]
        if isinstance(field, Reference):
            if field.to == "deal":
                return str(tx.value("SELECT identifier FROM deals WHERE id = $id", id=value))
            return str(references.name(tx, field, value))
        return ("yes" if value else "no") if isinstance(value, bool) else str(value)

    return spelled


def only(store: Store, team: Team, of: RecordType[Any], before: set[int] = frozenset()) -> Any:  # type: ignore[assignment]
    """The one record that was not there before."""
    with store.reading(team.ada) as tx:
        (row,) = [row for row in registry.room(of.key).find(tx, ListQuery()).items if row["id"] not in before]
        return registry.room(of.key).get(tx, row["id"])


def ids(store: Store, team: Team, of: RecordType[Any]) -> set[int]:
    with store.reading(team.ada) as tx:
        return {row["id"] for row in registry.room(of.key).find(tx, ListQuery()).items}


def test_each_field_is_read_from_a_column_of_its_name(
    store: Store, team: Team, imported: RecordType[Any], samples: Samples, bring: Bring, spelled: Any
) -> None:
    before, given = ids(store, team, imported), samples.record(0)
    done = bring(team.ada, spelled(given))
    assert (done.state, done.created) == ("done", 1), (done.message, done.found)
    made = only(store, team, imported, before)
    for key, value in given.items():
        assert getattr(made, key) == value, f"{imported.key}.{key} is not imported"
    with store.writing(team.ada) as tx:
        imports.undo(tx, done.id, queue=False)
    undo_job.run(store, done.id)
    assert ids(store, team, imported) == before


def test_a_field_that_is_wrong_refuses_its_row(
    store: Store, team: Team, imported: RecordType[Any], samples: Samples, bring: Bring, spelled: Any
) -> None:
    before, given = ids(store, team, imported), spelled(samples.record(0))
    for target in all_targets(imported).values():
        if not target.column or target.column not in {one.column for one in imported.edited.values()}:
            continue
        if target.kind is FieldKind.LONG_TEXT and target.field.limit > 100_000:  # type: ignore[attr-defined]
            continue
        done = bring(team.ada, given | {target.label: str(samples.wrong(target.field))})
        if target.kind is FieldKind.DATE and done.state == "failed":  # the one cell of its column: no pattern fits
            assert f"“{target.label}”" in str(done.message)
            continue
        with store.reading(team.ada) as tx:
            (refused,) = imports.rejected(tx, done.id)
        assert refused["field"] == target.key, f"{imported.key}.{target.key} is refused as {refused}"
        assert refused["reason"]
    assert ids(store, team, imported) == before


def test_what_a_new_record_needs_is_asked_for(
    store: Store, team: Team, imported: RecordType[Any], samples: Samples, bring: Bring, spelled: Any
) -> None:
    before, given = ids(store, team, imported), samples.record(0)
    lone = next(key for key in imported.edited if key not in imported.title and not imported.fields[key].unique)
    done = bring(team.ada, spelled({lone: given[lone]}))
    assert (done.created, done.rejected) == (0, 1)
    assert ids(store, team, imported) == before


def test_a_known_record_is_found_by_its_key_overwritten_and_given_back(
    store: Store, team: Team, imported: RecordType[Any], samples: Samples, bring: Bring, spelled: Any, apart: Any
) -> None:
    if not imported.uniques:
        pytest.skip(f"every row of {imported.plural} is a new one")
    first = samples.record(0)
    with store.writing(team.ada) as tx:
        was = registry.room(imported.key).create(tx, **first, **apart)
    second = samples.record(1) | {key: first[key] for key in imported.uniques}
    if imported.key == "order":
        second["source"] = first["source"]  # external ids are unique within a source
    done = bring(team.ada, spelled(second), on_duplicate="overwrite")
    assert (done.state, done.updated) == ("done", 1), (done.message, done.found)
    with store.reading(team.ada) as tx:
        now = registry.room(imported.key).get(tx, was.id)
    for key, value in second.items():
        assert getattr(now, key) == value, f"{imported.key}.{key} is not overwritten"
    with store.reading(team.ada) as tx:
        (told,) = imports.outcomes(tx, done.id, "updated").items
        changed = {known_as(imported, imported.fields[key].column) for key in first if first[key] != second[key]}
        assert changed == told.changes.keys()
    assert bring(team.ada, spelled(second), on_duplicate="overwrite").unchanged == 1
    with store.writing(team.ada) as tx:
        imports.undo(tx, done.id, queue=False)
    undo_job.run(store, done.id)
    with store.reading(team.ada) as tx:
        back = registry.room(imported.key).get(tx, was.id)
    for key, value in first.items():
        assert getattr(back, key) == value, f"{imported.key}.{key} is not given back"


def test_what_its_own_key_finds_is_filled_only_where_it_is_empty(
    store: Store, team: Team, imported: RecordType[Any], samples: Samples, bring: Bring, spelled: Any, apart: Any
) -> None:
    if not imported.uniques:
        pytest.skip(f"every row of {imported.plural} is a new one")
    first, second = samples.record(0), samples.record(1)
    lasting = {key for key, one in imported.edited.items() if one.required or key in imported.uniques}
    lasting |= {*imported.title, "owner_id", "source"}
    if imported.key == "order":
        lasting.add("contact_id")  # a buyer is needed
    with store.writing(team.ada) as tx:
        was = registry.room(imported.key).create(tx, **{k: v for k, v in first.items() if k in lasting}, **apart)
    done = bring(team.ada, spelled(second | {key: first[key] for key in lasting & first.keys()}))
    assert (done.state, done.updated) == ("done", 1), (done.message, done.found)
    with store.reading(team.ada) as tx:
        now = registry.room(imported.key).get(tx, was.id)
    for key in imported.edited:
        expected = first[key] if key in lasting else second[key]
        assert getattr(now, key) == expected, f"{imported.key}.{key} is not filled"


def test_no_word_of_a_header_means_two_fields(imported: RecordType[Any]) -> None:
    every = all_targets(imported)
    for key, target in every.items():
        found = known_by(imported, target.label)
        assert found is not None
        assert found.key == key, f"“{target.label}” is taken for {found.key}"
    words = [word for target in every.values() for word in target.words]
    assert len(words) == len(set(words)), sorted({word for word in words if words.count(word) > 1})
    assert words == [plain(word) for word in words]


def test_importing_asks_for_the_permissions_and_the_module(
    store: Store, team: Team, imported: RecordType[Any], bring: Bring
) -> None:
    with pytest.raises(Forbidden):
        bring(team.ana, {"Name": "x"})
    if imported.module is None:
        return
    with store.writing(team.ada) as tx:
        tx.run("UPDATE base.modules SET enabled = module <> $off", off=imported.module.value)
    with pytest.raises(ModuleOff):
        bring(team.marta, {"Name": "x"})


ORDER_OF_TEMPLATES = {
    "contacts": "identifier name first_name last_name email phone city country company owner team labels blocked",
    "companies": "name domain description owner team",
    "deals": "identifier title value currency pipeline stage last_open_stage owner team company contact created closed"
    " expected_close close_reason source priority labels",
    "orders": "external_id title value currency status source ordered_on paid_on contact contact_identifier"
    " contact_email contact_phone deal note",
}
"""Saved mappings name fields by these words, and templates show them in this order: both are a contract."""


def test_mappings_of_before_name_the_same_fields() -> None:
    for kind, words in ORDER_OF_TEMPLATES.items():
        found = list(all_targets(registry.by_plural(kind)))
        assert [key for key in found if key in words.split()] == words.split()
