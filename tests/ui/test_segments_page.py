"""Segments in the list, in the sidebar and on their own page, as each of the people meets them."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from crm import contacts
from crm.records import attributes, segments
from crm.records.filters import Rule, dump
from crm.store import Store
from tests.pages import open_page
from tests.people import Team
from tests.ui.test_contact_pages import button, names, said

RECIFE = Rule(field="city", op="is", value="Recife")


@pytest.fixture
def recife(store: Store, team: Team) -> segments.Segment:
    with store.writing(team.marta) as tx:
        for name, city in (("Ana", "Recife"), ("Bia", "Recife"), ("Caio", "Porto")):
            contacts.create(tx, name=name, city=city)
    with store.writing(team.ana) as tx:
        return segments.create(tx, kind="contacts", name="*In* Recife", filter=RECIFE)


def test_what_a_list_is_narrowed_to_is_kept_under_a_name(store: Store, team: Team, recife: segments.Segment) -> None:
    page = open_page(store, "contacts", team.vera, filter=dump(RECIFE), q="bia")
    button(page, "Save as segment").click().run()
    next(one for one in page.text_input if one.label == "Name").set_value("Bias")
    button(page, "Save").click().run()
    assert not page.exception
    with store.reading(team.vera) as tx:
        (made,) = segments.of_kind(tx)
    assert (made.name, made.filter, made.search, made.shared) == ("Bias", RECIFE, "bia", False)
    assert page.query_params["segment"] == str(made.id)


def test_the_address_opens_a_segment_and_narrows_it_further(store: Store, team: Team, recife: segments.Segment) -> None:
    page = open_page(store, "contacts", team.ana, segment=str(recife.id))
    assert sorted(names(page)) == ["Ana", "Bia"]
    assert "In" in said(page)
    assert "City is “Recife”" in said(page)
    page.text_input(key="contacts-1-search").set_value("bia").run()
    assert names(page) == ["Bia"]
    assert page.query_params["segment"] == str(recife.id)


def test_somebody_elses_segment_opens_nothing_but_the_list(store: Store, team: Team, recife: segments.Segment) -> None:
    page = open_page(store, "contacts", team.bob, segment=str(recife.id))
    assert "There is no such segment" in said(page)
    assert len(names(page)) == 3
    with store.writing(team.ana) as tx:
        segments.edit(tx, recife.id, shared=True)
    shared = open_page(store, "contacts", team.bob, segment=str(recife.id))
    assert sorted(names(shared)) == ["Ana", "Bia"]
    assert "by Ana" in said(shared)


def test_the_criteria_of_a_segment_are_edited_as_the_lists_own(
    store: Store, team: Team, recife: segments.Segment
) -> None:
    page = open_page(store, "contacts", team.ana, editing=str(recife.id), filter=dump(RECIFE))
    page.text_input(key="contacts-search").set_value("ana").run()
    button(page, "Save criteria").click().run()
    assert not page.exception
    with store.reading(team.ana) as tx:
        assert segments.get(tx, recife.id).search == "ana"


def test_a_broken_segment_says_so_and_shows_nobody(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        tier = attributes.define(tx, model="contact", name="Tier", type="text")
        contacts.create(tx, name="Ana", attributes={"tier": "gold"})
        gold = Rule(field="attribute:tier", op="is", value="gold")
        segment = segments.create(tx, kind="contacts", name="Gold", filter=gold)
        attributes.delete(tx, tier.id)
    page = open_page(store, "contacts", team.ada, segment=str(segment.id))
    assert "This segment is broken" in said(page)
    assert names(page) == []
    assert "broken" in links(open_page(store, "segments", team.ada))


def test_the_page_of_segments_counts_them_and_says_what_they_hold(
    store: Store, team: Team, recife: segments.Segment
) -> None:
    page = open_page(store, "segments", team.ana)
    assert "2" in links(page)
    assert "City is “Recife”" in said(page)
    assert "1 of the 50 segments" in said(page)
    empty = open_page(store, "segments", team.bob)
    assert "No segments yet" in said(empty)


def links(page: AppTest) -> str:
    return " ".join(json.dumps(str(one.proto.label)) for one in page.get("page_link"))


def test_what_others_may_do_with_a_shared_segment(store: Store, team: Team, recife: segments.Segment) -> None:
    with store.writing(team.ana) as tx:
        segments.edit(tx, recife.id, shared=True)
    assert offered(open_page(store, "contacts", team.ana, segment=str(recife.id))) == [
        *("Rename", "Edit criteria", "Stop sharing", "Duplicate", "Delete"),
    ]
    assert offered(open_page(store, "contacts", team.vera, segment=str(recife.id))) == ["Duplicate"]
    assert offered(open_page(store, "contacts", team.ada, segment=str(recife.id))) == ["Duplicate", "Delete"]


def offered(page: AppTest) -> list[str]:
    menus = [one for one in page.get("menu_button") if one.proto.label == "Segment"]
    return [option.rpartition(": ")[2] for option in menus[0].proto.options]
