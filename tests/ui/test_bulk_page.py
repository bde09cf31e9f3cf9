"""Picking records in the list and changing them together, as each of the people may."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from crm import companies, contacts, deals, objects, pipelines
from crm.foundation.access import Module
from crm.platform import preferences, workspace
from crm.records import attributes, bulk, links, registry
from crm.records.bulk import Action, Change
from crm.records.listing import ListQuery
from crm.store import Store
from crm.ui.lists.picking import Picked
from tests.pages import open_page, undo_text, unfold
from tests.people import Team
from tests.ui.test_contact_pages import button, labels_of, names, said


@pytest.fixture
def people(store: Store, team: Team) -> dict[str, int]:
    with store.writing(team.marta) as tx:
        aurora = companies.create(tx, name="Aurora").id
        found = {name: contacts.create(tx, name=name).id for name in ("Ana", "Bia", "Caio")}
        contacts.set_labels(tx, found["Ana"], ["VIP"])
    return {**found, "aurora": aurora}


def pick(page: AppTest, kind: str, *rows: int) -> AppTest:
    """As a click on the boxes of these rows does: AppTest has no hand for a table."""
    (table,) = [one for one in page.dataframe if (one.key or "").startswith(f"{kind}-table-")]
    page.session_state[table.key] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    return page.run()


def text(page: AppTest) -> str:
    return said(page).replace("\\", "")


def open_list(store: Store, actor: Any, kind: str = "contacts", **query: str) -> AppTest:
    return open_page(store, kind, actor, sort="name", **query)


@pytest.mark.usefixtures("people")
def test_a_label_is_put_on_all_that_match_and_taken_off_again(store: Store, team: Team) -> None:
    page = pick(open_list(store, team.ana), "contacts", 1)
    assert "1 contact selected" in text(page)
    button(page, "Select all 3").click().run()
    assert "All 3 contacts selected" in text(page)
    button(page, "Add label").click().run()
    page.selectbox(key="bulk-label").set_value("VIP").run()
    assert "2 contacts** would change" in text(page)
    assert "Bia, Caio" in text(page)
    assert "1 contact already so" in text(page)
    button(page, "Change 2 contacts").click().run()
    assert "Label **VIP** put on 2 contacts" in text(page)
    assert "selected" not in text(page)
    with store.reading(team.ana) as tx:
        assert bulk.preview(tx, "contacts", ListQuery(), Change(action=Action.ADD_LABEL, label="VIP")).already == 3
    button(page, "Undo").click().run()
    assert "Undone: 2 contacts put back" in text(page)
    with store.reading(team.ana) as tx:
        assert bulk.preview(tx, "contacts", ListQuery(), Change(action=Action.ADD_LABEL, label="VIP")).already == 1


def test_an_owner_is_given_to_what_is_picked(store: Store, team: Team, people: dict[str, int]) -> None:
    page = pick(open_list(store, team.ana), "contacts", 0, 2)
    button(page, "Set owner").click().run()
    page.selectbox(key="bulk-owner").set_value(team.ids.bob).run()
    button(page, "Change 2 contacts").click().run()
    with store.reading(team.ana) as tx:
        owners = [contacts.get(tx, people[name]).owner_name for name in ("Ana", "Bia", "Caio")]
    assert owners == ["Bob", None, "Bob"]


def test_what_was_touched_since_is_left_and_shown(store: Store, team: Team, people: dict[str, int]) -> None:
    page = pick(open_list(store, team.ana), "contacts", 0, 1)
    button(page, "Set owner").click().run()
    page.selectbox(key="bulk-owner").set_value(team.ids.bob).run()
    button(page, "Change 2 contacts").click().run()
    with store.writing(team.bob) as tx:
        contacts.edit(tx, people["Bia"], city="Porto")
    button(page, "Undo").click().run()
    assert "1 contact put back; 1 contact changed since then stayed" in text(page)
    button(page, "Show them").click().run()
    left = next(frame.value for frame in page.dataframe if "Why" in frame.value.columns)
    assert list(left["Name"]) == ["Bia"]


@pytest.mark.usefixtures("people")
def test_a_change_can_be_taken_back_later_from_the_list(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        bulk.apply(tx, "contacts", ListQuery(), Change(action=Action.BLOCK))
    page = open_list(store, team.ana)
    assert "3 contacts blocked" in text(unfold(page, "contacts-changes"))
    button(page, "Undo").click().run()
    assert "Undone: 3 contacts put back" in text(page)
    assert "blocked" not in text(open_list(store, team.bob))


@pytest.mark.usefixtures("people")
def test_each_role_is_offered_what_it_may(store: Store, team: Team) -> None:
    for_reps = labels_of(pick(open_list(store, team.ana), "contacts", 0))
    assert {"Add label", "Set owner"} <= set(for_reps)
    analyst = pick(open_list(store, team.rui), "contacts", 0)  # who exports, and changes nothing
    assert "1 contact selected" in text(analyst)
    assert not {"Add label", "Set owner"} & set(labels_of(analyst))
    viewer = open_list(store, team.vera)
    assert "multi-row" not in str(viewer.dataframe[0].proto.selection_mode)
    companies_page = pick(open_list(store, team.ana, "companies"), "companies", 0)
    assert "Set owner" in labels_of(companies_page)
    assert "Add label" not in labels_of(companies_page)


@pytest.mark.usefixtures("people")
def test_columns_are_chosen_ordered_and_kept_for_each_person(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="contact", name="Tier", type="text")
    page = open_list(store, team.ana)
    assert {"Name", "Email", "Tier"} <= set(page.dataframe[0].value.columns)
    unfold(page, "contacts-columns")
    hide(page, "email")
    button_by_key(page, "contacts-column-up-company").click().run()
    hide(page, "identifier", on=False)
    assert not page.exception
    columns = list(page.dataframe[0].value.columns)
    assert (columns[:2], columns[-1], "Email" in columns) == (["Company", "Name"], "Identifier", False)
    assert list(open_list(store, team.ana).dataframe[0].value.columns) == columns
    assert "Email" in open_list(store, team.bob).dataframe[0].value.columns
    button(page, "Reset").click().run()
    assert list(page.dataframe[0].value.columns)[:2] == ["Name", "Company"]


def test_the_last_activity_is_a_column_that_can_be_shown(store: Store, team: Team, people: dict[str, int]) -> None:
    with store.writing(team.ana) as tx:
        preferences.put(tx, "columns:contacts", ["name", "last_activity_at"])
        contacts.edit(tx, people["Bia"], city="Porto")
        year = str(tx.now.year)
    table = open_list(store, team.ana).dataframe[0].value
    assert year in dict(zip(table["Name"], table["Last activity"], strict=True))["Bia"]


@pytest.mark.usefixtures("people")
def test_a_column_that_is_gone_is_left_out(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        preferences.put(tx, "columns:contacts", ["attribute:gone", "city", "name"])
    page = open_list(store, team.ana)
    assert list(page.dataframe[0].value.columns) == ["City", "Name"]
    assert len(names(page)) == 3


def hide(page: AppTest, column: str, *, on: bool = True) -> None:
    (box,) = [box for box in page.checkbox if (box.key or "").startswith(f"contacts-column-{column}-{on}")]
    box.set_value(not on).run()


def button_by_key(page: AppTest, key: str) -> Any:
    return next(found for found in page.button if found.key == key)


def test_picked_contacts_are_added_to_a_pipeline_and_taken_out_again(
    store: Store, team: Team, people: dict[str, int]
) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.CRM, True)
        sales = pipelines.create(tx, "Sales", ["New", "Offer"])
    page = pick(open_list(store, team.ana), "contacts", 0, 2)
    button(page, "Add to pipeline").click().run()
    assert page.button(key="to-pipeline-add").disabled
    page.selectbox(key="bulk-stage").set_value(sales.open_stages[1].id).run()
    button(page, "Add 2 deals").click().run()
    assert not page.exception
    assert undo_text(page) == "2 deals made."
    with store.reading(team.ana) as tx:
        found = deals.find(tx, deals.ListQuery(sort="title")).items
    assert [(deal["title"], deal["contact_id"], deal["stage_name"]) for deal in found] == [
        ("Ana", people["Ana"], "Offer"),
        ("Caio", people["Caio"], "Offer"),
    ]
    assert "selected" not in text(page)


@pytest.mark.usefixtures("people")
def test_without_deals_no_pipeline_is_offered(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.CRM, False)
    page = pick(open_list(store, team.ana), "contacts", 0)
    assert "Add to pipeline" not in labels_of(page)


@pytest.mark.usefixtures("people")
def test_a_click_on_a_header_sorts_the_list_by_its_address(store: Store, team: Team) -> None:
    page = open_page(store, "contacts", team.ana, page="1")
    for header, sort, first in (("Name", "name", "Ana"), ("Name", "-name", "Caio")):
        (table,) = [one for one in page.dataframe if (one.key or "").startswith("contacts-table-")]
        page.session_state[table.key] = {"selection": {"rows": [], "columns": [header], "cells": []}}
        page.run()
        assert page.query_params["sort"] in (sort, [sort])
        assert names(page)[0] == first


def test_contacts_are_unlinked_from_a_record_of_a_type_that_is_chosen(
    store: Store, team: Team, people: dict[str, int]
) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.OBJECTS, True)
    with store.writing(team.ada) as tx:
        kinds = [objects.create(tx, singular=one, plural=f"{one}s").kind for one in ("Course", "Vehicle")]
        chess = registry.room(kinds[0]).create(tx, name="Chess").id
        links.link(tx, kinds[0], chess, "contact", people["Bia"])
    page = pick(open_list(store, team.ana), "contacts", 0, 1)
    picked = Picked(ListQuery(ids=(people["Ana"], people["Bia"])), many=2, all_that_match=False)
    page.session_state["contacts-bulk"] = (Action.UNLINK, picked)  # AppTest has no hand for the menu
    page.session_state["drawer-open"] = "contacts-bulk"
    page.run()
    assert page.selectbox(key="bulk-chosen-type").options == ["Course", "Vehicle"]
    page.session_state[f"bulk-chosen-record-{kinds[0]}"] = chess
    page.run()
    assert "1 contact** would change" in text(page)
    assert "1 contact already so" in text(page)
    button(page, "Change 1 contact").click().run()
    assert "1 contact no longer linked to **Chess**" in text(page)
    with store.reading(team.ana) as tx:
        assert links.of_subject(tx, "contact", people["Bia"]) == []
