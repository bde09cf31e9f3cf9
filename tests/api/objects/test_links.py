"""Links of custom records over the API, and their labels."""

import pytest

from crm import contacts
from crm.deals import Deal
from crm.foundation.access import Module
from crm.objects import ObjectType
from crm.platform import workspace
from crm.records import links, registry
from crm.store import Store
from tests.api.conftest import Clients
from tests.api.test_roles import SELLERS, SHAPERS, Verb, ask, everything
from tests.people import Team

LINKS = "/objects/course/records/{chess}/links"
LABELS = "/objects/types/{type}/link-labels"
TO_CHESS = {"kind": "deals", "ids": [1], "action": "link", "linked_kind": "course", "linked_id": 1}
VERBS = [
    Verb("POST", LABELS, SHAPERS, {"name": "teacher"}),
    Verb("PATCH", f"{LABELS}/{{label}}", SHAPERS, {"name": "pupil"}),
    Verb("DELETE", f"{LABELS}/{{label}}", SHAPERS),
    Verb("POST", LINKS, SELLERS, {"subject_kind": "deal", "subject_id": 1}),
    Verb("PATCH", f"{LINKS}/{{link}}", SELLERS, {"linked_on": "2026-03-02"}),
    Verb("DELETE", f"{LINKS}/{{link}}", SELLERS),
    Verb("POST", "/bulk-changes", SELLERS, {**TO_CHESS, "action": "unlink"}),
]


@pytest.fixture
def ids(store: Store, team: Team, courses: ObjectType, chairs: Deal) -> dict[str, int]:
    """Lia, Ana's, is a student of Chess, Ana's too."""
    with store.writing(team.ada) as tx:
        label = links.add_label(tx, courses.kind, "student")
    with store.writing(team.ana) as tx:
        lia = contacts.create(tx, name="Lia")
        chess = registry.room(courses.kind).create(tx, name="Chess")
        link = links.link(tx, courses.kind, chess.id, "contact", lia.id, label="student")
    return {"type": courses.id, "label": label.id, "lia": lia.id, "chess": chess.id, "link": link.id, "deal": chairs.id}


def test_a_record_is_linked_changed_and_unlinked(client: Clients, team: Team, ids: dict[str, int]) -> None:
    ana, place = client(team.ana), LINKS.format(**ids)
    made = ana.post(place, json={"subject_kind": "deal", "subject_id": ids["deal"], "label": "student"})
    assert made.status_code == 201, made.text
    one = f"{place}/{made.json()['id']}"
    assert made.headers["Location"] == f"/api/v1{one}"
    again = ana.post(place, json={"subject_kind": "deal", "subject_id": ids["deal"], "linked_on": "2026-03-02"})
    assert (again.status_code, again.json()["id"], again.json()["label"]) == (200, made.json()["id"], "student")
    assert ana.patch(one, json={"label": None}, headers={"If-Match": '"1"'}).status_code == 412
    assert ana.patch(one, json={"label": None}, headers={"If-Match": '"2"'}).json()["label"] is None
    assert ana.patch(one, json={"label": "driver"}).json()["errors"][0]["field"] == "label"
    groups = ana.get(place).json()["items"]
    assert [(group["kind"], group["total"]) for group in groups] == [("contact", 1), ("deal", 1)]
    (group,) = ana.get(f"/contacts/{ids['lia']}/links").json()["items"]
    assert [(each["object_name"], each["label"]) for each in group["links"]] == [("Chess", "student")]
    (group,) = ana.get(f"/deals/{ids['deal']}/links").json()["items"]
    assert [each["linked_on"] for each in group["links"]] == ["2026-03-02"]
    assert ana.delete(one).status_code == 204
    assert ana.get(f"/deals/{ids['deal']}/links").json()["items"] == []
    assert ana.delete(one).status_code == 404


def test_labels_are_listed_renamed_and_deleted(client: Clients, team: Team, ids: dict[str, int]) -> None:
    marta, place = client(team.marta), LABELS.format(**ids)
    made = marta.post(place, json={"name": "guardian"})
    assert made.headers["Location"] == f"/api/v1{place}/{made.json()['id']}"
    order = [made.json()["id"], ids["label"]]
    assert [one["id"] for one in marta.post(f"{place}/order", json={"order": order}).json()["items"]] == order
    assert marta.patch(f"{place}/{ids['label']}", json={"name": "pupil"}).json()["name"] == "pupil"
    gone = marta.delete(f"{place}/{ids['label']}", params={"into": made.json()["id"]})
    assert gone.status_code == 204
    assert [one["name"] for one in marta.get(place).json()["items"]] == ["guardian"]
    (group,) = marta.get(f"/contacts/{ids['lia']}/links").json()["items"]
    assert group["links"][0]["label"] == "guardian"


@pytest.mark.parametrize("name", ["marta", "ana", "rui", "vera"])
def test_each_role_can_do_its_own_verbs_and_no_other(
    store: Store, client: Clients, team: Team, ids: dict[str, int], name: str
) -> None:
    caller, role = client(getattr(team, name)), getattr(team, name).role
    for verb in VERBS:
        before, status = everything(store), ask(caller, verb, ids)
        assert status in ((200, 201, 204) if role in verb.may else (403,)), f"{verb.method} {verb.path}"
        if role not in verb.may:
            assert everything(store) == before


def test_what_one_may_not_see_is_not_there_and_nothing_is_with_the_module_off(
    store: Store, client: Clients, team: Team, ids: dict[str, int], private: None
) -> None:
    bob, before = client(team.bob), everything(store)
    for verb in VERBS[3:]:
        assert ask(bob, verb, ids) == 404, f"{verb.method} {verb.path}"
    assert [bob.get(path.format(**ids)).status_code for path in (LINKS, "/contacts/{lia}/links")] == [404, 404]
    assert everything(store) == before
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.OBJECTS, False)
    ada = client(team.ada)
    paths = (LINKS, LABELS, "/contacts/{lia}/links", "/deals/{deal}/links")
    assert [ada.get(path.format(**ids)).status_code for path in paths] == [404] * 4
    assert not [path for path in ada.get("/openapi.json").json()["paths"] if path.endswith("/links")]


def test_many_records_are_linked_to_one_and_unlinked(client: Clients, team: Team, ids: dict[str, int]) -> None:
    ana = client(team.ana)
    to_lia = {"kind": "course", "linked_kind": "contact", "linked_id": ids["lia"], "ids": [ids["chess"]]}
    assert ana.post("/bulk-changes/preview", json={**to_lia, "action": "link"}).json()["already"] == 1
    made = ana.post("/bulk-changes", json={**to_lia, "action": "unlink"})
    assert (made.status_code, made.json()["changed"], made.json()["becomes_name"]) == (201, 1, "Lia")
    assert ana.get(f"/contacts/{ids['lia']}/links").json()["items"] == []
    assert ana.post(f"/bulk-changes/{made.json()['id']}/undo").json() == {"put_back": 1, "left": 0}
    refused = ana.post("/bulk-changes", json={**TO_CHESS, "link_label": "driver"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "link_label")
    assert ana.post("/bulk-changes", json={**TO_CHESS, "linked_id": 99}).status_code == 404
    said = {"link_label": "student", "linked_on": "2026-03-02"}
    assert ana.post("/bulk-changes", json={**TO_CHESS, **said}).status_code == 201
    (group,) = ana.get(f"/deals/{ids['deal']}/links").json()["items"]
    assert [(one["label"], one["linked_on"]) for one in group["links"]] == [("student", "2026-03-02")]


def test_changes_of_a_deleted_type_leave_the_list_until_it_is_restored(
    client: Clients, team: Team, ids: dict[str, int]
) -> None:
    ana, marta, place = client(team.ana), client(team.marta), "/objects/types/{type}".format(**ids)
    labelled = {"kind": "course", "ids": [ids["chess"]], "action": "add_label", "label": "full"}
    of_courses = ana.post("/bulk-changes", json=labelled).json()["id"]
    of_deals = ana.post("/bulk-changes", json=TO_CHESS).json()["id"]
    assert marta.delete(place).status_code == 204
    assert [one["id"] for one in ana.get("/bulk-changes").json()["items"]] == [of_deals]
    assert [ana.get(f"/bulk-changes/{of_courses}{path}").status_code for path in ("", "/undo", "/left")] == [404] * 3
    assert ana.post(f"/bulk-changes/{of_deals}/undo").status_code == 404
    assert marta.post(f"{place}/restore").status_code == 200
    assert ana.post(f"/bulk-changes/{of_courses}/undo").json() == {"put_back": 1, "left": 0}
