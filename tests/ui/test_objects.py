"""The page on which a team makes types of records, and the pages that a type then has, without a browser. The drag and
the way through them all are in tests/browser/test_custom_objects.py."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from crm import objects
from crm.foundation.access import Module
from crm.objects import ObjectType
from crm.platform import workspace
from crm.records import registry
from crm.store import Store
from tests.pages import open_page, undo_text, unfold
from tests.people import Team


@pytest.fixture(autouse=True)
def switched_on(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.OBJECTS, True)


@pytest.fixture
def course(store: Store, team: Team) -> ObjectType:
    """With a name, a unique code and a list."""
    with store.writing(team.marta) as tx:
        made = objects.create(tx, singular="Course", plural="Courses", icon=":material/school:")
        objects.add_field(tx, made.id, name="Code", type="text", unique=True)
        objects.add_field(tx, made.id, name="Level", type="list", values=["Low", "High"])
    return made


def button(page: AppTest, label: str) -> Any:
    return next(one for one in page.button if one.label == label)


def press(page: AppTest, label: str) -> AppTest:
    button(page, label).click().run()
    assert not page.exception
    return page


def texts(page: AppTest) -> str:
    elements: list[Any] = [*page.title, *page.subheader, *page.markdown, *page.caption]
    return " ".join(one.value for one in elements).replace("\\", "")


def open_types(store: Store, team: Team, **query: str) -> AppTest:
    page = open_page(store, "record_types", team.marta, **query)
    assert not page.exception
    return page


def fields_of(store: Store, team: Team, of: ObjectType) -> dict[str, objects.Field]:
    with store.reading(team.marta) as tx:
        return {field.name: field for field in objects.fields(tx, of.id)}


@pytest.mark.parametrize("name", ["ana", "rui", "vera"])
def test_types_are_shaped_by_managers_and_administrators_alone(store: Store, team: Team, name: str) -> None:
    page = open_page(store, "record_types", getattr(team, name))
    assert "may not manage custom objects" in page.error[0].value.replace("\\", "")
    assert not page.button
    for who in (team.marta, team.ada):
        assert not open_page(store, "record_types", who).error


def test_without_the_module_there_is_no_page_and_its_switch_tells_where_it_will_be(store: Store, team: Team) -> None:
    page = open_page(store, "settings", team.ada, section="Modules")
    assert "Record types" in [link.proto.label for link in page.get("page_link")]
    page.toggle(key="module-objects").set_value(False).run()
    assert "Record types" not in [link.proto.label for link in page.get("page_link")]
    assert open_page(store, "record_types", team.ada).error


def test_templates_are_offered_where_there_is_no_type_and_one_makes_its_types(store: Store, team: Team) -> None:
    page = open_types(store, team)
    assert "Courses" in texts(page)
    page.button(key="template-school").click().run()
    assert not page.exception
    assert "0 courses · 6 fields" in texts(page)
    assert "0 enrolments · 5 fields" in texts(page)
    page = open_types(store, team, open="templates")
    page.button(key="template-school").click().run()
    assert "There is a type of record called “Course” already." in page.error[0].value.replace("\\", "")


def test_a_type_is_made_with_an_icon_that_was_searched_for(store: Store, team: Team) -> None:
    page = open_types(store, team, open="new")
    press(page, "Create")
    assert "needs its name" in page.error[0].value
    page.text_input(key="new-type-0-singular").set_value("Vehicle")
    page.text_input(key="new-type-0-plural").set_value("Vehicles")
    page.text_input(key="new-type-0-primary").set_value("Number plate")
    unfold(page, "new-type-0-icon-open")
    page.text_input(key="new-type-0-icon-search").set_value("car").run()
    page.button_group(key="new-type-0-icon-icons-car").set_value(":material/directions_car:").run()
    press(page, "Create")
    with store.reading(team.marta) as tx:
        made = objects.find(tx, "vehicle")
    assert made is not None
    assert (made.icon, made.primary_field) == (":material/directions_car:", "number_plate")
    assert "Vehicles" in page.title[0].value
    assert page.query_params["type"] == str(made.id)


def test_a_type_is_renamed_and_another_field_names_its_records(store: Store, team: Team, course: ObjectType) -> None:
    with store.reading(team.marta) as tx:
        version = objects.get(tx, course.id).version
    page = open_types(store, team, type=str(course.id), part="type")
    key = f"type-{course.id}-{version}"
    page.text_input(key=f"{key}-plural").set_value("Classes")
    page.selectbox(key=f"{key}-primary").set_value("level")
    page.radio(key=f"{key}-shared").set_value(True)
    press(page, "Save")
    with store.reading(team.marta) as tx:
        now = objects.get(tx, course.id)
    assert (now.singular, now.plural, now.primary_field, now.shared) == ("Course", "Classes", "level", True)


def test_a_field_is_added_with_its_rules(store: Store, team: Team, course: ObjectType) -> None:
    page = open_types(store, team, type=str(course.id), attribute="new")
    assert page.selectbox(key="new-attribute-type").options[-1].startswith("Person")
    page.text_input(key="new-attribute-name").set_value("Order").run()
    assert "`order_field`" in texts(page)
    page.checkbox(key="new-field-required").set_value(True)
    page.checkbox(key="new-field-unique").set_value(True)
    press(page, "Create")
    made = fields_of(store, team, course)["Order"]
    assert (made.required, made.unique) == (True, True)
    assert "order_field" in texts(page)


def test_a_switch_that_is_refused_goes_back_and_says_why(store: Store, team: Team, course: ObjectType) -> None:
    with store.writing(team.marta) as tx:
        registry.room(course.kind).create(tx, name="English")
    fields = fields_of(store, team, course)
    level = fields["Level"].definition.id
    page = open_types(store, team, type=str(course.id), attribute=str(level))
    page.segmented_control(key=f"attribute-section-{level}-5").set_value("Rules").run()
    page.toggle(key=f"set_required-{level}").set_value(True).run()
    assert "1 records have no “Level”" in page.error[0].value.replace("\\", "")
    assert page.toggle(key=f"set_required-{level}").value is False
    code = fields["Code"].definition.id
    page = open_types(store, team, type=str(course.id), attribute=str(code))
    page.segmented_control(key=f"attribute-section-{code}-4").set_value("Rules").run()
    page.toggle(key=f"set_unique-{code}").set_value(False).run()
    assert not page.error
    assert not fields_of(store, team, course)["Code"].unique


def test_a_field_is_deleted_and_brought_back_and_the_one_that_names_records_is_not(
    store: Store, team: Team, course: ObjectType
) -> None:
    fields = fields_of(store, team, course)
    for name, refused in (("Name", True), ("Level", False)):
        field = fields[name].definition.id
        page = open_types(store, team, type=str(course.id), attribute=str(field))
        page.segmented_control(key=f"attribute-section-{field}-{5 - refused}").set_value("Delete").run()
        press(page, "Delete this field")
        assert bool(page.error) is refused
    assert "Level" not in fields_of(store, team, course)
    page.button(key=f"restore-{fields['Level'].definition.id}").click().run()
    assert fields_of(store, team, course)["Level"].definition.values == ("Low", "High")


def test_a_type_is_deleted_by_its_name_and_undone(store: Store, team: Team, course: ObjectType) -> None:
    page = open_types(store, team, type=str(course.id), part="delete")
    assert "0 courses, with notes, files and links" in texts(page)
    assert button(page, "Delete this type").disabled
    page.text_input(key=f"confirm-type-{course.id}").set_value("Courses").run()
    press(page, "Delete this type")
    assert undo_text(page) == "Deleted “Courses”."
    with store.reading(team.marta) as tx:
        assert not objects.types(tx)
    page.button(key=f"restore-type-{course.id}").click().run()
    with store.reading(team.marta) as tx:
        assert [of.plural for of in objects.types(tx)] == ["Courses"]


def test_a_type_that_is_gone_is_not_found(store: Store, team: Team) -> None:
    assert "type of record" in open_types(store, team, type="99").error[0].value
