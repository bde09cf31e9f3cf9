"""Custom types and their fields over the API: each route, each role, and the module."""

import pytest

from crm import objects
from crm.foundation.access import Module
from crm.objects import ObjectType
from crm.platform import workspace
from crm.platform.people.tokens import Scope
from crm.records import registry
from crm.store import Store
from tests.api.conftest import Clients
from tests.api.test_roles import SHAPERS, Verb, ask, everything
from tests.people import Team

# In an order in which one who may do all of them can do them one after the other.
VERBS = [
    Verb("POST", "/objects/types", SHAPERS, {"singular": "Room", "plural": "Rooms"}),
    Verb("PATCH", "/objects/types/{type}", SHAPERS, {"plural": "Lessons"}),
    Verb("POST", "/objects/types/order", SHAPERS, {"order": [2, 1]}),
    Verb("POST", "/objects/types/{type}/fields", SHAPERS, {"name": "Place", "type": "text"}),
    Verb("PATCH", "/objects/types/{type}/fields/{level}", SHAPERS, {"name": "Step"}),
    Verb("POST", "/objects/types/{type}/fields/{level}/values", SHAPERS, {"names": ["Middle"]}),
    Verb("PATCH", "/objects/types/{type}/fields/{level}/values/{value}", SHAPERS, {"name": "First"}),
    Verb("DELETE", "/objects/types/{type}/fields/{level}/values/{value}", SHAPERS),
    Verb("POST", "/objects/types/{type}/fields/{level}/conversion", SHAPERS, {"to": "text"}),
    Verb("DELETE", "/objects/types/{type}/fields/{level}", SHAPERS),
    Verb("POST", "/objects/types/{type}/fields/{level}/restore", SHAPERS),
    Verb("POST", "/objects/templates/school", SHAPERS),
    Verb("DELETE", "/objects/types/{type}", SHAPERS),
    Verb("POST", "/objects/types/{type}/restore", SHAPERS),
]


@pytest.fixture
def ids(store: Store, team: Team, courses: ObjectType) -> dict[str, int]:
    with store.writing(team.ada) as tx:
        # The template makes a type of the same name.
        objects.change(tx, courses.id, singular="Lesson", plural="Classes")
    return {"type": courses.id, **fields_of(store, team, courses), "value": 1}


def fields_of(store: Store, team: Team, of: ObjectType) -> dict[str, int]:
    with store.reading(team.ada) as tx:
        return {one.key: one.definition.id for one in objects.fields(tx, of.id)}


def test_a_type_is_made_renamed_deleted_and_restored(client: Clients, team: Team) -> None:
    marta = client(team.marta)
    made = marta.post("/objects/types", json={"singular": "NPS survey", "plural": "NPS surveys", "primary": "Title"})
    assert made.status_code == 201, made.text
    place = f"/objects/types/{made.json()['id']}"
    assert made.headers["Location"] == f"/api/v1{place}"
    assert (made.json()["slug"], made.json()["key"]) == ("nps_survey", f"object_{made.json()['id']}")
    assert [(one["key"], one["primary"], one["required"]) for one in made.json()["fields"]] == [("title", True, True)]
    seen = marta.get(place).headers["ETag"]
    changed = marta.patch(place, json={"singular": "Poll", "plural": "Polls"}, headers={"If-Match": seen})
    assert (changed.json()["singular"], changed.json()["slug"]) == ("Poll", "nps_survey")
    assert marta.patch(place, json={"plural": "Votes"}, headers={"If-Match": seen}).status_code == 412
    assert marta.patch(place, json={"colour": "red"}).json()["errors"][0]["field"] == "colour"
    assert marta.delete(place).status_code == 204
    assert marta.get(place).status_code == 404
    gone = marta.get("/objects/types/deleted").json()["items"]
    assert [(one["slug"], one["deleted_by_name"], one["until"] > one["deleted_at"]) for one in gone] == [
        ("nps_survey", "Marta", True)
    ]
    assert marta.post(f"{place}/restore").json()["plural"] == "Polls"
    assert [one["slug"] for one in marta.get("/objects/types").json()["items"]] == ["nps_survey"]


def test_types_have_an_order(client: Clients, team: Team) -> None:
    marta = client(team.marta)
    made = [marta.post("/objects/types", json={"singular": name, "plural": f"{name}s"}).json() for name in ("A1", "B1")]
    order = [made[1]["id"], made[0]["id"]]
    assert [one["id"] for one in marta.post("/objects/types/order", json={"order": order}).json()["items"]] == order
    assert marta.post("/objects/types/order", json={"order": order[:1]}).status_code == 422


def test_no_slug_is_a_word_that_addresses_have_already(client: Clients, team: Team) -> None:
    marta = client(team.marta)
    names = (("Types", "Many types"), ("Templates", "Many templates"), ("Object 9", "Objects 9"))
    made = [marta.post("/objects/types", json={"singular": one, "plural": many}).json()["slug"] for one, many in names]
    assert made == ["types_2", "templates_2", "object_9_1"]
    assert not set(made) & {word for of in registry.declared().values() for word in (of.key, of.plural)}


def test_a_type_of_a_name_that_is_there_is_refused(client: Clients, team: Team, courses: ObjectType) -> None:
    refused = client(team.marta).post("/objects/types", json={"singular": "course", "plural": "Trainings"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (409, "singular")


def test_templates_are_listed_and_made(client: Clients, team: Team) -> None:
    marta = client(team.marta)
    listed = marta.get("/objects/templates").json()["items"]
    school = next(one for one in listed if one["key"] == "school")
    assert school["types"][0]["singular"] == "Course"
    made = marta.post("/objects/templates/school")
    assert made.status_code == 201, made.text
    assert [one["slug"] for one in made.json()["items"]] == ["course", "enrolment"]
    assert {one["name"] for one in school["types"][0]["fields"]} < {
        one["name"] for one in made.json()["items"][0]["fields"]
    }
    assert marta.post("/objects/templates/school").status_code == 409
    assert marta.post("/objects/templates/circus").status_code == 404


def test_a_field_is_added_changed_put_in_order_deleted_and_restored(
    store: Store, client: Clients, team: Team, courses: ObjectType
) -> None:
    marta, place = client(team.marta), f"/objects/types/{courses.id}/fields"
    made = marta.post(place, json={"name": "Teacher", "type": "text", "required": True, "unique": True})
    assert made.status_code == 201, made.text
    one = f"{place}/{made.json()['id']}"
    assert made.headers["Location"] == f"/api/v1{one}"
    assert (made.json()["key"], made.json()["required"], made.json()["unique"]) == ("teacher", True, True)
    seen = marta.get(one).headers["ETag"]
    changed = marta.patch(
        one, json={"name": "Tutor", "required": False, "pattern": "[A-Z].*"}, headers={"If-Match": seen}
    )
    assert changed.status_code == 200, changed.text
    assert (changed.json()["name"], changed.json()["required"], changed.json()["unique"]) == ("Tutor", False, True)
    stale = marta.patch(one, json={"required": True}, headers={"If-Match": seen})
    assert stale.status_code == 412
    now = marta.get(one).headers["ETag"]
    assert marta.patch(one, json={"required": True}, headers={"If-Match": now}).headers["ETag"] != now
    ids = fields_of(store, team, courses)
    order = [ids["teacher"], *(each for key, each in ids.items() if key != "teacher")]
    assert [each["id"] for each in marta.post(f"{place}/order", json={"order": order}).json()["items"]] == order
    assert marta.delete(one).status_code == 422, "it is unique"
    assert marta.patch(one, json={"unique": False}).json()["unique"] is False
    assert marta.delete(one).status_code == 204
    assert marta.get(one).status_code == 404
    assert [each["name"] for each in marta.get(f"{place}/deleted").json()["items"]] == ["Tutor"]
    restored = marta.post(f"{one}/restore")
    assert (restored.json()["name"], restored.json()["required"]) == ("Tutor", False)
    assert marta.post(f"{one}/restore").status_code == 404


def test_a_field_is_converted_after_a_preview(store: Store, client: Clients, team: Team, courses: ObjectType) -> None:
    with store.writing(team.marta) as tx:
        for name, places in (("Chess", 12), ("Tango", 9)):
            registry.room(courses.kind).create(tx, name=name, places=places)
    marta = client(team.marta)
    one = f"/objects/types/{courses.id}/fields/{fields_of(store, team, courses)['places']}"
    planned = marta.get(f"{one}/conversion", params={"to": "list"}).json()
    assert (planned["converts"], planned["fails"], sorted(planned["new_values"])) == (2, 0, ["12", "9"])
    assert marta.get(one).json()["type"] == "number"
    assert marta.post(f"{one}/conversion", json={"to": "list"}).json()["type"] == "list"
    values = marta.get(f"{one}/values").json()["items"]
    assert {(each["name"], each["records"]) for each in values} == {("12", 1), ("9", 1)}
    twelve = next(each["id"] for each in values if each["name"] == "12")
    assert "Dozen" in marta.patch(f"{one}/values/{twelve}", json={"name": "Dozen"}).json()["values"]
    assert marta.post(f"{one}/values", json={"names": ["Many"]}).json()["values"][-1] == "Many"
    assert marta.delete(f"{one}/values/{twelve}").status_code == 422, "a record holds it"
    left = marta.delete(f"{one}/values/{twelve}", params={"leave_empty": True}).json()["values"]
    assert "Dozen" not in left
    assert marta.delete(f"{one}/values/{twelve}").status_code == 404


def test_a_field_is_found_at_its_own_type_alone(store: Store, client: Clients, team: Team, courses: ObjectType) -> None:
    with store.writing(team.marta) as tx:
        rooms = objects.create(tx, singular="Room", plural="Rooms")
    marta, level = client(team.marta), fields_of(store, team, courses)["level"]
    other = f"/objects/types/{rooms.id}/fields/{level}"
    assert [marta.get(f"{other}{rest}").status_code for rest in ("", "/values")] == [404, 404]
    assert marta.patch(other, json={"name": "Step"}).status_code == 404
    assert marta.delete(other).status_code == 404


@pytest.mark.parametrize("name", ["ada", "marta", "ana", "rui", "vera"])
def test_who_manages_custom_objects_shapes_them_and_nobody_else(
    store: Store, client: Clients, team: Team, ids: dict[str, int], name: str
) -> None:
    actor = getattr(team, name)
    caller = client(actor)
    with store.writing(team.ada) as tx:
        objects.create(tx, singular="Hall", plural="Halls")
    before = everything(store)
    for verb in VERBS:
        body = {"order": [ids["type"], *others(store, team, ids["type"])]} if verb.path.endswith("order") else verb.body
        status = ask(caller, Verb(verb.method, verb.path, verb.may, body), ids)
        if actor.role in verb.may:
            assert status in (200, 201, 204), f"{name} may {verb.method} {verb.path}"
            before = everything(store)
        else:
            assert status == 403, f"{name} may not {verb.method} {verb.path}"
            assert everything(store) == before, f"{verb.method} {verb.path} was refused and yet did something"
    for path in ("/objects/types", "/objects/templates", "/objects/types/{type}", "/objects/types/{type}/fields"):
        assert caller.get(path.format(**ids)).status_code == 200, path


def others(store: Store, team: Team, own: int) -> list[int]:
    with store.reading(team.ada) as tx:
        return [one.id for one in objects.types(tx) if one.id != own]


def test_a_change_that_names_no_field_is_refused_to_a_rep(client: Clients, team: Team, ids: dict[str, int]) -> None:
    for path in ("/objects/types/{type}", "/objects/types/{type}/fields/{level}"):
        assert client(team.ana).patch(path.format(**ids), json={}).status_code == 403
        assert client(team.marta).patch(path.format(**ids), json={}).status_code == 200


def test_a_token_that_may_only_read_shapes_nothing(
    store: Store, client: Clients, team: Team, ids: dict[str, int]
) -> None:
    caller, before = client(team.ada, Scope.READ), everything(store)
    assert {ask(caller, verb, ids) for verb in VERBS} == {403}
    assert everything(store) == before


def test_with_the_module_off_none_of_it_is_there(
    store: Store, client: Clients, team: Team, ids: dict[str, int]
) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.OBJECTS, False)
    ada, before = client(team.ada), everything(store)
    assert {ask(ada, verb, ids) for verb in VERBS} == {404}
    for path in ("/objects/types", "/objects/types/deleted", "/objects/templates", "/objects/types/{type}/fields"):
        assert ada.get(path.format(**ids)).status_code == 404
    assert everything(store) == before
    assert not [path for path in ada.get("/openapi.json").json()["paths"] if path.startswith("/objects")]


def test_the_same_request_makes_one_type(client: Clients, team: Team) -> None:
    marta, key = client(team.marta), {"Idempotency-Key": "first"}
    first, again = (
        marta.post("/objects/types", json={"singular": "Room", "plural": "Rooms"}, headers=key) for _ in range(2)
    )
    assert (first.json(), first.headers["Location"]) == (again.json(), again.headers["Location"])
    assert again.headers["Idempotency-Replayed"] == "true"
    assert marta.get("/objects/types").json()["total"] == 1
