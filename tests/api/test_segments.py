"""Segments over the API, and the records in them."""

import pytest

from crm import companies, contacts, deals, orders, pipelines
from crm.foundation.access import Module
from crm.platform import workspace
from crm.platform.people.tokens import Scope
from crm.records import attributes
from crm.store import Store
from tests.api.conftest import Clients
from tests.owner_privacy import owner_privacy
from tests.people import Team

RECIFE = {"kind": "rule", "field": "city", "op": "is", "value": "Recife"}
GIVEN = {"kind": "contacts", "name": "In Recife", "filter": RECIFE}


@pytest.fixture(autouse=True)
def people(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        companies.create(tx, name="Aurora")
        for name, city, owner_id in (
            ("Lia", "Recife", team.ids.ana),
            ("Rui", "Recife", team.ids.bob),
            ("Zé", "", None),
        ):
            contacts.create(tx, name=name, city=city, owner_id=owner_id)


def test_a_segment_lives_over_the_api(client: Clients, team: Team) -> None:
    ana = client(team.ana)
    made = ana.post("/segments", json=GIVEN)
    assert (made.status_code, made.json()["filter"]) == (201, RECIFE)
    path = f"/segments/{made.json()['id']}"
    assert made.headers["Location"].endswith(path)
    assert ana.get("/segments", params={"kind": "contacts"}).json()["total"] == 1
    assert ana.get("/segments", params={"kind": "companies"}).json()["total"] == 0
    assert ana.get(f"{path}/count").json() == {"count": 2, "broken": []}
    found = ana.get(f"{path}/contacts", params={"sort": "name", "limit": 1}).json()
    assert ([one["name"] for one in found["items"]], found["total"]) == (["Lia"], 2)
    after = ana.get(f"{path}/contacts", params={"sort": "name", "limit": 1, "cursor": found["next"]}).json()
    assert [one["name"] for one in after["items"]] == ["Rui"]
    changed = ana.patch(path, json={"shared": True}, headers={"If-Match": made.headers["ETag"]})
    assert (changed.json()["shared"], changed.json()["filter"]) == (True, RECIFE)
    assert ana.patch(path, json={"name": "Late"}, headers={"If-Match": made.headers["ETag"]}).status_code == 412
    own = client(team.vera).post(f"{path}/duplicate")
    assert (own.status_code, own.json()["user_name"]) == (201, "Vera")
    assert ana.delete(path).status_code == 204
    assert ana.get(path).status_code == 404


def test_a_filter_is_counted_without_being_kept(client: Clients, team: Team) -> None:
    vera = client(team.vera)
    assert vera.post("/segments/count", json={"kind": "contacts", "filter": RECIFE}).json() == {"count": 2}
    assert vera.post("/segments/count", json={"kind": "companies", "search": "aur"}).json() == {"count": 1}
    assert vera.post("/segments/count", json={"kind": "contacts", "filter": {"kind": "odd"}}).status_code == 422


def test_each_sees_in_a_segment_what_they_may_see(store: Store, client: Clients, team: Team) -> None:
    owner_privacy(store, team)
    segment = client(team.marta).post("/segments", json={**GIVEN, "shared": True}).json()["id"]
    seen = client(team.ana).get(f"/segments/{segment}/contacts").json()
    assert [one["name"] for one in seen["items"]] == ["Lia"]
    assert b"Rui" not in client(team.ana).get("/exports/contacts.csv", params={"segment": segment}).content
    private = client(team.marta).post("/segments", json={**GIVEN, "name": "Mine"}).json()["id"]
    assert client(team.ana).get(f"/segments/{private}/contacts").status_code == 404
    assert client(team.ana).get("/exports/contacts.csv", params={"segment": private}).status_code == 404


def test_a_token_that_may_not_write_changes_no_segment(client: Clients, team: Team) -> None:
    segment = client(team.ana).post("/segments", json=GIVEN).json()["id"]
    reader = client(team.ana, Scope.READ)
    assert reader.get(f"/segments/{segment}").status_code == 200
    for method, path in (
        ("POST", "/segments"),
        ("PATCH", f"/segments/{segment}"),
        ("DELETE", f"/segments/{segment}"),
        ("POST", f"/segments/{segment}/duplicate"),
    ):
        assert reader.request(method, path, json=GIVEN if method == "POST" else None).status_code in (403, 422)
    assert client(team.ana).get("/segments").json()["total"] == 1


def test_others_segments_are_not_theirs_to_change(client: Clients, team: Team) -> None:
    segment = client(team.ana).post("/segments", json={**GIVEN, "shared": True}).json()["id"]
    for actor in (team.bob, team.vera, team.marta, team.rui):
        assert client(actor).patch(f"/segments/{segment}", json={"name": "Taken"}).status_code == 403
        assert client(actor).delete(f"/segments/{segment}").status_code == 403
    assert client(team.ada).delete(f"/segments/{segment}").status_code == 204


def test_a_broken_segment_lists_nothing_and_says_why(store: Store, client: Clients, team: Team) -> None:
    with store.writing(team.ada) as tx:
        tier = attributes.define(tx, model="contact", name="Tier", type="text")
    gold = {"kind": "rule", "field": "attribute:tier", "op": "is", "value": "gold"}
    segment = client(team.ana).post("/segments", json={**GIVEN, "filter": gold}).json()["id"]
    with store.writing(team.ada) as tx:
        attributes.delete(tx, tier.id)
    ana = client(team.ana)
    assert ana.get(f"/segments/{segment}/count").json()["count"] is None
    assert "Tier" in ana.get(f"/segments/{segment}/count").json()["broken"][0]
    assert ana.get(f"/segments/{segment}/contacts").status_code == 422
    assert ana.get("/exports/contacts.csv", params={"segment": segment}).status_code == 422


def test_segments_of_a_module_that_is_off_are_not_there(store: Store, client: Clients, team: Team) -> None:
    ana = client(team.ana)
    segment = ana.post("/segments", json={"kind": "companies", "name": "Auroras", "search": "aur"}).json()["id"]
    assert ana.get(f"/segments/{segment}/companies").json()["total"] == 1
    assert ana.get(f"/segments/{segment}/contacts").status_code == 404
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.COMPANIES, False)
    assert ana.get(f"/segments/{segment}").status_code == 404
    assert ana.post("/segments/count", json={"kind": "companies", "search": "a"}).status_code == 404


def test_deals_and_orders_have_segments_while_their_modules_are_on(store: Store, client: Clients, team: Team) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, True)
    with store.writing(team.ada) as tx:
        pipeline = pipelines.create(tx, "Sales", ["Lead"])
        for title, value in (("Lamps", 90), ("Chairs", 10)):
            deals.create(tx, title=title, value=value, pipeline_id=pipeline.id)
            orders.create(tx, title=title, value=value, contact={"email": "lia@example.com"})
    marta, dear = client(team.marta), {"kind": "rule", "field": "value", "op": "more_than", "value": 50}
    for kind in ("deals", "orders"):
        made = marta.post("/segments", json={"kind": kind, "name": "Dear", "filter": dear})
        assert made.status_code == 201, made.text
        path = f"/segments/{made.json()['id']}"
        assert marta.get(f"{path}/count").json() == {"count": 1, "broken": []}
        found = marta.get(f"{path}/{kind}").json()
        assert ([one["title"] for one in found["items"]], found["total"]) == (["Lamps"], 1)
        assert marta.get(f"{path}/contacts").status_code == 404
        assert marta.post("/segments/count", json={"kind": kind, "filter": dear}).json() == {"count": 1}
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, False)
    assert marta.get(f"{path}/orders").status_code == 404
    assert marta.get(path).status_code in (403, 404)
    assert [one["kind"] for one in marta.get("/segments").json()["items"]] == ["deals"]


def test_a_kind_without_segments_is_refused_by_name(client: Clients, team: Team) -> None:
    refused = client(team.ana).post("/segments", json={**GIVEN, "kind": "products"})
    assert refused.status_code == 422
    assert "'contacts', 'companies', 'deals' or 'orders'" in refused.text


def test_a_filter_without_its_kind_is_refused_in_plain_words(client: Clients, team: Team) -> None:
    rule = {name: value for name, value in RECIFE.items() if name != "kind"}
    refused = client(team.ana).post("/segments", json={**GIVEN, "filter": rule})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["message"].startswith(
        "The filter cannot be read: Each part of a filter needs its “kind”: rule"
    )
