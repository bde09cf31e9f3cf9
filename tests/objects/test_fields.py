"""Fields of custom types: added, required, unique, retyped, deleted and brought back."""

import pytest

from crm import objects
from crm.foundation.errors import Duplicate, Forbidden, Invalid
from crm.foundation.language import speaking, tr
from crm.objects import ObjectType
from crm.records import attributes, registry, segments
from crm.records.attributes import AttributeType
from crm.records.fields import Choice
from crm.records.filters import Rule
from crm.records.listing import ListQuery
from crm.store import Store
from crm.verify import verify
from tests.people import Team


def test_keys_that_mean_something_else_are_completed(store: Store, team: Team, course: ObjectType) -> None:
    names = ("Order", "Group", "Copy", "Now", "2nd level", "Deal id", "Search", "Desc", "D 12", "Owner name")
    names += ("Team name", "Self", "Sql")
    with store.writing(team.marta) as tx:
        made = [objects.add_field(tx, course.id, name=name, type="text") for name in names]
        teacher = objects.add_field(tx, course.id, name="Order of", type=AttributeType.PERSON)
        values = {field.key: f"a {field.name}" for field in made}
        record = registry.room(course.kind).create(tx, name="English", **values, **{teacher.key: team.ids.ana})
        edited = registry.room(course.kind).edit(tx, record.id, **dict.fromkeys(values, "b"))
    assert [field.key for field in made] == [
        *("order_field", "group_field", "copy_field", "now_field", "field_2nd_level", "deal_id_field"),
        *("search_field", "desc_field", "d_12_field", "owner_name_field", "team_name_field", "self", "sql"),
    ]
    assert {getattr(edited, key) for key in values} == {"b"}
    assert edited.order_of_name == "Ana"
    assert verify(store) == []


@pytest.mark.parametrize("name", ["Owner", "External id", "Created", "Labels", "Currency", "Name"])
def test_a_field_cannot_be_called_as_what_every_record_has(
    store: Store, team: Team, course: ObjectType, name: str
) -> None:
    with pytest.raises((Invalid, Duplicate)), store.writing(team.marta) as tx:
        objects.add_field(tx, course.id, name=name, type="text")


def test_a_person_and_a_text_do_not_share_a_name(store: Store, team: Team, course: ObjectType) -> None:
    with store.writing(team.marta) as tx:
        objects.add_field(tx, course.id, name="Teacher name", type="text")
    with pytest.raises(Invalid, match="standard field"), store.writing(team.marta) as tx:
        objects.add_field(tx, course.id, name="Teacher", type=AttributeType.PERSON)
    with store.reading(team.marta) as tx:
        assert [field.name for field in objects.fields(tx, course.id)] == ["Name", "Teacher name"]


def test_a_required_field_is_refused_where_records_lack_it_and_asked_for_from_then_on(
    store: Store, team: Team, course: ObjectType
) -> None:
    room = registry.room(course.kind)
    with store.writing(team.marta) as tx:
        level = objects.add_field(tx, course.id, name="Level", type="text")
        english = room.create(tx, name="English")
    with pytest.raises(Invalid, match="1 records have no “Level”"), store.writing(team.marta) as tx:
        objects.set_required(tx, level.definition.id, True)
    with store.writing(team.marta) as tx:
        room.edit(tx, english.id, level="A1")
        assert objects.set_required(tx, level.definition.id, True).required
    with pytest.raises(Invalid, match="“Level” needs a value"), store.writing(team.marta) as tx:
        room.create(tx, name="French")
    with store.writing(team.marta) as tx:
        objects.set_required(tx, level.definition.id, False)
        room.create(tx, name="French")


def test_what_is_unique_belongs_to_one_record(store: Store, team: Team, course: ObjectType) -> None:
    room = registry.room(course.kind)
    with store.writing(team.marta) as tx:
        code = objects.add_field(tx, course.id, name="Code", type="text").definition.id
        english, french = room.create(tx, name="English", code="E1"), room.create(tx, name="French", code="E1")
    with pytest.raises(Invalid, match="the same “Code”: “E1”"), store.writing(team.marta) as tx:
        objects.set_unique(tx, code, True)
    with store.writing(team.marta) as tx:
        room.edit(tx, french.id, code="F1")
        assert objects.set_unique(tx, code, True).unique
    with pytest.raises(Duplicate, match="“English”"), store.writing(team.marta) as tx:
        room.edit(tx, french.id, code="E1")
    assert verify(store) == []
    with store.writing(team.marta) as tx:
        objects.set_unique(tx, code, False)
        room.edit(tx, french.id, code="E1")
    assert english.id != french.id
    assert verify(store) == []


def test_a_type_has_four_unique_fields_beside_the_external_id(store: Store, team: Team, course: ObjectType) -> None:
    with store.writing(team.marta) as tx:
        for number in range(4):
            objects.add_field(tx, course.id, name=f"Code {number}", type="text", unique=True)
    with pytest.raises(Invalid, match="4 unique fields"), store.writing(team.marta) as tx:
        objects.add_field(tx, course.id, name="Code 5", type="text", unique=True)
    with store.reading(team.marta) as tx:
        assert len(objects.fields(tx, course.id)) == 5  # nothing of the refused one is kept
    with pytest.raises(Invalid, match="Only texts and links"), store.writing(team.marta) as tx:
        objects.add_field(tx, course.id, name="Hours", type="number", unique=True)


def test_a_type_has_at_most_a_hundred_fields(
    store: Store, team: Team, course: ObjectType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.records.attributes.custom_keys.MOST", 2)
    with store.writing(team.marta) as tx:
        objects.add_field(tx, course.id, name="Level", type="text")
    with pytest.raises(Invalid, match="at most 2"), store.writing(team.marta) as tx:
        objects.add_field(tx, course.id, name="Hours", type="number")


def test_a_retyped_field_says_before_what_would_not_convert(store: Store, team: Team, course: ObjectType) -> None:
    room = registry.room(course.kind)
    with store.writing(team.marta) as tx:
        hours = objects.add_field(tx, course.id, name="Hours", type="text").definition.id
        ids = [room.create(tx, name="English", hours=text).id for text in ("12", "7.5", "many")]
        preview = attributes.preview(tx, hours, "number")
        assert (preview.converts, preview.fails) == (2, 1)
    with pytest.raises(Invalid, match="would not convert"), store.writing(team.marta) as tx:
        attributes.convert(tx, hours, "number")
    with store.writing(team.marta) as tx:
        attributes.convert(tx, hours, "number", empty_rest=True)
        assert [room.get(tx, one).hours for one in ids] == [12.0, 7.5, None]
        assert room.find(tx, ListQuery(search="many")).total == 0  # the text went with its field
    assert verify(store) == []
    with store.reading(team.marta) as tx:
        former = attributes.deleted(tx, course.kind)
    with store.writing(team.marta) as tx:
        objects.restore_field(tx, former[0].id)
        assert room.get(tx, ids[2]).hours_2 == "many"
    assert verify(store) == []


def test_a_deleted_field_comes_back_with_its_values_and_a_segment_says_what_it_misses(
    store: Store, team: Team, course: ObjectType
) -> None:
    room, plural = registry.room(course.kind), registry.get(course.kind).plural
    with store.writing(team.marta) as tx:
        level = objects.add_field(tx, course.id, name="Level", type="list", values=("A1", "B2"))
        english = room.create(tx, name="English", level="B2")
        kept = segments.create(tx, kind=plural, name="B2", filter=Rule(field="level", op="is", value="B2"))
        objects.delete_field(tx, level.definition.id)
        assert not hasattr(room.get(tx, english.id), "level")
        assert segments.broken(tx, kept) == ["The field “Level” no longer exists."]
        objects.restore_field(tx, level.definition.id)
        assert room.get(tx, english.id).level == "B2"
        assert segments.broken(tx, kept) == []
    assert verify(store) == []


def test_what_names_or_tells_records_apart_is_neither_deleted_nor_retyped(
    store: Store, team: Team, course: ObjectType
) -> None:
    with store.writing(team.marta) as tx:
        name = objects.fields(tx, course.id)[0].definition.id
        code = objects.add_field(tx, course.id, name="Code", type="text", unique=True).definition.id
    for attribute_id, why in ((name, "names the records"), (code, "is unique")):
        with pytest.raises(Invalid, match=why), store.writing(team.marta) as tx:
            objects.delete_field(tx, attribute_id)
        with pytest.raises(Invalid, match=why), store.writing(team.marta) as tx:
            attributes.convert(tx, attribute_id, "number", empty_rest=True)


def test_another_field_names_the_records_once_all_have_it(store: Store, team: Team, course: ObjectType) -> None:
    room = registry.room(course.kind)
    with store.writing(team.marta) as tx:
        objects.add_field(tx, course.id, name="Code", type="text")
        english = room.create(tx, name="English")
    with pytest.raises(Invalid, match="Fill it first"), store.writing(team.marta) as tx:
        objects.change(tx, course.id, primary_field="code")
    with store.writing(team.marta) as tx:
        room.edit(tx, english.id, code="E1")
        objects.change(tx, course.id, primary_field="code")
        assert registry.room(course.kind).get(tx, english.id).shown_name == "E1"
        registry.room(course.kind).delete(tx, english.id)
        assert tx.rows("SELECT shown_name FROM bin") == [{"shown_name": "E1"}]


def test_a_renamed_value_is_renamed_in_records_and_filters(store: Store, team: Team, course: ObjectType) -> None:
    room = registry.room(course.kind)
    with store.writing(team.marta) as tx:
        level = objects.add_field(tx, course.id, name="Level", type="list", values=("A1", "B2")).definition
        english = room.create(tx, name="English", level="B2")
        value = next(one for one in attributes.list_values(tx, level.id) if one.name == "B2")
        attributes.rename_value(tx, value.id, "Upper")
        assert room.get(tx, english.id).level == "Upper"
    with store.reading(team.marta) as tx:
        found = room.find(tx, ListQuery(filter=Rule(field="level", op="is", value="B2")))
        assert [row["id"] for row in found.items] == [english.id]


def test_a_pattern_holds_for_forms(store: Store, team: Team, course: ObjectType) -> None:
    room = registry.room(course.kind)
    with store.writing(team.marta) as tx:
        objects.add_field(tx, course.id, name="Code", type="text", pattern="[A-Z][0-9]", hint="a letter and a digit")
        room.create(tx, name="English", code="E1")
    with pytest.raises(Invalid, match="“x” does not fit “Code”: a letter and a digit"), store.writing(team.marta) as tx:
        room.create(tx, name="French", code="x")


def test_reps_work_with_records_and_change_no_field(store: Store, team: Team, course: ObjectType) -> None:
    with store.writing(team.ana) as tx:
        assert registry.room(course.kind).create(tx, name="English").owner_id == team.ids.ana
        field = objects.fields(tx, course.id)[0].definition.id
    for verb in (attributes.delete, lambda tx, one: attributes.rename(tx, one, "Title")):
        with pytest.raises(Forbidden), store.writing(team.ana) as tx:
            verb(tx, field)
    with pytest.raises(Forbidden), store.writing(team.vera) as tx:
        registry.room(course.kind).create(tx, name="French")


def test_what_a_team_typed_is_not_translated(store: Store, team: Team, course: ObjectType) -> None:
    with store.writing(team.marta) as tx:
        objects.add_field(tx, course.id, name="Owner of it", type="text")
        objects.add_field(tx, course.id, name="Stage", type="list", values=("Won", "Lost"))
    stage = registry.get(course.kind).fields["stage"]
    with speaking("pt_BR"):
        assert tr(stage.label) == "Stage"
        assert isinstance(stage, Choice)
        assert [tr(name) for name in stage.values.values()] == ["Won", "Lost"]
        assert tr("Stage") != "Stage"  # as a word of the product's own it is
