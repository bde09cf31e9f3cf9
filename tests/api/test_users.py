"""People and custom attributes over the API."""

from tests.api.conftest import Clients
from tests.people import Team


def test_a_token_says_whose_it_is(client: Clients, team: Team) -> None:
    me = client(team.ana).get("/users/me").json()
    assert (me["name"], me["role"], me["id"]) == ("Ana", "rep", team.ids.ana)


def test_the_people_are_listed_without_their_secrets(client: Clients, team: Team) -> None:
    ana = client(team.ana)
    listed = ana.get("/users").json()
    assert [user["name"] for user in listed["items"]] == ["Ada", "Ana", "Bob", "Marta", "Rui", "Vera"]
    assert set(listed["items"][0]) == {"id", "email", "name", "role", "active", "created_at"}
    assert ana.get(f"/users/{team.ids.bob}").json()["name"] == "Bob"
    assert ana.get("/users/777").status_code == 404


def test_an_attribute_is_defined_and_listed(client: Clients, team: Team) -> None:
    ada = client(team.ada)
    made = ada.post("/attributes", json={"model": "deal", "name": "Lead source", "type": "text"})
    assert (made.status_code, made.json()["key"]) == (201, "lead_source")
    assert ada.get("/attributes?model=deal").json()["items"] == [made.json()]
    assert ada.get("/attributes?model=contact").json()["total"] == 0
    assert ada.post("/attributes", json={"model": "deal", "name": "Lead Source", "type": "text"}).status_code == 409


def test_an_attribute_of_a_noun_that_has_none_is_refused(client: Clients, team: Team) -> None:
    ada = client(team.ada)
    assert ada.get("/attributes?model=users").status_code == 422
    assert ada.post("/attributes", json={"model": "users", "name": "x", "type": "text"}).status_code == 422
