"""A person who is erased or handed out, wherever records point to them: a type that is forgotten fails here."""

import io
import json
import zipfile
from typing import Any

from crm.foundation.access import SYSTEM
from crm.privacy import personal_export
from crm.privacy.erasing import places, removal
from crm.records import attributes, labels, registry
from crm.records.attributes import defining
from crm.records.declaration import RecordType, Trait
from crm.store import Store
from crm.worker import housekeeping
from tests.laws.samples import Samples
from tests.people import Team


def test_records_that_name_a_person_go_on_without_them_and_are_handed_out(
    store: Store, team: Team, of: RecordType[Any], samples: Samples, apart: dict[str, Any]
) -> None:
    naming = [key for key, field in of.references.items() if field.to == "contact"]
    with store.writing(team.ada) as tx:
        made = registry.room(of.key).create(tx, **samples.record(0), **apart)
    if naming:
        person = samples.pointed["contact"][0]
        target = io.BytesIO()
        personal_export.write(store, team.ada, person, target)
        with zipfile.ZipFile(target) as archive:
            rows = json.loads(archive.read(f"{of.plural}.json"))
        assert [row["id"] for row in rows if row["id"] == made.id] == [made.id], f"{of.plural} are not handed out"
        with store.writing(SYSTEM) as tx:
            assert made.id in removal.unlink(tx, "contact", [person])[of.plural]
            removal.remove(tx, "contact", [person])
        with store.reading(team.ada) as tx:
            left = tx.row(f"SELECT * FROM base.{of.plural} WHERE id = $id", id=made.id)
            assert [left[of.fields[key].column] for key in naming] == [None] * len(naming)


def test_the_bin_is_emptied_of_every_type_that_has_one(
    store: Store, team: Team, of: RecordType[Any], samples: Samples, apart: dict[str, Any]
) -> None:
    if not of.has(Trait.BIN):
        return
    room = registry.room(of.key)
    with store.writing(team.ada) as tx:
        made = room.create(tx, **samples.record(0), **apart)
        room.delete(tx, made.id)
        tx.run(f"UPDATE base.{of.plural} SET deleted_at = deleted_at - INTERVAL 60 DAY WHERE id = $id", id=made.id)
    with store.writing(SYSTEM) as tx:
        assert housekeeping.empty_bin(tx)[of.plural] == 1
        assert tx.rows(f"SELECT id FROM base.{of.plural} WHERE id = $id", id=made.id) == []


def test_texts_that_are_unique_stay_apart_when_a_persons_words_are_taken_out(of: RecordType[Any]) -> None:
    texts = set(places.unique_texts(of.plural))
    assert texts == {column for one in of.uniques.values() if one.unique for column in (one.column, one.unique.column)}


def test_no_attribute_is_called_as_a_field_of_the_type(of: RecordType[Any], store: Store, team: Team) -> None:
    if not of.has(Trait.ATTRIBUTES):
        return
    for key in of.edited:
        assert key.removesuffix("_id") in defining.standard_keys(of.key)
    assert of.key in attributes.models()


def test_labels_are_counted_and_taken_off_every_type_that_has_them(
    store: Store, team: Team, of: RecordType[Any], samples: Samples, apart: dict[str, Any]
) -> None:
    if not of.has(Trait.LABELS):
        return
    room = registry.room(of.key)
    with store.writing(team.ada) as tx:
        made = room.create(tx, **samples.record(0), **apart)
        room.set_labels(tx, made.id, ["vip"])  # type: ignore[attr-defined]
        vip = next(one for one in labels.all_of(tx) if one.name == "vip")
        assert labels.uses(tx)[vip.id][of.plural] == 1
        assert labels.delete(tx, vip.id)[of.plural] == 1
        assert labels.uses(tx) == {}
