"""Duplicates, merging and taking a merge back, through the API."""

import pytest

from crm import companies, contacts
from crm.contacts import Contact
from crm.records import duplicates
from crm.store import Store
from crm.worker import work_one
from tests.api.conftest import Clients
from tests.people import Team


@pytest.fixture
def twins(store: Store, team: Team) -> tuple[Contact, Contact]:
    with store.writing(team.marta) as tx:
        one = contacts.create(tx, name="Ana Souza", email="ana.souza@example.com", phone="+5511987654321")
        two = contacts.create(tx, name="Aná Souza", email="anasouza+news@example.com", city="Recife")
        contacts.set_labels(tx, two.id, ["vip"])
        return contacts.get(tx, one.id), contacts.get(tx, two.id)


def work(store: Store) -> None:
    while work_one(store):
        pass


def test_a_preview_is_what_the_merge_answers_and_taking_it_back_gives_both(
    team: Team, client: Clients, twins: tuple[Contact, Contact]
) -> None:
    one, two = twins
    api = client(team.ana)
    asked = {"absorbed_id": two.id, "take": {"name": two.id}}
    planned = api.post(f"/contacts/{one.id}/merge/preview", json=asked).json()
    merged = api.post(f"/contacts/{one.id}/merge", json=asked, headers={"If-Match": f'"{one.version}"'})
    assert merged.status_code == 200
    for changing in ("version", "updated_at"):
        del planned["result"][changing]
    assert planned["result"].items() <= merged.json().items()
    assert merged.json()["name"] == "Aná Souza"
    assert planned["moves"] == {"contact_labels": 1}
    assert api.get(f"/contacts/{two.id}").status_code == 404
    (made,) = api.get(f"/contacts/{one.id}/merges").json()["items"]
    assert (made["absorbed_id"], made["actor_name"]) == (two.id, "Ana")
    apart = api.post(f"/contacts/{one.id}/unmerge", json={"merge_id": made["id"]}).json()
    assert (apart["survivor"]["name"], apart["absorbed"]["labels"], apart["stayed"]) == ("Ana Souza", ["vip"], [])
    assert api.get(f"/contacts/{two.id}").json()["city"] == "Recife"


def test_a_merge_with_itself_or_of_a_version_that_is_past_is_refused(
    store: Store, team: Team, client: Clients, twins: tuple[Contact, Contact]
) -> None:
    one, two = twins
    api = client(team.ana)
    assert api.post(f"/contacts/{one.id}/merge", json={"absorbed_id": one.id}).status_code == 422
    with store.writing(team.bob) as tx:
        contacts.edit(tx, two.id, city="Natal")
    stale = {"absorbed_id": two.id, "absorbed_version": two.version}
    assert api.post(f"/contacts/{one.id}/merge", json=stale).status_code == 412
    assert api.post(f"/contacts/{one.id}/merge", json={"absorbed_id": 999}).status_code == 404
    assert api.get(f"/contacts/{two.id}").json()["city"] == "Natal"


def test_a_merge_is_taken_back_only_at_its_own_record(
    team: Team, client: Clients, twins: tuple[Contact, Contact]
) -> None:
    one, two = twins
    api = client(team.ana)
    other = api.post("/contacts", json={"name": "Other"}).json()["id"]
    api.post(f"/contacts/{one.id}/merge", json={"absorbed_id": two.id})
    (made,) = api.get(f"/contacts/{one.id}/merges").json()["items"]
    assert api.post(f"/contacts/{other}/unmerge", json={"merge_id": made["id"]}).status_code == 404
    assert len(api.get(f"/contacts/{one.id}/merges").json()["items"]) == 1


def test_companies_merge_the_same_way(store: Store, team: Team, client: Clients) -> None:
    with store.writing(team.marta) as tx:
        one, two = companies.create(tx, name="Aurora"), companies.create(tx, name="Aurora Ltda", domain="a.example.com")
        contacts.create(tx, name="Ana", company_id=two.id)
    api = client(team.ana)
    planned = api.post(f"/companies/{one.id}/merge/preview", json={"absorbed_id": two.id}).json()
    merged = api.post(f"/companies/{one.id}/merge", json={"absorbed_id": two.id}).json()
    assert (merged["domain"], merged["contact_count"]) == ("a.example.com", 1)
    assert planned["result"]["contact_count"] == 1
    (made,) = api.get(f"/companies/{one.id}/merges").json()["items"]
    apart = api.post(f"/companies/{one.id}/unmerge", json={"merge_id": made["id"]}).json()
    assert (apart["survivor"]["contact_count"], apart["absorbed"]["contact_count"]) == (0, 1)


def test_a_scan_finds_pairs_that_are_listed_page_by_page(
    store: Store, team: Team, client: Clients, twins: tuple[Contact, Contact]
) -> None:
    with store.writing(team.marta) as tx:
        contacts.create(tx, name="Bia Lima", email="bia.lima@example.org")
        contacts.create(tx, name="Bia Limma", email="bia.l@example.org")
    api = client(team.ana)
    run = api.post("/duplicates/scan", json={"kind": "contact"}).json()
    assert run["state"] == "queued"
    work(store)
    assert api.get(f"/duplicates/runs/{run['id']}").json()["total"] == 2
    first = api.get("/duplicates", params={"limit": 1}).json()
    second = api.get("/duplicates", params={"limit": 1, "cursor": first["next"]}).json()
    assert (first["total"], second["total"], second["next"]) == (2, 2, None)
    assert [one["items"][0]["score"] for one in (first, second)] == [95, 60]
    assert {first["items"][0]["left"]["id"], first["items"][0]["right"]["id"]} == {record.id for record in twins}
    assert api.get("/duplicates", params={"reason": "similar_name"}).json()["total"] == 1
    assert api.get("/duplicates", params={"search": "bia"}).json()["total"] == 1
    assert api.get("/duplicates", params={"reason": "horoscope"}).status_code == 422
    assert api.get("/duplicates", params={"cursor": "x"}).status_code == 422


def test_many_are_merged_at_once_and_taken_back_as_a_whole(
    store: Store, team: Team, client: Clients, twins: tuple[Contact, Contact]
) -> None:
    api = client(team.ana)
    api.post("/duplicates/scan", json={})
    work(store)
    run = api.post("/duplicates/merge", json={"least_score": 95}).json()
    work(store)
    assert api.get(f"/duplicates/runs/{run['id']}").json()["done"] == 1
    assert api.get("/contacts").json()["total"] == 1
    api.post(f"/duplicates/runs/{run['id']}/undo")
    work(store)
    assert api.get("/contacts").json()["total"] == 2
    assert api.post(f"/duplicates/runs/{run['id']}/undo").status_code == 422


def test_pairs_that_are_told_apart_stay_apart(
    store: Store, team: Team, client: Clients, twins: tuple[Contact, Contact]
) -> None:
    one, two = twins
    api = client(team.ana)
    body = {"kind": "contact", "pairs": [{"left_id": two.id, "right_id": one.id}]}
    assert api.post("/duplicates/dismiss", json=body).json() == {"told_apart": 1}
    assert api.post("/duplicates/dismiss", json=body).json() == {"told_apart": 0}
    api.post("/duplicates/scan", json={})
    work(store)
    assert api.get("/duplicates").json()["total"] == 0


@pytest.mark.parametrize(("name", "status"), [("ada", 200), ("marta", 200), ("ana", 200), ("rui", 403), ("vera", 403)])
def test_only_who_manages_contacts_looks_for_duplicates_and_merges(
    store: Store, team: Team, client: Clients, twins: tuple[Contact, Contact], name: str, status: int
) -> None:
    one, two = twins
    api = client(getattr(team, name))
    assert api.get("/duplicates").status_code == status
    assert api.post("/duplicates/scan", json={}).status_code == status
    assert api.post(f"/contacts/{one.id}/merge/preview", json={"absorbed_id": two.id}).status_code == status
    assert api.post(f"/contacts/{one.id}/merge", json={"absorbed_id": two.id}).status_code == status
    with store.reading(team.marta) as tx:
        assert contacts.find(tx, contacts.ListQuery()).total == (1 if status == 200 else 2)


@pytest.mark.usefixtures("private")
def test_a_pair_is_seen_only_by_who_sees_both(
    store: Store, team: Team, client: Clients, twins: tuple[Contact, Contact]
) -> None:
    one, two = twins
    with store.writing(team.marta) as tx:
        contacts.edit(tx, one.id, owner_id=team.ids.ana)
        contacts.edit(tx, two.id, owner_id=team.ids.bob)
        duplicates.scan(tx, "contact")
    work(store)
    assert client(team.ana).get("/duplicates").json() == {"items": [], "total": 0, "next": None}
    assert client(team.marta).get("/duplicates").json()["total"] == 1
    hidden = {"kind": "contact", "pairs": [{"left_id": one.id, "right_id": two.id}]}
    assert client(team.ana).post("/duplicates/dismiss", json=hidden).status_code == 404
    assert client(team.ana).post(f"/contacts/{one.id}/merge", json={"absorbed_id": two.id}).status_code == 404
    assert client(team.ana).post("/duplicates/merge", json={"least_score": 50}).status_code == 422
