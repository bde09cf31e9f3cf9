"""Many records changed at once over the API."""

import pytest

from crm import contacts, deals, pipelines
from crm.platform.people.tokens import Scope
from crm.store import Store
from tests.api.conftest import Clients
from tests.people import Team

LABEL = {"kind": "contacts", "action": "add_label", "label": "VIP"}
RECIFE = {"kind": "rule", "field": "city", "op": "is", "value": "Recife"}


@pytest.fixture
def ids(store: Store, team: Team) -> list[int]:
    with store.writing(team.marta) as tx:
        return [
            contacts.create(tx, name=name, city=city).id for name, city in (("A", "Recife"), ("B", "Recife"), ("C", ""))
        ]


def test_a_change_is_looked_at_made_and_taken_back(client: Clients, team: Team, ids: list[int]) -> None:
    ana = client(team.ana)
    body = {**LABEL, "filter": RECIFE}
    looked = ana.post("/bulk-changes/preview", json=body).json()
    assert (looked["matched"], looked["changing"], looked["examples"]) == (2, 2, ["A", "B"])
    made = ana.post("/bulk-changes", json={**body, "expected": 2})
    assert (made.status_code, made.json()["changed"]) == (201, 2)
    path = f"/bulk-changes/{made.json()['id']}"
    assert made.headers["Location"].endswith(path)
    client(team.bob).patch(f"/contacts/{ids[1]}", json={"city": "Porto"})
    assert ana.get(f"{path}/undo").json() == {"put_back": 1, "left": {"It was changed since.": 1}}
    assert ana.post(f"{path}/undo").json() == {"put_back": 1, "left": 1}
    assert ana.get(f"{path}/left").json()["items"] == [
        {"id": ids[1], "name": "B", "because": "It was changed since."},
    ]
    assert ana.get(path).json()["left"] == 1
    assert ana.post(f"{path}/undo").status_code == 422
    assert ana.get(f"/contacts/{ids[0]}").json()["labels"] == []


def test_the_same_request_sent_twice_changes_once(client: Clients, team: Team, ids: list[int]) -> None:
    ana = client(team.ana)
    sent = [ana.post("/bulk-changes", json={**LABEL, "ids": ids}, headers={"Idempotency-Key": "k"}) for _ in "ab"]
    assert sent[0].json() == sent[1].json()
    assert ana.get("/bulk-changes").json()["total"] == 1


@pytest.mark.usefixtures("ids")
def test_what_nobody_narrowed_asks_for_the_number(client: Clients, team: Team) -> None:
    ana = client(team.ana)
    assert ana.post("/bulk-changes", json=LABEL).status_code == 422
    assert ana.post("/bulk-changes", json={**LABEL, "expected": 2}).status_code == 422
    assert ana.post("/bulk-changes", json={**LABEL, "expected": 3}).status_code == 201


def test_the_records_of_a_segment_are_changed(client: Clients, team: Team, ids: list[int]) -> None:
    ana = client(team.ana)
    given = {"kind": "contacts", "name": "In Recife", "filter": RECIFE}
    segment = ana.post("/segments", json=given).json()["id"]
    made = ana.post("/bulk-changes", json={"kind": "contacts", "action": "delete", "segment_id": segment})
    assert made.json()["changed"] == 2
    assert ana.get("/contacts").json()["total"] == 1
    assert client(team.bob).post("/bulk-changes", json={**LABEL, "segment_id": segment}).status_code == 404


@pytest.mark.usefixtures("ids")
def test_who_may_not_manage_contacts_changes_none(client: Clients, team: Team) -> None:
    for actor in (team.vera, team.rui):
        for path in ("/bulk-changes", "/bulk-changes/preview"):
            assert client(actor).post(path, json={**LABEL, "filter": RECIFE}).status_code == 403
    reader = client(team.ana, Scope.READ)
    assert reader.post("/bulk-changes", json={**LABEL, "filter": RECIFE}).status_code == 403
    assert client(team.ana).get("/bulk-changes").json()["total"] == 0


def test_a_rep_does_not_see_what_others_changed(client: Clients, team: Team, ids: list[int], private: None) -> None:
    made = client(team.marta).post("/bulk-changes", json={**LABEL, "ids": ids}).json()["id"]
    assert client(team.ana).get(f"/bulk-changes/{made}").status_code == 404
    assert client(team.ana).post(f"/bulk-changes/{made}/undo").status_code == 404
    assert client(team.rui).get(f"/bulk-changes/{made}").status_code == 200
    assert client(team.rui).post(f"/bulk-changes/{made}/undo").status_code == 403


def test_picked_records_are_exported(client: Clients, team: Team, ids: list[int]) -> None:
    content = client(team.ana).get("/exports/contacts.csv", params={"ids": f"{ids[0]},{ids[2]}"}).text
    assert [line.split(",")[0] for line in content.splitlines()[1:]] == ['"C"', '"A"']


def test_many_deals_are_lost_and_come_back(client: Clients, store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        sales = pipelines.create(tx, "Sales", ["Lead", "Offer"])
        deal_ids = [deals.create(tx, title=title, pipeline_id=sales.id).id for title in "AB"]
    body = {"kind": "deals", "ids": deal_ids, "action": "lose"}
    marta = client(team.marta)
    assert marta.post("/bulk-changes", json=body).status_code == 422
    early = marta.post("/bulk-changes/preview", json={**body, "note": "Late", "on": "2020-01-01"}).json()
    assert (early["changing"], early["refused"]) == (0, 2)
    [refusal] = early["refusals"]
    assert "it cannot have been lost on 2020-01-01, before that" in refusal["because"]
    assert (refusal["many"], refusal["examples"]) == (2, ["A", "B"])
    made = marta.post("/bulk-changes", json={**body, "note": "Late"}).json()
    assert (made["changed"], made["refused"]) == (2, 0)
    assert marta.get(f"/bulk-changes/{made['id']}/refused").json()["items"] == []
    assert marta.get(f"/deals/{deal_ids[0]}").json()["status"] == "lost"
    for person in (team.vera, team.rui):
        assert client(person).post("/bulk-changes", json={**body, "note": "x"}).status_code == 403
    assert marta.post(f"/bulk-changes/{made['id']}/undo").json() == {"put_back": 2, "left": 0}
    assert marta.get(f"/deals/{deal_ids[0]}").json()["stage_name"] == "Lead"
