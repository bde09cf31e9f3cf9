"""What an event of something else did to records: of a label, an attribute, the bin, a person who was erased."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from crm import companies, contacts, deals, orders, pipelines, worker
from crm.foundation.access import SYSTEM, Module
from crm.platform import workspace
from crm.privacy import erasing
from crm.records import attributes, feed, labels
from crm.records.feed import Change
from crm.records.history import history
from crm.store import Store, Writing
from crm.verify import verify
from crm.worker import housekeeping
from tests.people import Team


@contextmanager
def telling(store: Store, team: Team) -> Iterator[tuple[Writing, list[Change]]]:
    """A unit of work, and after it the rows of records that the feed has of it."""
    told: list[Change] = []
    with store.writing(team.ada) as tx:
        start = feed.end(tx)
        yield tx, told
    with store.reading(SYSTEM) as tx:
        told += feed.changes(tx, start, kinds=["contact", "company", "deal", "order"])


@pytest.fixture
def sold(store: Store, team: Team) -> None:
    """Orders are switched on: who is signed in since before does not know."""
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, True)


def sides(told: list[Change]) -> list[tuple[str, int, Any, Any]]:
    return [(one.event, one.id, one.before, one.after) for one in told]


@pytest.fixture
def labelled(store: Store, team: Team) -> tuple[int, int]:
    with store.writing(team.ada) as tx:
        one, two = contacts.create(tx, name="Ana").id, contacts.create(tx, name="Bia").id
        contacts.set_labels(tx, one, ["Press", "VIP"])
        contacts.set_labels(tx, two, ["VIP"])
    return one, two


def test_a_label_that_is_deleted_comes_off_each_record(store: Store, team: Team, labelled: tuple[int, int]) -> None:
    one, two = labelled
    with telling(store, team) as (tx, told):
        _, vip = labels.all_of(tx)
        labels.delete(tx, vip.id)
    assert sides(told) == [
        ("contact.labelled", one, {"labels": ["Press", "VIP"]}, {"labels": ["Press"]}),
        ("contact.labelled", two, {"labels": ["VIP"]}, {"labels": []}),
    ]
    assert (told[0].actor_name, told[0].payload["cause"], told[0].payload["cause_id"]) == (
        "Ada",
        "label.deleted",
        vip.id,
    )
    with store.reading(team.ada) as tx:
        assert history(tx, "contact", two)[0].payload["changes"] == {"labels": [["VIP"], []]}


def test_a_label_that_is_merged_is_another_one_on_each_record(
    store: Store, team: Team, labelled: tuple[int, int]
) -> None:
    one, two = labelled
    with telling(store, team) as (tx, told):
        press, vip = labels.all_of(tx)
        labels.merge(tx, vip.id, into=press.id)
    assert sides(told) == [
        ("contact.labelled", one, {"labels": ["Press", "VIP"]}, {"labels": ["Press"]}),
        ("contact.labelled", two, {"labels": ["VIP"]}, {"labels": ["Press"]}),
    ]


def test_a_label_that_is_renamed_changes_no_record(store: Store, team: Team, labelled: tuple[int, int]) -> None:
    with telling(store, team) as (tx, told):
        labels.change(tx, labels.all_of(tx)[0].id, name="Media")
    assert told == []


def test_each_record_has_the_new_value_of_a_list(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        level = attributes.define(tx, model="contact", name="Level", type="list", values=["gold", "silver"])
        ana = contacts.create(tx, name="Ana", attributes={"level": "gold"}).id
        bia = contacts.create(tx, name="Bia", attributes={"level": "silver"}).id
    with telling(store, team) as (tx, renamed):
        gold, silver = attributes.list_values(tx, level.id)
        attributes.rename_value(tx, gold.id, "Gold")
    with telling(store, team) as (tx, moved):
        attributes.delete_value(tx, silver.id, into=gold.id)
    with telling(store, team) as (tx, emptied):
        attributes.delete_value(tx, gold.id, leave_empty=True)
    key = "attribute:level"
    assert sides(renamed) == [("contact.changed", ana, {key: "gold"}, {key: "Gold"})]
    assert sides(moved) == [("contact.changed", bia, {key: "silver"}, {key: "Gold"})]
    assert sides(emptied) == [("contact.changed", one, {key: "Gold"}, {key: None}) for one in (ana, bia)]


def test_each_record_has_the_value_of_the_new_type(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        size = attributes.define(tx, model="contact", name="Size", type="text")
        values = ("12", "wide", None)
        ids = [contacts.create(tx, name="Ana", attributes={"size": value}).id for value in values]
    with telling(store, team) as (tx, told):
        attributes.convert(tx, size.id, "number", empty_rest=True)
    key = "attribute:size"
    assert sides(told) == [
        ("contact.changed", ids[0], {key: "12"}, {key: 12}),
        ("contact.changed", ids[1], {key: "wide"}, {key: None}),
    ]


def test_what_leaves_the_bin_for_good_is_gone_and_others_point_to_nothing(store: Store, team: Team, sold: None) -> None:
    with store.writing(team.ada) as tx:
        sales = pipelines.create(tx, "Sales", ["Lead"])
        nova = companies.create(tx, name="Nova").id
        ana = contacts.create(tx, name="Ana", company_id=nova).id
        bia = contacts.create(tx, name="Bia", company_id=nova).id
        deal = deals.create(tx, title="Chairs", pipeline_id=sales.id, contact_id=ana, company_id=nova).id
        order = orders.create(tx, title="Lamp", value=1, contact_id=ana, deal_id=deal).id
        contacts.delete(tx, ana)
        companies.delete(tx, nova)
        for table in ("contacts", "companies"):
            tx.run(f"UPDATE base.{table} SET deleted_at = deleted_at - INTERVAL 60 DAY WHERE deleted_at IS NOT NULL")
    with telling(store, team) as (tx, told):
        housekeeping.empty_bin(tx)
    company, no_company = {"company_id": nova, "company_name": "[erased]"}, {"company_id": None, "company_name": None}
    contact, no_contact = {"contact_id": ana, "contact_name": "[erased]"}, {"contact_id": None, "contact_name": None}
    assert sides(told) == [
        ("company.erased", nova, {}, None),
        ("contact.erased", ana, {}, None),
        ("contact.changed", bia, company, no_company),
        ("deal.changed", deal, company | contact, no_company | no_contact),
        ("order.changed", order, contact, no_contact),
    ]
    assert verify(store) == []


def test_records_of_others_say_what_the_erasure_of_a_person_took_from_them(
    store: Store, team: Team, sold: None
) -> None:
    with store.writing(team.ada) as tx:
        sales = pipelines.create(tx, "Sales", ["Lead"])
        attributes.define(tx, model="company", name="Met by", type="text")
        lia = contacts.create(tx, name="Lia Zqcanary", email="lia@zqcanary.example").id
        deal = deals.create(tx, title="Chairs for Lia Zqcanary", pipeline_id=sales.id, contact_id=lia).id
        order = orders.create(tx, title="Lamp", value=1, contact_id=lia, note="Ring twice").id
        company = companies.create(tx, name="Casa", attributes={"met_by": "Lia Zqcanary"}).id
        erasing.begin(tx, lia, sure=erasing.SURE)
        start = feed.end(tx)
    while worker.work_one(store):
        pass
    with store.reading(SYSTEM) as tx:
        told = feed.changes(tx, start, kinds=["contact", "company", "deal", "order"])
    cut = ({"contact_id": lia, "contact_name": "[erased]"}, {"contact_id": None, "contact_name": None})
    assert sides(told) == [
        ("deal.changed", deal, *cut),
        ("order.changed", order, *cut),
        ("company.changed", company, {"attribute:met_by": "[erased]"}, {"attribute:met_by": "[erased]"}),
        ("contact.erased", lia, {}, None),
        ("deal.changed", deal, {"title": "[erased]"}, {"title": "Chairs for [erased]"}),
        ("order.changed", order, {"note": "[erased]"}, {"note": None}),
    ]


def test_live_pages_hear_of_the_kinds_that_such_an_event_changed(
    store: Store, team: Team, labelled: tuple[int, int]
) -> None:
    with store.writing(team.ada) as tx:
        labels.delete(tx, labels.all_of(tx)[0].id)
        recorded = list(tx.recorded)
    assert feed.kinds_changed(store, recorded) == {"label", "contact"}
