"""Settings › Attributes and the widgets of record forms, without a browser. The drag is in tests/browser."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from crm import contacts
from crm.foundation.access import Module
from crm.platform import workspace
from crm.records import attributes
from crm.records.attributes import Definition
from crm.store import Store
from tests.pages import open_page
from tests.people import Team


def button(page: AppTest, label: str) -> Any:
    return next(one for one in page.button if one.label == label)


def open_settings(store: Store, team: Team, **query: str) -> AppTest:
    page = open_page(store, "settings", team.ada, section="Attributes", **query)
    assert not page.exception
    return page


def texts(page: AppTest) -> str:
    return " ".join(one.value for one in (*page.markdown, *page.caption)).replace("\\", "")


@pytest.fixture
def size(store: Store, team: Team) -> Definition:
    """A list of contacts: Small, Large; Ana is Large."""
    with store.writing(team.ada) as tx:
        made = attributes.define(tx, model="contact", name="Size", type="list", values=["Small", "Large"])
        contacts.create(tx, name="Ana", attributes={"size": "Large"})
    return made


def test_each_model_says_when_it_has_none(store: Store, team: Team) -> None:
    for of, model in (("Contacts", "contact"), ("Companies", "company"), ("Deals", "deal")):
        page = open_settings(store, team, of=of)
        assert f"a field of your own on every {model}" in page.info[0].value


def test_attributes_are_listed_with_what_they_are_and_where_they_are_used(
    store: Store, team: Team, size: Definition
) -> None:
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="contact", name="*Plate* <b>", type="text", pattern="[A-Z]+", hint="capitals")
    page = open_settings(store, team)
    said = texts(page)
    assert "2 values: Small, Large · on 1 contact" in said
    assert "*Plate* <b>" in said
    assert "capitals · not in use" in said


def test_models_of_modules_that_are_off_are_not_offered(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.COMPANIES, False)
    page = open_settings(store, team)
    assert page.segmented_control(key="of").options == ["Contacts", "Deals"]


def test_a_list_is_made_with_its_values(store: Store, team: Team) -> None:
    page = open_settings(store, team, attribute="new")
    page.text_input(key="new-attribute-name").set_value("Colour").run()
    assert "`colour`" in texts(page)
    page.selectbox(key="new-attribute-type").set_value("list").run()
    page.text_area(key="new-attribute-values").set_value("Red\n\n Blue \nred").run()
    button(page, "Create").click().run()
    with store.reading(team.ada) as tx:
        assert attributes.find(tx, "contact", "colour").values == ("Red", "Blue")
    assert "attribute" not in page.query_params


def test_a_pattern_is_tried_before_it_is_kept(store: Store, team: Team) -> None:
    page = open_settings(store, team, attribute="new", of="Deals")
    page.text_input(key="new-attribute-name").set_value("Contract").run()
    page.text_input(key="new-attribute-pattern").set_value("[A-Z]{2}-[0-9]+").run()
    page.text_input(key="new-attribute-hint").set_value("two letters, a dash, a number").run()
    page.text_input(key="new-attribute-try").set_value("AB-").run()
    assert "does not fit" in texts(page)
    page.text_input(key="new-attribute-try").set_value("AB-7").run()
    assert "“AB-7” fits" in texts(page)
    page.text_input(key="new-attribute-pattern").set_value("[A-Z").run()
    assert "unclosed character class" in texts(page)
    button(page, "Create").click().run()
    assert "cannot be used" in page.error[0].value
    page.text_input(key="new-attribute-pattern").set_value("[A-Z]{2}-[0-9]+").run()
    button(page, "Create").click().run()
    with store.reading(team.ada) as tx:
        made = attributes.find(tx, "deal", "contract")
    assert (made.pattern, made.hint) == ("[A-Z]{2}-[0-9]+", "two letters, a dash, a number")


def test_an_attribute_is_renamed_and_keeps_its_key(store: Store, team: Team, size: Definition) -> None:
    page = open_settings(store, team, attribute=str(size.id))
    page.segmented_control(key=f"attribute-section-{size.id}-4").set_value("Name").run()
    page.text_input(key=f"attribute-{size.id}-1-name").set_value("Shoe size").run()
    button(page, "Save").click().run()
    with store.reading(team.ada) as tx:
        assert attributes.find(tx, "contact", "size").name == "Shoe size"


def test_values_are_renamed_in_place_and_deleted_into_another(store: Store, team: Team, size: Definition) -> None:
    with store.reading(team.ada) as tx:
        small, large = attributes.list_values(tx, size.id)
    page = open_settings(store, team, attribute=str(size.id))
    page.text_input(key=f"value-{large.id}-1").set_value("Big").run()
    with store.reading(team.ada) as tx:
        assert contacts.find(tx, contacts.ListQuery()).items[0]["attributes"] == {"size": "Big"}
    page.button(key=f"delete-value-{large.id}").click().run()
    assert "Big is on 1 contact. Replace it with" in texts(page).replace("*", "")
    page.selectbox(key=f"into-{large.id}").set_value(small.id).run()
    page.button(key=f"really-{large.id}").click().run()
    with store.reading(team.ada) as tx:
        assert attributes.find(tx, "contact", "size").values == ("Small",)
        assert contacts.find(tx, contacts.ListQuery()).items[0]["attributes"] == {"size": "Small"}


def test_a_change_of_type_shows_what_it_would_do_and_asks_for_what_is_lost(
    store: Store, team: Team, size: Definition
) -> None:
    with store.writing(team.ada) as tx:
        attributes.add_values(tx, size.id, ["42"])
        contacts.create(tx, name="Bia", attributes={"size": "42"})
    page = open_settings(store, team, attribute=str(size.id))
    page.segmented_control(key=f"attribute-section-{size.id}-4").set_value("Type").run()
    page.selectbox(key=f"convert-{size.id}-2-to").set_value("number").run()
    assert {one.label: one.value for one in page.metric} == {"Convert": "1", "Do not convert": "1"}
    assert page.button(key=f"convert-{size.id}-2-do").disabled
    page.checkbox(key=f"convert-{size.id}-2-empty").set_value(True).run()
    page.button(key=f"convert-{size.id}-2-do").click().run()
    with store.reading(team.ada) as tx:
        assert attributes.find(tx, "contact", "size").type == "number"
        held = {row["name"]: row["attributes"] for row in contacts.find(tx, contacts.ListQuery()).items}
    assert held == {"Ana": {}, "Bia": {"size": 42.0}}
    assert "Size (as list)" in texts(page)


def test_a_deleted_attribute_is_restored_or_let_go_of(store: Store, team: Team, size: Definition) -> None:
    page = open_settings(store, team, attribute=str(size.id))
    page.segmented_control(key=f"attribute-section-{size.id}-4").set_value("Delete").run()
    assert "Its values on 1 contact go with it" in texts(page)
    page.button(key=f"delete-attribute-{size.id}").click().run()
    with store.reading(team.ada) as tx:
        assert attributes.definitions(tx, "contact") == []
    page.button(key=f"restore-{size.id}").click().run()
    with store.reading(team.ada) as tx:
        assert contacts.find(tx, contacts.ListQuery()).items[0]["attributes"] == {"size": "Large"}
    with store.writing(team.ada) as tx:
        attributes.delete(tx, size.id)
    page = open_settings(store, team)
    page.button(key=f"discard-{size.id}").click().run()
    with store.reading(team.ada) as tx:
        assert attributes.deleted(tx, "contact") == []


def test_an_address_of_an_attribute_that_is_gone_says_so(store: Store, team: Team) -> None:
    page = open_settings(store, team, attribute="99")
    assert "no such attribute" in page.error[0].value


@pytest.mark.parametrize("name", ["marta", "ana", "bob", "rui", "vera"])
def test_only_administrators_see_the_section(store: Store, team: Team, size: Definition, name: str) -> None:
    page = open_page(store, "settings", getattr(team, name), section="Attributes", attribute=str(size.id))
    assert "may not manage settings" in page.error[0].value.replace("\\", "")
    assert not page.button
