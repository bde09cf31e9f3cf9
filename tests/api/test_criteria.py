"""Lists filtered by related records, and the API's word on what there is to filter by."""

import json
from typing import Any

import pytest

from crm import contacts, deals
from crm.deals import Deal
from crm.foundation.access import Module
from crm.pipelines import Pipeline
from crm.platform import workspace
from crm.records import attributes
from crm.store import Store
from tests.api.conftest import Clients
from tests.people import Team

OPEN = {"kind": "rule", "field": "status", "op": "is", "value": "open"}
RELATED: dict[str, Any] = {"kind": "related", "relation": "deals", "of": [OPEN]}


@pytest.fixture
def customers(store: Store, team: Team, sales: Pipeline, chairs: Deal) -> None:
    with store.writing(team.ana) as tx:
        customer = contacts.create(tx, name="Customer")
        contacts.create(tx, name="Nobody yet")
        deals.edit(tx, chairs.id, contact_id=customer.id)


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json()["items"]]


@pytest.mark.usefixtures("customers")
def test_contacts_are_found_by_their_deals(client: Clients, team: Team) -> None:
    ana = client(team.ana)
    assert names(ana.get("/contacts", params={"filter": json.dumps(RELATED)})) == ["Customer"]
    opposite = {"kind": "not", "of": RELATED}
    assert names(ana.get("/contacts", params={"filter": json.dumps(opposite)})) == ["Nobody yet"]
    measure = {"figure": "sum", "field": "value", "currency": "BRL", "op": "at_least", "value": "1200"}
    summed = {**RELATED, "measure": measure}
    assert names(ana.get("/contacts", params={"filter": json.dumps(summed)})) == ["Customer"]


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"kind": "related", "relation": "orders"}, "no “orders” to filter by"),
        ({**RELATED, "measure": {"figure": "sum", "field": "value", "op": "is", "value": 1}}, "needs the currency"),
        ({**RELATED, "measure": {"figure": "median", "op": "is", "value": 1}}, "cannot be read"),
        ({**RELATED, "of": [{**OPEN, "value": "paused"}]}, "“Status” no longer has the value “paused”"),
        ({**RELATED, "of": [RELATED]}, "no “deals” to filter by"),
        ({**RELATED, "sql": "true"}, "cannot be read"),
    ],
)
def test_a_filter_that_cannot_be_answered_is_refused_and_says_why(
    client: Clients, team: Team, asked: dict[str, Any], why: str
) -> None:
    answer = client(team.ana).get("/contacts", params={"filter": json.dumps(asked)})
    assert answer.status_code == 422
    assert why in answer.json()["detail"]


def test_what_there_is_to_filter_by_is_told(store: Store, client: Clients, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="contact", name="Size", type="number")
    told = client(team.vera).get("/criteria/contacts").json()
    fields = {field["key"]: field for field in told["fields"]}
    assert fields["attribute:size"]["label"] == "Size"
    assert "between" in fields["attribute:size"]["operators"]
    assert {"value": team.ids.bob, "label": "Bob"} in fields["owner_id"]["options"]
    assert fields["city"]["options"] is None
    related = next(relation for relation in told["relations"] if relation["key"] == "deals")
    of_deals = {field["key"]: field for field in related["fields"]}
    assert of_deals["value"]["figures"] == ["sum", "average"]
    assert {choice["label"] for choice in of_deals["stage_id"]["options"]} >= {"Sales: Lead", "Sales: Won"}


def test_a_module_that_is_off_has_no_criteria(store: Store, client: Clients, team: Team) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.CRM, False)
    ana = client(team.ana)
    assert ana.get("/criteria/deals").status_code == 404
    assert ana.get("/criteria/users").status_code == 422
    assert "deals" not in [relation["key"] for relation in ana.get("/criteria/contacts").json()["relations"]]


def test_the_description_tells_the_language(anyone: Any) -> None:
    description = anyone.get("/openapi.json").json()["info"]["description"]
    assert "one and the same" in description
    assert "more_than_days_ago" in description
