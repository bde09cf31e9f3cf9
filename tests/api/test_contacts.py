"""Contacts over the API, from the first POST to the bin and back."""

from crm.records import attributes
from crm.store import Store
from tests.api.conftest import Clients
from tests.people import Team


def test_a_contact_is_made_found_edited_binned_and_restored(client: Clients, team: Team) -> None:
    ana = client(team.ana)
    made = ana.post("/contacts", json={"name": "Lia Prado", "email": "Lia@Example.com", "phone": "11 98765-4321"})
    assert made.status_code == 201, made.text
    contact = made.json()
    where = made.headers["Location"]
    assert where == f"/api/v1/contacts/{contact['id']}"
    assert made.headers["ETag"] == f'"{contact["version"]}"'
    assert (contact["phone"], contact["owner_name"]) == ("+5511987654321", "Ana")

    found = ana.get(f"/contacts/{contact['id']}")
    assert (found.json(), found.headers["ETag"]) == (contact, made.headers["ETag"])

    edited = ana.patch(f"/contacts/{contact['id']}", json={"city": "Recife", "phone": None})
    assert edited.status_code == 200
    assert edited.json() | {"updated_at": contact["updated_at"]} == contact | {
        "city": "Recife",
        "phone": None,
        "version": contact["version"] + 1,
    }

    assert ana.delete(f"/contacts/{contact['id']}").status_code == 204
    assert ana.get(f"/contacts/{contact['id']}").status_code == 404
    assert ana.get("/contacts").json()["total"] == 0
    assert ana.post(f"/contacts/{contact['id']}/restore").json()["city"] == "Recife"
    assert ana.get("/contacts").json()["total"] == 1


def test_a_field_left_out_of_a_patch_stays_and_null_empties_it(client: Clients, team: Team) -> None:
    ana = client(team.ana)
    contact = ana.post("/contacts", json={"name": "Lia", "city": "Recife", "country": "Brasil"}).json()
    edited = ana.patch(f"/contacts/{contact['id']}", json={"city": None}).json()
    assert (edited["city"], edited["country"], edited["name"]) == (None, "Brasil", "Lia")


def test_an_empty_patch_changes_nothing(client: Clients, team: Team) -> None:
    ana = client(team.ana)
    contact = ana.post("/contacts", json={"name": "Lia"}).json()
    assert ana.patch(f"/contacts/{contact['id']}", json={}).json() == contact


def test_a_double_is_409_with_a_link_to_the_holder(client: Clients, team: Team) -> None:
    ana = client(team.ana)
    holder = ana.post("/contacts", json={"email": "lia@example.com"}).json()
    refused = ana.post("/contacts", json={"name": "Other", "email": "LIA@example.com"})
    problem = refused.json()
    assert refused.status_code == 409
    assert problem["type"] == "urn:mallard:problem:duplicate"
    assert problem["errors"][0]["field"] == "email"
    assert problem["holder"] == {"kind": "contact", "id": holder["id"], "href": f"/api/v1/contacts/{holder['id']}"}
    assert ana.get("/contacts").json()["total"] == 1


def test_a_contact_is_blocked_and_unblocked(client: Clients, team: Team) -> None:
    ana = client(team.ana)
    contact = ana.post("/contacts", json={"name": "Lia"}).json()
    assert ana.post(f"/contacts/{contact['id']}/block").json()["blocked"] is True
    assert ana.post(f"/contacts/{contact['id']}/unblock").json()["blocked"] is False


def test_labels_are_set_as_a_whole(client: Clients, team: Team) -> None:
    ana = client(team.ana)
    contact = ana.post("/contacts", json={"name": "Lia", "labels": ["vip", "fair"]}).json()
    assert sorted(contact["labels"]) == ["fair", "vip"]
    assert ana.patch(f"/contacts/{contact['id']}", json={"labels": ["vip"]}).json()["labels"] == ["vip"]
    assert ana.patch(f"/contacts/{contact['id']}", json={"city": "Recife"}).json()["labels"] == ["vip"]


def test_custom_attributes_come_with_one_contact_and_with_the_list(store: Store, client: Clients, team: Team) -> None:
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="contact", name="Shoe size", type="number")
    ana = client(team.ana)
    contact = ana.post("/contacts", json={"name": "Lia", "attributes": {"shoe_size": 38}}).json()
    assert contact["attributes"] == {"shoe_size": 38.0}
    assert ana.get("/contacts").json()["items"][0]["attributes"] == {"shoe_size": 38.0}
    refused = ana.patch(f"/contacts/{contact['id']}", json={"attributes": {"shoe_size": "large"}})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "attribute:shoe_size"


def test_a_wrong_email_is_422_and_names_the_field(client: Clients, team: Team) -> None:
    refused = client(team.ana).post("/contacts", json={"email": "nobody"})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "email"
    assert "“nobody” is not an email address" in refused.json()["detail"]


def test_an_unknown_field_is_refused(client: Clients, team: Team) -> None:
    refused = client(team.ana).post("/contacts", json={"name": "Lia", "colour": "red", "version": 3})
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["colour", "version"]
