"""Attributes through the API: each route, each role, and the description that follows the store."""

from typing import Any

import pytest
from openapi_spec_validator import validate
from starlette.testclient import TestClient

from crm import contacts
from crm.foundation.access import Module
from crm.platform import workspace
from crm.platform.people.tokens import Scope
from crm.records import attributes
from crm.records.attributes import Definition
from crm.store import Store
from tests.api.conftest import SERVED, Clients
from tests.people import Team


@pytest.fixture
def size(store: Store, team: Team) -> Definition:
    """A list of contacts: Small, Large; Ana is Large."""
    with store.writing(team.ada) as tx:
        made = attributes.define(tx, model="contact", name="Size", type="list", values=["Small", "Large"])
        contacts.create(tx, name="Ana", attributes={"size": "Large"})
    return made


def test_an_attribute_is_made_changed_deleted_and_restored(client: Clients, team: Team) -> None:
    ada = client(team.ada)
    made = ada.post(
        "/attributes",
        json={"model": "contact", "name": "Plate", "type": "text", "pattern": "[A-Z]{3}", "hint": "three letters"},
    )
    assert made.status_code == 201, made.text
    place = f"/attributes/{made.json()['id']}"
    assert made.headers["Location"].endswith(place)
    assert (made.json()["key"], made.json()["pattern"], made.json()["values"]) == ("plate", "[A-Z]{3}", [])
    changed = ada.patch(place, json={"name": "Number plate", "hint": None}, headers={"If-Match": '"1"'})
    assert (changed.json()["name"], changed.json()["key"], changed.json()["hint"]) == ("Number plate", "plate", None)
    assert ada.patch(place, json={"name": "Other"}, headers={"If-Match": '"1"'}).status_code == 412
    assert ada.delete(place).status_code == 204
    assert ada.get(place).status_code == 404
    assert [one["id"] for one in ada.get("/attributes/deleted?model=contact").json()["items"]] == [made.json()["id"]]
    assert ada.post(f"{place}/restore").json()["key"] == "plate"
    assert ada.get("/attributes?model=contact").json()["total"] == 1


def test_what_does_not_fit_is_refused_by_name(client: Clients, team: Team, size: Definition) -> None:
    ana = client(team.ana)
    refused = ana.post("/contacts", json={"name": "Lia", "attributes": {"size": "Huge"}})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "attribute:size"
    assert "not a value of the list “Size”. It takes “Small”, “Large”." in refused.json()["detail"]
    assert ana.post("/contacts", json={"name": "Lia", "attributes": {"size": "small"}}).json()["attributes"] == {
        "size": "Small"
    }


def test_values_of_a_list_are_added_renamed_put_in_order_and_deleted(
    client: Clients, team: Team, size: Definition
) -> None:
    ada, place = client(team.ada), f"/attributes/{size.id}"
    assert ada.post(f"{place}/values", json={"names": ["Huge", "small"]}).json()["values"] == ["Small", "Large", "Huge"]
    small, large, huge = ada.get(f"{place}/values").json()["items"]
    assert (small["records"], large["records"]) == (0, 1)
    order = [huge["id"], large["id"], small["id"]]
    assert ada.patch(place, json={"value_order": order}).json()["values"] == ["Huge", "Large", "Small"]
    assert ada.patch(f"{place}/values/{large['id']}", json={"name": "Big"}).json()["values"] == ["Huge", "Big", "Small"]
    assert ada.get("/contacts").json()["items"][0]["attributes"] == {"size": "Big"}
    refused = ada.delete(f"{place}/values/{large['id']}")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "into")
    assert ada.delete(f"{place}/values/{large['id']}?into={huge['id']}").json()["values"] == ["Huge", "Small"]
    assert ada.get("/contacts").json()["items"][0]["attributes"] == {"size": "Huge"}
    assert ada.delete(f"{place}/values/999").status_code == 404


def test_a_conversion_is_previewed_and_made(client: Clients, team: Team, size: Definition) -> None:
    ada, place = client(team.ada), f"/attributes/{size.id}/conversion"
    seen = ada.get(f"{place}?to=number").json()
    assert (seen["converts"], seen["fails"]) == (0, 1)
    assert seen["unconverted"][0]["before"] == "Large"
    assert ada.post(place, json={"to": "number"}).status_code == 422
    assert ada.post(place, json={"to": "number", "empty_rest": True}).json()["type"] == "number"
    assert ada.get("/contacts").json()["items"][0]["attributes"] == {}
    assert ada.get("/attributes/deleted?model=contact").json()["items"][0]["name"] == "Size (as list)"


def test_attributes_are_put_in_order(client: Clients, team: Team, size: Definition) -> None:
    ada = client(team.ada)
    other = ada.post("/attributes", json={"model": "contact", "name": "Age", "type": "number"}).json()["id"]
    answer = ada.post("/attributes/order", json={"model": "contact", "order": [other, size.id]})
    assert [one["key"] for one in answer.json()["items"]] == ["age", "size"]
    assert ada.post("/attributes/order", json={"model": "contact", "order": [other]}).status_code == 422


CHANGES: list[tuple[str, str, dict[str, Any] | None]] = [
    ("PATCH", "/attributes/1", {"name": "Other"}),
    ("DELETE", "/attributes/1", None),
    ("POST", "/attributes/1/restore", None),
    ("GET", "/attributes/1/conversion?to=text", None),
    ("POST", "/attributes/1/conversion", {"to": "text"}),
    ("POST", "/attributes/order", {"model": "contact", "order": [1]}),
    ("PATCH", "/attributes/1/values/1", {"name": "Tiny"}),
    ("DELETE", "/attributes/1/values/1", None),
]


@pytest.mark.parametrize("name", ["marta", "ana", "rui", "vera"])
def test_only_an_administrator_shapes_attributes(client: Clients, team: Team, size: Definition, name: str) -> None:
    caller = client(getattr(team, name))
    for method, path, body in CHANGES:
        answer = caller.request(method, path, json=body)
        assert answer.status_code == 403, (method, path, answer.text)
    assert caller.get("/attributes/1").json()["values"] == ["Small", "Large"]
    made = caller.post("/attributes", json={"model": "contact", "name": "X", "type": "text"}).status_code
    added = caller.post("/attributes/1/values", json={"names": ["Huge"]}).status_code
    assert (made, added) == ((201, 200) if name == "marta" else (403, 403))  # those who import bring their own


def test_attributes_of_a_module_that_is_off_are_not_found(store: Store, client: Clients, team: Team) -> None:

    with store.writing(team.ada) as tx:
        made = attributes.define(tx, model="company", name="Staff", type="number")
        workspace.switch(tx, Module.COMPANIES, False)
    ada = client(team.ada)
    assert ada.get(f"/attributes/{made.id}").status_code == 404
    assert ada.get("/attributes?model=company").status_code == 404
    assert ada.delete(f"/attributes/{made.id}").status_code == 404


def test_the_description_has_the_attributes_of_now_for_those_with_a_token(
    client: Clients, team: Team, size: Definition
) -> None:
    ada = client(team.ada)
    ada.post("/attributes", json={"model": "contact", "name": "Plate", "type": "text", "pattern": r"(?i)[a-z]{3}\z"})
    ada.post("/attributes", json={"model": "deal", "name": "Margin", "type": "currency"})
    described = ada.get("/openapi.json").json()
    validate(described)
    schemas = described["components"]["schemas"]
    assert schemas["Contact"]["properties"]["attributes"] == {"$ref": "#/components/schemas/ContactAttributes"}
    assert schemas["ContactGiven"]["properties"]["attributes"] == {"$ref": "#/components/schemas/ContactAttributes"}
    own = schemas["ContactAttributes"]["properties"]
    assert own["size"]["enum"] == ["Small", "Large", None]
    assert r"(?i)[a-z]{3}\z" in own["plate"]["description"]
    assert schemas["DealAttributes"]["properties"]["margin"]["format"] == "decimal"
    ada.delete(f"/attributes/{size.id}")
    after = ada.get("/openapi.json").json()["components"]["schemas"]["ContactAttributes"]["properties"]
    assert list(after) == ["plate"]


def test_the_description_without_a_token_tells_nothing_of_the_store(
    client: Clients, team: Team, size: Definition
) -> None:
    stranger = TestClient(SERVED, raise_server_exceptions=False)
    described = stranger.get("/api/v1/openapi.json")
    assert described.status_code == 200
    # Counted, since pytest would compare a text as long as the description with what is not in it for an hour.
    assert described.text.count("ContactAttributes") == 0
    assert described.text.count('"Large"') == 0
    wrong = stranger.get("/api/v1/openapi.json", headers={"Authorization": "Bearer crm_1_wrong"})
    assert wrong.status_code == 401
    assert client(team.ada, Scope.WRITE).get("/openapi.json").status_code == 403
