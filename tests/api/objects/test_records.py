"""Records of a custom type over the API: as those of declared types, at the slug of their type."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from crm import objects
from crm.foundation.access import SYSTEM, Module
from crm.objects import ObjectType
from crm.platform import workspace
from crm.records.attributes import AttributeType
from crm.store import Store
from tests.api.conftest import Clients
from tests.api.test_roles import SELLERS, Verb, ask, everything
from tests.people import Team

RECORDS = "/objects/course/records"
CHESS: dict[str, Any] = {
    "name": "Chess", "code": "C-1", "level": "Beginner", "price": "120.50", "starts_on": "2026-03-02", "places": 12,
}  # fmt: skip
VERBS = [
    Verb("POST", RECORDS, SELLERS, {"name": "Tango"}),
    Verb("PATCH", f"{RECORDS}/{{chess}}", SELLERS, {"places": 10, "labels": ["New"]}),
    Verb("PUT", f"{RECORDS}/by-external-id/X-9", SELLERS, {"name": "Piano"}),
    Verb("POST", f"{RECORDS}/{{chess}}/merge", SELLERS, {"absorbed_id": 2}),
    Verb("POST", f"{RECORDS}/{{chess}}/unmerge", SELLERS, {"merge_id": 1}),
    Verb("DELETE", f"{RECORDS}/{{chess}}", SELLERS),
    Verb("POST", f"{RECORDS}/{{chess}}/restore", SELLERS),
    Verb("POST", "/course/{chess}/notes", SELLERS, {"text": "Bring boards"}),
]


@pytest.fixture
def chess(client: Clients, team: Team, courses: ObjectType) -> int:
    """Ana's."""
    return int(client(team.ana).post(RECORDS, json=CHESS).json()["id"])


def rows(store: Store) -> int:
    with store.reading(SYSTEM) as tx:
        return int(tx.value("SELECT count(*) FROM base.objects_1"))


def test_a_record_is_made_read_changed_deleted_and_restored(client: Clients, team: Team, courses: ObjectType) -> None:
    ana = client(team.ana)
    made = ana.post(RECORDS, json=CHESS | {"labels": ["Evening"]})
    assert made.status_code == 201, made.text
    one = f"{RECORDS}/{made.json()['id']}"
    assert made.headers["Location"] == f"/api/v1{one}"
    assert {key: made.json()[key] for key in ("name", "code", "level", "places", "labels")} == {
        **{key: CHESS[key] for key in ("name", "code", "level", "places")},
        "labels": ["Evening"],
    }
    for word in ("course", "object_1", "objects_1"):
        assert ana.get(f"/objects/{word}/records/{made.json()['id']}").json() == made.json(), word
    seen = ana.get(one).headers["ETag"]
    assert ana.patch(one, json={"places": 9}, headers={"If-Match": seen}).json()["places"] == 9
    stale = ana.patch(one, json={"places": 8}, headers={"If-Match": seen})
    assert (stale.status_code, stale.json()["current"]["places"]) == (412, 9)
    assert ana.delete(one).status_code == 204
    assert ana.get(one).status_code == 404
    assert ana.get("/bin", params={"kind": "course"}).json()["total"] == 1
    assert ana.post(f"{one}/restore").json()["code"] == "C-1"


def test_what_does_not_fit_the_types_own_fields_is_refused_by_name(
    client: Clients, team: Team, chess: int, courses: ObjectType
) -> None:
    ana = client(team.ana)
    for given, status, field in (
        ({"colour": "red", "name": "Tango"}, 422, "colour"),
        ({"places": 3}, 422, "name"),
        ({"name": "Tango", "level": "Expert"}, 422, "level"),
        ({"name": "Tango", "code": "wrong"}, 422, "code"),
        ({"name": "Tango", "starts_on": "soon"}, 422, "starts_on"),
        ({"name": "Tango", "code": "C-1"}, 409, "code"),
    ):
        refused = ana.post(RECORDS, json=given)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (status, field), refused.text
    assert ana.post(RECORDS, json={"name": "Tango", "code": "C-1"}).json()["holder"]["href"] == (
        f"/api/v1{RECORDS}/{chess}"
    )
    assert ana.get(RECORDS).json()["total"] == 1
    assert ana.put(RECORDS, json={}).status_code == 405
    assert ana.put(RECORDS, json={}).headers["Allow"] == "GET, POST"
    assert ana.get(RECORDS, params={"lvel": "Beginner"}).status_code == 422


def test_the_list_filters_sorts_searches_and_pages(client: Clients, team: Team, courses: ObjectType) -> None:
    ana = client(team.ana)
    for number in range(5):
        ana.post(RECORDS, json={**CHESS, "name": f"Course {number}", "code": f"C-{number}", "places": number})
    many = json.dumps({"kind": "rule", "field": "places", "op": "at_least", "value": 3})
    found = ana.get(RECORDS, params={"filter": many, "sort": "-places"}).json()
    assert [one["places"] for one in found["items"]] == [4, 3]
    assert ana.get(RECORDS, params={"search": "c-2"}).json()["total"] == 1
    seen, cursor = [], ""
    while True:
        page = ana.get(RECORDS, params={"sort": "places", "limit": 2, "cursor": cursor}).json()
        seen += [one["places"] for one in page["items"]]
        if not page["next"]:
            break
        cursor = page["next"]
    assert seen == [0, 1, 2, 3, 4]


def test_a_field_that_is_added_is_taken_at_once(
    store: Store, client: Clients, team: Team, chess: int, courses: ObjectType
) -> None:
    ana = client(team.ana)
    assert ana.patch(f"{RECORDS}/{chess}", json={"teacher": "Caio"}).status_code == 422
    with store.writing(team.ada) as tx:
        field = objects.add_field(tx, courses.id, name="Teacher", type=AttributeType.TEXT)
    assert ana.patch(f"{RECORDS}/{chess}", json={"teacher": "Caio"}).json()["teacher"] == "Caio"
    with store.writing(team.ada) as tx:
        objects.delete_field(tx, field.definition.id)
    assert "teacher" not in ana.get(f"{RECORDS}/{chess}").json()


def test_by_external_id_a_record_is_made_once_and_then_changed(
    store: Store, client: Clients, team: Team, courses: ObjectType
) -> None:
    ana, place = client(team.ana), f"{RECORDS}/by-external-id/A%2F1"
    first, again = ana.put(place, json=CHESS), ana.put(place, json={"places": 9})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.headers["Location"] == f"/api/v1{RECORDS}/{first.json()['id']}"
    assert (again.json()["id"], again.json()["external_id"]) == (first.json()["id"], "A/1")
    assert (again.json()["places"], again.json()["code"], again.headers["ETag"]) == (9, "C-1", '"2"')
    assert ana.put(place, json={"places": 9}).headers["ETag"] == '"2"', "nothing differs"
    assert ana.put(place, json={"places": 1}, headers={"If-Match": '"1"'}).status_code == 412
    assert ana.put(place, json={"external_id": "other"}).json()["errors"][0]["field"] == "external_id"
    assert ana.put(f"{RECORDS}/by-external-id/B-1", json={"places": 9}).json()["errors"][0]["field"] == "name"
    assert ana.put(f"{RECORDS}/by-external-id/", json=CHESS).status_code == 422
    assert rows(store) == 1


def test_two_at_once_with_one_external_id_make_one_record(
    store: Store, client: Clients, team: Team, courses: ObjectType
) -> None:
    callers = [client(team.ana) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        put = [pool.submit(one.put, f"{RECORDS}/by-external-id/A-1", json={"name": "Chess"}) for one in callers]
        answers = [one.result() for one in put]
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert rows(store) == 1


def test_the_same_request_makes_one_record(store: Store, client: Clients, team: Team, courses: ObjectType) -> None:
    ana, key = client(team.ana), {"Idempotency-Key": "first"}
    first, again = (ana.post(RECORDS, json=CHESS, headers=key) for _ in range(2))
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (first.json(), "true")
    assert again.headers["Location"] == first.headers["Location"]
    assert rows(store) == 1


@pytest.mark.parametrize("name", ["ada", "marta", "ana", "rui", "vera"])
def test_each_role_can_do_its_own_verbs_and_no_other(
    store: Store, client: Clients, team: Team, chess: int, name: str
) -> None:
    client(team.ana).post(RECORDS, json={"name": "Draughts"})
    caller, may = client(getattr(team, name)), getattr(team, name).role in SELLERS
    before = everything(store)
    for verb in VERBS:
        status = ask(caller, verb, {"chess": chess})
        assert status in ((200, 201, 204) if may else (403,)), f"{verb.method} {verb.path}"
        if not may:
            assert everything(store) == before, f"{verb.method} {verb.path} was refused and yet did something"
    assert caller.get(f"{RECORDS}/{chess}").status_code == 200


def test_a_record_that_one_may_not_see_is_not_there(
    store: Store, client: Clients, team: Team, chess: int, private: None
) -> None:
    bob = client(team.bob)
    client(team.ana).patch(f"{RECORDS}/{chess}", json={"external_id": "A-1"})
    before = everything(store)
    for verb in VERBS:
        if "{chess}" in verb.path:
            assert ask(bob, verb, {"chess": chess}) == 404, f"{verb.method} {verb.path}"
    assert bob.get(f"{RECORDS}/{chess}").status_code == 404
    assert bob.get(RECORDS, params={"search": "chess"}).json()["total"] == 0
    for refused in (
        bob.put(f"{RECORDS}/by-external-id/A-1", json={"name": "Mine"}),
        bob.post(RECORDS, json={"name": "Mine", "code": "C-1"}),
    ):
        assert (refused.status_code, "holder" in refused.json(), "Chess" in refused.text) == (409, False, False)
    assert everything(store) == before


def test_no_type_is_told_of_to_passers_by_nor_with_the_module_off(
    store: Store, client: Clients, team: Team, chess: int
) -> None:
    ada = client(team.ada)
    assert ada.get("/objects/room/records").status_code == 404
    del ada.headers["Authorization"]
    assert [ada.get(f"/objects/{word}/records").status_code for word in ("course", "room")] == [401, 401]
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.OBJECTS, False)
    ada = client(team.ada)
    answers = [ada.get(path) for path in (RECORDS, f"{RECORDS}/{chess}", "/objects/room/records")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_a_deleted_type_takes_its_records_along(
    store: Store, client: Clients, team: Team, courses: ObjectType, chess: int
) -> None:
    ana, key = client(team.ana), {"Idempotency-Key": "first"}
    note = ana.post(f"/course/{chess}/notes", json={"text": "Bring boards"}).json()["id"]
    ana.patch(f"/notes/{note}", json={"text": "Bring clocks"}, headers=key)
    with store.writing(team.ada) as tx:
        objects.delete(tx, courses.id)
    assert ana.get(f"{RECORDS}/{chess}").status_code == 404
    assert ana.patch(f"/notes/{note}", json={"text": "Bring clocks"}, headers=key).status_code == 404


def test_a_field_is_the_teams_own_whatever_a_module_calls_one_of_its_own(
    store: Store, client: Clients, team: Team, courses: ObjectType
) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.COMPANIES, False)
        objects.add_field(tx, courses.id, name="Companies", type=AttributeType.TEXT)
    made = client(team.ana).post(RECORDS, json={"name": "Chess", "companies": "Two"})
    assert (made.status_code, made.json()["companies"]) == (201, "Two")


def test_lists_of_other_things_take_the_slug(client: Clients, team: Team, chess: int) -> None:
    marta = client(team.marta)
    rule = {"kind": "rule", "field": "places", "op": "is", "value": 12}
    for word in ("course", "objects_1", "object_1"):
        made = marta.post("/segments", json={"kind": word, "name": f"Twelve {word}", "filter": rule})
        assert (made.status_code, made.json()["kind"]) == (201, "objects_1"), made.text
        listed = marta.get(f"/segments/{made.json()['id']}/{word}").json()
        assert [one["name"] for one in listed["items"]] == ["Chess"]
        assert marta.get("/segments", params={"kind": word}).json()["total"] >= 1
        assert "places" in {one["key"] for one in marta.get(f"/criteria/{word}").json()["fields"]}
        assert "Chess" in marta.get(f"/exports/{word}.csv").text
        label = {"kind": word, "action": "add_label", "label": word, "ids": [chess]}
        assert marta.post("/bulk-changes", json=label).json()["changed"] == 1
        assert marta.post(f"/{word}/{chess}/notes", json={"text": word}).status_code == 201
        assert marta.get(f"/{word}/{chess}/files").status_code == 200
        file = {"file": ("a.txt", b"text")}
        sent = marta.post("/files", data={"subject_kind": word, "subject_id": str(chess)}, files=file)
        assert (sent.status_code, sent.json()["subject_kind"]) == (201, "object_1"), sent.text
        assert marta.get("/duplicates", params={"kind": word}).json()["total"] == 0
        rows = {"file": ("a.csv", b"Name\nTango\n")}
        begun = marta.post("/imports", data={"kind": word, "options": '{"dry_run": true}'}, files=rows)
        assert (begun.status_code, begun.json()["kind"]) == (201, "objects_1"), begun.text
        assert marta.get(f"/imports/mappings/{word}").json() == []
    refused = marta.post("/segments", json={"kind": "room", "name": "No", "filter": rule})
    assert (refused.status_code, "'course'" in refused.json()["detail"]) == (422, True)
    assert "objects_1" not in refused.text
