"""The page on which a team makes types of records, and the pages that a type then has, without a browser. The drag and
the way through them all are in tests/browser/test_custom_objects.py."""

from datetime import date
from typing import Any
from urllib.parse import parse_qsl

import pytest
from streamlit.testing.v1 import AppTest

from crm import companies, contacts, objects
from crm.foundation.access import Module
from crm.objects import ObjectType
from crm.platform import workspace
from crm.records import links, registry
from crm.store import Store
from crm.ui.forms import layout
from crm.ui.records import record_state
from tests.pages import open_page, pick, undo_text, unfold
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


@pytest.fixture
def english(store: Store, team: Team, course: ObjectType) -> int:
    with store.writing(team.marta) as tx:
        links.add_label(tx, course.kind, "student")
        return int(registry.room(course.kind).create(tx, name="English").id)


@pytest.fixture
def lia(store: Store, team: Team) -> int:
    with store.writing(team.ana) as tx:
        return contacts.create(tx, name="Lia").id


def linked(store: Store, team: Team, contact_id: int) -> list[tuple[str, str | None, date | None]]:
    with store.reading(team.marta) as tx:
        groups = links.of_subject(tx, "contact", contact_id)
    return [(one.object_name, one.label, one.linked_on) for group in groups for one in group.links]


def link_keys(page: AppTest, kind: str, record_id: int) -> str:
    """What the keys of the popover of a new link begin with; it is opened."""
    key = f"{record_state.of(kind, record_id)}-link"
    unfold(page, key)
    assert not page.exception
    return key


def test_a_contact_is_linked_with_a_label_and_a_day_and_it_is_undone(
    store: Store, team: Team, course: ObjectType, english: int, lia: int
) -> None:
    page = open_page(store, "contact", team.ana, contact=str(lia))
    assert "Nothing is linked yet." in texts(page)
    key = link_keys(page, "contact", lia)
    assert button(page, "Link").disabled
    pick(page, f"{key}-record-{course.kind}", english)
    page.selectbox(key=f"{key}-{course.kind}-label").set_value("student").run()
    page.date_input(key=f"{key}-{course.kind}-day").set_value(date(2026, 11, 30)).run()
    press(page, "Link")
    assert linked(store, team, lia) == [("English", "student", date(2026, 11, 30))]
    assert "Courses** :gray[1]" in texts(page)
    assert undo_text(page) == "“English” is linked to “Lia”."
    press(page, "Undo")
    assert linked(store, team, lia) == []


def test_a_link_is_changed_and_removed_in_place(
    store: Store, team: Team, course: ObjectType, english: int, lia: int
) -> None:
    with store.writing(team.ana) as tx:
        made = links.link(tx, course.kind, english, "contact", lia)
    page = open_page(store, course.kind, team.ana, **{course.kind: str(english)})
    assert "Contacts** :gray[1]" in texts(page)
    unfold(page, f"link-{made.id}")
    page.selectbox(key=f"link-{made.id}-1-label").set_value("student").run()
    page.button(key=f"link-{made.id}-1-save").click().run()
    assert linked(store, team, lia) == [("English", "student", None)]
    page.button(key=f"link-{made.id}-2-unlink").click().run()
    assert linked(store, team, lia) == []
    press(page, "Undo")
    assert linked(store, team, lia) == [("English", "student", None)]


def test_a_record_is_linked_to_the_contact_that_is_found_there(
    store: Store, team: Team, course: ObjectType, english: int, lia: int
) -> None:
    page = open_page(store, course.kind, team.ana, **{course.kind: str(english)})
    key = link_keys(page, course.kind, english)
    pick(page, f"{key}-record-contact", lia)
    press(page, "Link")
    assert linked(store, team, lia) == [("English", None, None)]


def test_a_company_shows_what_its_contacts_are_linked_to_and_a_viewer_links_nothing(
    store: Store, team: Team, course: ObjectType, english: int, lia: int
) -> None:
    with store.writing(team.marta) as tx:
        acme = companies.create(tx, name="Acme")
        contacts.edit(tx, lia, company_id=acme.id)
        links.link(tx, course.kind, english, "contact", lia, label="student")
    page = open_page(store, "company", team.marta, company=str(acme.id))
    assert "Courses** :gray[1]" in texts(page)
    assert any("Lia · student" in link.proto.label for link in page.get("page_link"))
    for who, shown in ((team.vera, "contact"), (team.marta, "company")):
        record = str(lia if shown == "contact" else acme.id)
        page = open_page(store, shown, who, **{shown: record})
        assert f"{record_state.of(shown, int(record))}-link" not in page.session_state


def test_more_links_than_a_card_shows_open_the_list_of_them(
    store: Store, team: Team, course: ObjectType, english: int, lia: int
) -> None:
    with store.writing(team.marta) as tx:
        for number in range(21):
            person = contacts.create(tx, name=f"Student {number}").id
            links.link(tx, course.kind, english, "contact", person)
    page = open_page(store, course.kind, team.marta, **{course.kind: str(english)})
    assert not page.exception
    link = next(one for one in page.get("page_link") if one.proto.label == "Open all 21")
    assert (link.proto.page, "filter=" in link.proto.query_string) == ("contacts", True)
    query = dict(parse_qsl(link.proto.query_string))
    page = open_page(store, "contacts", team.marta, **query)
    assert "21 contacts" in texts(page)
    assert "has a course where Course is English" in texts(page)


def test_link_labels_are_added_renamed_and_deleted_into_another(
    store: Store, team: Team, course: ObjectType, english: int, lia: int
) -> None:
    with store.writing(team.marta) as tx:
        links.link(tx, course.kind, english, "contact", lia, label="student")
        student, guardian = *links.labels(tx, course.kind), links.add_label(tx, course.kind, "guardian")
    page = open_types(store, team, type=str(course.id), part="links")
    assert "1 link" in texts(page)
    page.text_input(key=f"link-label-{guardian.id}-guardian").set_value("Student").run()
    assert "There is a label “student” already." in page.error[0].value.replace("\\", "")
    page.text_input(key=f"link-label-{guardian.id}-guardian").set_value("parent").run()
    unfold(page, f"link-label-{student.id}-delete")
    page.selectbox(key=f"link-label-{student.id}-into").set_value(guardian.id).run()
    page.button(key=f"link-label-{student.id}-really").click().run()
    assert linked(store, team, lia) == [("English", "parent", None)]


def test_the_pages_of_a_type_begin_with_what_names_its_records(
    store: Store, team: Team, course: ObjectType, english: int
) -> None:
    with store.writing(team.marta) as tx:
        for name, kind in (("Price", "currency"), ("Places", "number")):
            objects.add_field(tx, course.id, name=name, type=kind)
        registry.room(course.kind).edit(tx, english, price=100, currency="BRL", level="Low")
        objects.change(tx, course.id, primary_field="level")
    page = open_page(store, f"objects_{course.id}", team.marta, new="1")
    assert not page.exception
    assert list(page.dataframe[0].value.columns) == ["Level", "Name", "Code", "Price", "Places", "Owner"]
    shown = layout.declared(registry.get(course.kind)).keys[:6]
    assert shown == [
        "level",
        "name",
        "code",
        "price",
        "currency",
        "places",
    ]
