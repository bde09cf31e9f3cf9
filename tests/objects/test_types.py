"""Custom types: made, changed, put in order, deleted, brought back, and deleted for good."""

from datetime import timedelta

import pytest

from crm import contacts, objects
from crm.foundation import clock
from crm.foundation.access import SYSTEM, Module
from crm.foundation.errors import CrmError, Duplicate, Forbidden, Invalid, ModuleOff, NotFound, Stale
from crm.objects import ObjectType
from crm.platform import workspace
from crm.records import filtering, notes, registry, segments
from crm.records.filters import Related, Rule, describe
from crm.records.listing import ListQuery
from crm.store import Store
from crm.verify import verify
from crm.worker import housekeeping
from tests.people import Team


def test_a_type_is_a_record_type_at_once_and_after_the_store_was_opened_anew(
    store: Store, team: Team, course: ObjectType
) -> None:
    room = registry.room(course.kind)
    with store.writing(team.ana) as tx:
        english = room.create(tx, name="English")
    store.close()
    again = Store(store.folder, threads=1)
    with again.reading(team.ana) as tx:
        assert (registry.get(course.kind).one, registry.get(course.kind).many) == ("course", "courses")
        assert room.get(tx, english.id).shown_name == "English"
    assert verify(again) == []
    again.close()


def test_two_stores_in_one_process_keep_their_own_types(store: Store, team: Team, course: ObjectType) -> None:
    other = Store(store.folder.parent / "other", threads=1)
    with other.reading(SYSTEM):
        assert course.kind not in registry.types()
    with store.reading(SYSTEM):
        assert course.kind in registry.types()
    other.close()


def test_a_renamed_type_keeps_its_key_address_and_records(store: Store, team: Team, course: ObjectType) -> None:
    with store.writing(team.marta) as tx:
        room = registry.room(course.kind)
        english = room.create(tx, name="English")
        renamed = objects.change(tx, course.id, singular="Class", plural="Classes", icon=":material/school:")
    assert (renamed.kind, renamed.slug, renamed.version) == (course.kind, "course", course.version + 1)
    with store.reading(team.marta) as tx:
        assert registry.get(course.kind).many == "classes"
        assert registry.room(course.kind).get(tx, english.id).name == "English"
    with pytest.raises(Stale), store.writing(team.marta) as tx:
        objects.change(tx, course.id, singular="Lesson", version=course.version)


@pytest.mark.parametrize("taken", ["Course", "courses", "Contact", "DEALS"])
def test_two_types_cannot_be_called_the_same(store: Store, team: Team, course: ObjectType, taken: str) -> None:
    with pytest.raises(Duplicate, match="already"), store.writing(team.marta) as tx:
        objects.create(tx, singular=taken, plural="Things")
    with store.reading(team.marta) as tx:
        assert [one.singular for one in objects.types(tx)] == ["Course"]


@pytest.mark.parametrize("name", ["", " ", "2nd", "*Course*", "{Course}", "Course|", "_x", "a_b_c", "x" * 61])
def test_a_name_that_sentences_could_not_hold_is_refused(
    store: Store, team: Team, course: ObjectType, name: str
) -> None:
    with pytest.raises(Invalid) as refusal, store.writing(team.marta) as tx:
        objects.create(tx, singular=name, plural="Things")
    assert refusal.value.field in ("singular", "name")


def test_types_are_put_in_order(store: Store, team: Team, course: ObjectType) -> None:
    with store.writing(team.marta) as tx:
        visit = objects.create(tx, singular="Visit", plural="Visits")
        objects.reorder(tx, [visit.id, course.id])
    with store.reading(team.marta) as tx:
        assert list(registry.custom()) == [visit.kind, course.kind]
    with pytest.raises(Invalid, match="changed meanwhile"), store.writing(team.marta) as tx:
        objects.reorder(tx, [visit.id])


def test_a_deleted_type_leaves_everything_and_comes_back_with_its_records(
    store: Store, team: Team, course: ObjectType
) -> None:
    with store.writing(team.marta) as tx:
        english = registry.room(course.kind).create(tx, name="English")
        notes.add(tx, course.kind, english.id, "Starts in March")
        kept = segments.create(
            tx, kind=registry.get(course.kind).plural, name="E", filter=Rule(field="name", op="is", value="English")
        )
        objects.delete(tx, course.id)
    assert course.kind not in registry.types()
    with store.reading(team.marta) as tx:
        assert objects.types(tx) == []
        assert [one.singular for one in objects.deleted(tx)] == ["Course"]
        assert segments.of_kind(tx) == []
        assert tx.rows("SELECT * FROM notes") == []
        with pytest.raises(NotFound):
            objects.get(tx, course.id)
    assert verify(store) == []
    with store.writing(team.marta) as tx:
        back = objects.restore(tx, course.id)
    assert (back.kind, back.slug) == (course.kind, course.slug)
    with store.reading(team.marta) as tx:
        assert registry.room(course.kind).get(tx, english.id).name == "English"
        assert [note.text for note in notes.of(tx, course.kind, english.id)] == ["Starts in March"]
        assert [one.id for one in segments.of_kind(tx)] == [kept.id]


def test_a_type_comes_back_under_another_address_where_its_own_was_taken(
    store: Store, team: Team, course: ObjectType
) -> None:
    with store.writing(team.marta) as tx:
        objects.delete(tx, course.id)
        second = objects.create(tx, singular="Course", plural="Courses")
        assert second.slug == "course"
        with pytest.raises(Duplicate):
            objects.restore(tx, course.id)
        objects.change(tx, second.id, singular="Lesson", plural="Lessons")
        assert objects.restore(tx, course.id).slug == "course_2"


def test_after_thirty_days_a_deleted_type_is_gone_for_good(
    store: Store, team: Team, course: ObjectType, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.writing(team.marta) as tx:
        english = registry.room(course.kind).create(tx, name="English")
        notes.add(tx, course.kind, english.id, "Starts in March")
        contacts.create(tx, name="Lia")
        of_course = Related(relation=registry.get(course.kind).plural)
        taking = segments.create(tx, kind="contacts", name="Taking a course", filter=of_course)
        objects.delete(tx, course.id)
    later = clock.now() + timedelta(days=31)
    monkeypatch.setattr(clock, "now", lambda: later)
    housekeeping.run(store, 1)
    with store.reading(SYSTEM) as tx:
        assert objects.deleted(tx) == []
        assert tx.rows("SELECT * FROM base.notes") == []
        assert tx.rows("SELECT * FROM duckdb_tables() WHERE contains(table_name, 'object_1')") == []
        assert registry.one_of(course.kind) == "course"
        assert registry.many_of("objects_1") == "courses"
    with store.reading(team.marta) as tx:
        assert segments.broken(tx, taking) == ["“courses” can no longer be filtered by."]
        said = describe(of_course, filtering.fields_of(tx, "contacts"))
        assert said == "has a “courses” (no longer exists)"
    assert verify(store) == []


def test_a_workspace_has_at_most_fifty_types(store: Store, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm.objects.verbs.MOST_TYPES", 2)
    with store.writing(SYSTEM) as tx:
        workspace.switch(tx, Module.OBJECTS, True)
        for name in ("One", "Two"):
            objects.create(tx, singular=name, plural=f"{name}s")
        with pytest.raises(Invalid, match="at most 2 types"):
            objects.create(tx, singular="Three", plural="Threes")


@pytest.mark.parametrize("who", ["ana", "rui", "vera"])
def test_only_who_may_manage_custom_objects_makes_and_changes_types(
    store: Store, team: Team, course: ObjectType, who: str
) -> None:
    verbs = [
        lambda tx: objects.create(tx, singular="Visit", plural="Visits"),
        lambda tx: objects.change(tx, course.id, singular="Visit"),
        lambda tx: objects.delete(tx, course.id),
        lambda tx: objects.reorder(tx, [course.id]),
        lambda tx: objects.add_field(tx, course.id, name="Level", type="text"),
    ]
    for verb in verbs:
        with pytest.raises(Forbidden), store.writing(getattr(team, who)) as tx:
            verb(tx)
    with store.reading(team.ada) as tx:
        assert objects.types(tx) == [course]


def test_with_the_module_off_there_are_no_types_and_their_data_is_kept(
    store: Store, team: Team, course: ObjectType
) -> None:
    with store.writing(team.ada) as tx:
        registry.room(course.kind).create(tx, name="English")
        workspace.switch(tx, Module.OBJECTS, False)
    with store.writing(team.ada) as tx:
        assert objects.types(tx) == []
        with pytest.raises(ModuleOff):
            objects.create(tx, singular="Visit", plural="Visits")
        with pytest.raises(CrmError):
            registry.room(course.kind).create(tx, name="French")
        assert registry.room(course.kind).find(tx, ListQuery()).total == 0
        workspace.switch(tx, Module.OBJECTS, True)
    with store.reading(team.ada) as tx:
        assert registry.room(course.kind).find(tx, ListQuery()).total == 1


@pytest.mark.parametrize("ready", objects.TEMPLATES, ids=lambda one: one.key)
def test_each_template_makes_types_that_take_records(store: Store, team: Team, ready: objects.Template) -> None:
    with store.writing(SYSTEM) as tx:
        workspace.switch(tx, Module.OBJECTS, True)
        for made in objects.from_template(tx, ready):
            record = registry.room(made.kind).create(tx, **{made.primary_field: "First"})
            assert record.shown_name == "First"
    assert verify(store) == []


@pytest.mark.parametrize(
    ("one", "many", "slug"),
    [
        ("Курс", "Курсы", "kurs"),
        ("Μάθημα", "Μαθήματα", "mathima"),
        ("课程", "课程们", "type_8bfe_7a0b"),
        ("पाठ्यक्रम", "पाठ्यक्रमों", "paaatthayakarama"),
        ("강의", "강의들", "gangyi"),
    ],
)
def test_a_type_and_its_fields_are_named_in_any_script(
    store: Store, team: Team, course: ObjectType, one: str, many: str, slug: str
) -> None:
    with store.writing(team.ada) as tx:
        made = objects.create(tx, singular=one, plural=many, primary=one)
        added = objects.add_field(tx, made.id, name=many, type="number")
        room = registry.room(made.kind)
        first = room.create(tx, **{made.primary_field: "A1", added.key: 3})
        assert (made.slug, made.singular, added.name) == (slug, one, many)
        assert added.key != made.primary_field
        assert room.get(tx, first.id).shown_name == "A1"
    assert verify(store) == []


def test_a_name_without_letters_is_refused_for_the_field_of_the_form(
    store: Store, team: Team, course: ObjectType
) -> None:
    for given in ({"singular": "!!!"}, {"plural": "🚀"}, {"primary": "…"}):
        with pytest.raises(Invalid) as refused, store.writing(team.ada) as tx:
            objects.create(tx, **{"singular": "Visit", "plural": "Visits", **given})
        assert refused.value.field == next(iter(given))
