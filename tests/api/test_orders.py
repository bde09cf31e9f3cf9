"""Orders over the API: upsert by external id, also many at once, warnings, history, versions."""

import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from starlette.testclient import TestClient

from crm import contacts, orders
from crm.contacts import Contact
from crm.deals import Deal
from crm.foundation.access import SYSTEM, Module
from crm.orders import Order
from crm.platform import workspace
from crm.store import Store
from crm.verify import verify
from tests.api.conftest import Clients
from tests.people import Team

THREADS = 16
GIVEN: dict[str, Any] = {
    "title": "Reading lamp",
    "value": "249.90",
    "status": "paid",
    "paid_on": "2026-03-02",
    "ordered_on": "2026-03-01",
    "source": "commerce",
    "external_id": "1042",
    "contact": {"email": "lia@example.com", "name": "Lia Prado"},
}


@pytest.fixture(autouse=True)
def module_on(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, True)


@pytest.fixture
def caio(store: Store, team: Team) -> Contact:
    """Bob's."""
    with store.writing(team.bob) as tx:
        return contacts.create(tx, name="Caio Lima", email="caio@example.com")


@pytest.fixture
def lamp(store: Store, team: Team) -> Order:
    """Ana's, pending."""
    with store.writing(team.ana) as tx:
        lia = contacts.create(tx, name="Lia Prado", email="lia@example.com")
        return orders.create(tx, title="Lamp", contact_id=lia.id, value="250.00", source="commerce", external_id="A-1")


def rows(store: Store, table: str) -> int:
    with store.reading(SYSTEM) as tx:
        return int(tx.value(f"SELECT count(*) FROM base.{table}"))


def test_an_order_with_an_external_id_is_made_once_and_then_brought_up_to_date(
    store: Store, client: Clients, team: Team
) -> None:
    ana = client(team.ana)
    first = ana.post("/orders", json=GIVEN)
    again = ana.post("/orders", json={**GIVEN, "status": "refunded", "note": "Broken"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.headers["Location"] == f"/api/v1/orders/{first.json()['id']}"
    assert again.json()["id"] == first.json()["id"]
    assert (again.json()["status"], again.json()["note"], again.json()["value"]) == ("refunded", "Broken", "249.9000")
    assert again.headers["ETag"] == '"2"'
    assert (rows(store, "orders"), rows(store, "contacts")) == (1, 1)


def test_an_order_without_one_is_a_new_order_each_time(store: Store, client: Clients, team: Team, lamp: Order) -> None:
    ana = client(team.ana)
    given = {"title": "Lamp", "value": 1, "contact_id": lamp.contact_id}
    made = [ana.post("/orders", json=given) for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 201]
    assert [answer.json()["source"] for answer in made] == ["api", "api"]
    assert rows(store, "orders") == 3


def test_the_same_order_from_sixteen_at_once_is_one(store: Store, client: Clients, team: Team) -> None:
    callers = [client(team.ana) for _ in range(THREADS)]

    def post(numbered: tuple[int, TestClient]) -> Any:
        number, caller = numbered
        return caller.post("/orders", json={**GIVEN, "value": number + 1})

    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(post, enumerate(callers)))
    assert sorted(answer.status_code for answer in answers) == [200] * (THREADS - 1) + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert (rows(store, "orders"), rows(store, "contacts")) == (1, 1)
    versions = sorted(answer.json()["version"] for answer in answers)
    assert versions == list(range(1, THREADS + 1)), "each of them was taken in"
    assert verify(store) == []


def test_a_status_that_makes_no_sense_is_kept_with_a_warning(client: Clients, team: Team, lamp: Order) -> None:
    answer = client(team.ana).post(f"/orders/{lamp.id}/status", json={"status": "refunded"})
    assert answer.status_code == 200
    assert answer.json()["warnings"] == ["It was refunded before it was paid."]


def test_the_history_says_who_and_when(client: Clients, team: Team, lamp: Order) -> None:
    ana = client(team.ana)
    ana.post(f"/orders/{lamp.id}/status", json={"status": "paid", "paid_on": "2026-03-02"})
    steps = ana.get(f"/orders/{lamp.id}/history").json()["items"]
    assert [(step["from_status"], step["to_status"], step["by_name"]) for step in steps] == [
        (None, "pending", "Ana"),
        ("pending", "paid", "Ana"),
    ]


def test_an_edit_of_a_version_that_is_over_is_refused(client: Clients, team: Team, lamp: Order) -> None:
    ana = client(team.ana)
    seen = ana.get(f"/orders/{lamp.id}").headers["ETag"]
    path = f"/orders/{lamp.id}"
    assert ana.patch(path, json={"title": "Red lamp"}, headers={"If-Match": seen}).json()["title"] == "Red lamp"
    assert ana.patch(path, json={"title": "Blue lamp"}, headers={"If-Match": seen}).status_code == 412
    assert ana.post(f"{path}/status", json={"status": "paid"}, headers={"If-Match": seen}).status_code == 412
    assert ana.delete(path, headers={"If-Match": seen}).status_code == 412
    assert ana.get(path).json()["title"] == "Red lamp"


def test_an_order_is_deleted_and_restored(client: Clients, team: Team, lamp: Order) -> None:
    ana = client(team.ana)
    assert ana.delete(f"/orders/{lamp.id}").status_code == 204
    assert ana.get(f"/orders/{lamp.id}").status_code == 404
    assert ana.get("/bin", params={"kind": "order"}).json()["total"] == 1
    assert ana.post(f"/orders/{lamp.id}/restore").json()["external_id"] == "A-1"


def test_the_list_filters_searches_sorts_and_pages(client: Clients, team: Team, lamp: Order) -> None:
    ana = client(team.ana)
    for number in range(5):
        ana.post("/orders", json={**GIVEN, "external_id": f"B-{number}", "value": number})
    large = '{"kind": "rule", "field": "value", "op": "at_least", "value": 3}'
    found = ana.get("/orders", params={"filter": large, "sort": "value"}).json()
    assert [float(order["value"]) for order in found["items"]] == [3, 4, 250]
    assert ana.get("/orders", params={"search": "b-3 prado"}).json()["total"] == 1
    seen, cursor = [], ""
    while True:
        page = ana.get("/orders", params={"sort": "-value", "limit": 2, "cursor": cursor}).json()
        seen += [float(order["value"]) for order in page["items"]]
        assert page["total"] == 6
        if not page["next"]:
            break
        cursor = page["next"]
    assert seen == [250, 4, 3, 2, 1, 0]


def test_with_the_module_off_orders_were_never_there(store: Store, client: Clients, team: Team, lamp: Order) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, False)
    ana = client(team.ana)
    assert ana.get("/orders").status_code == 404
    assert ana.get(f"/orders/{lamp.id}").status_code == 404
    assert ana.post("/orders", json=GIVEN).status_code == 404
    assert ana.get("/exports/orders.csv").status_code == 404
    about = '{"kind": "related", "relation": "orders"}'
    assert ana.get("/contacts", params={"filter": about}).status_code == 422


def test_nobody_learns_of_an_order_of_a_contact_they_may_not_see(
    store: Store, client: Clients, team: Team, lamp: Order, private: None
) -> None:
    bob = client(team.bob)
    for method, path, body in (
        ("GET", f"/orders/{lamp.id}", None),
        ("GET", f"/orders/{lamp.id}/history", None),
        ("PATCH", f"/orders/{lamp.id}", {"title": "Mine"}),
        ("POST", f"/orders/{lamp.id}/status", {"status": "paid"}),
        ("POST", f"/orders/{lamp.id}/restore", None),
        ("DELETE", f"/orders/{lamp.id}", None),
    ):
        assert bob.request(method, path, json=body).status_code == 404, (method, path)
    assert bob.get("/orders").json()["total"] == 0
    assert bob.get("/orders", params={"search": "lamp"}).json()["total"] == 0
    assert "Lamp" not in bob.get("/exports/orders.csv").text
    taken = bob.post("/orders", json={**GIVEN, "external_id": "A-1", "contact": {"email": "zoe@example.com"}})
    assert (taken.status_code, "holder" in taken.json()) == (409, False)
    assert rows(store, "contacts") == 1, "what was refused made nobody"
    hidden = bob.post("/orders", json=GIVEN)
    assert (hidden.status_code, "Lia" in hidden.text) == (409, False)


def test_an_order_goes_to_no_contact_or_deal_that_one_may_not_see(
    client: Clients, team: Team, lamp: Order, caio: Contact, private: None
) -> None:
    bob = client(team.bob)
    given = {"title": "Mine", "value": 1}
    assert bob.post("/orders", json={**given, "contact_id": caio.id}).status_code == 201
    answers = [bob.post("/orders", json={**given, "contact_id": number}) for number in (lamp.contact_id, 777)]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].text == answers[1].text


def status_is(value: str) -> dict[str, Any]:
    return {"kind": "rule", "field": "status", "op": "is", "value": value}


def test_totals_are_one_a_currency_under_the_filters_of_the_list(
    store: Store, client: Clients, team: Team, lamp: Order
) -> None:
    with store.writing(team.ana) as tx:
        for title, value, currency, status in (
            ("Desk", "100.10", "BRL", "paid"),
            ("Lamp", "40", "USD", "paid"),
            ("Sofa", "900", "USD", "cancelled"),
            ("Rug", "0", "BRL", "pending"),
        ):
            orders.create(tx, title=title, contact_id=lamp.contact_id, value=value, currency=currency, status=status)
    vera = client(team.vera)

    def totals(**asked: str) -> list[tuple[str, int, Decimal, int, Decimal]]:
        answer = vera.get("/orders/totals", params=asked)
        assert answer.status_code == 200, answer.text
        return [
            (
                *(one["currency"], one["count"], Decimal(one["value"])),
                *(one["paid_count"], Decimal(one["paid_value"])),
            )
            for one in answer.json()["items"]
        ]

    brl = ("BRL", 3, Decimal("350.10"), 1, Decimal("100.10"))
    assert totals() == [brl, ("USD", 2, Decimal(940), 1, Decimal(40))]
    assert totals(filter=json.dumps(status_is("paid"))) == [
        ("BRL", 1, Decimal("100.10"), 1, Decimal("100.10")),
        ("USD", 1, Decimal(40), 1, Decimal(40)),
    ]
    assert totals(search="lamp") == [
        ("BRL", 1, Decimal(250), 0, Decimal(0)),
        ("USD", 1, Decimal(40), 1, Decimal(40)),
    ]
    assert totals(search="nothing") == []
    assert vera.get("/orders/totals", params={"sort": "value"}).status_code == 422
    assert vera.get("/orders/totals", params={"filter": json.dumps(status_is("eaten"))}).status_code == 422


def test_totals_are_of_the_orders_that_one_sees_and_gone_with_the_module(
    store: Store, client: Clients, team: Team, lamp: Order, caio: Contact, private: None
) -> None:
    with store.writing(team.bob) as tx:
        orders.create(tx, title="Secret", contact_id=caio.id, value=1000)
    ana = client(team.ana)
    assert [one["count"] for one in ana.get("/orders/totals").json()["items"]] == [1]
    assert [one["count"] for one in client(team.marta).get("/orders/totals").json()["items"]] == [2]
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, False)
    assert ana.get("/orders/totals").status_code == 404


def test_the_deal_of_an_order_is_not_named_to_those_who_may_not_see_it_and_stays_when_they_edit(
    store: Store, client: Clients, team: Team, chairs: Deal, private: None
) -> None:
    with store.writing(team.marta) as tx:
        his = contacts.create(tx, name="Bia", owner_id=team.ids.bob)
        order = orders.create(tx, title="Desk", value=1, contact_id=his.id, deal_id=chairs.id)
    bob, marta = client(team.bob), client(team.marta)
    read = bob.get(f"/orders/{order.id}").json()
    assert [read["deal_id"], *(one["deal_id"] for one in bob.get("/orders").json()["items"])] == [None, None]
    edited = bob.patch(f"/orders/{order.id}", json={"title": "Large desk", "deal_id": read["deal_id"]})
    assert (edited.status_code, edited.json()["title"], edited.json()["deal_id"]) == (200, "Large desk", None)
    assert marta.get(f"/orders/{order.id}").json()["deal_id"] == chairs.id


def test_labels_are_given_with_an_order_and_replaced_by_an_edit(client: Clients, team: Team) -> None:
    ana = client(team.ana)
    made = ana.post("/orders", json={**GIVEN, "labels": ["Rush", "Gift"]})
    assert (made.status_code, made.json()["labels"]) == (201, ["Gift", "Rush"])
    again = ana.post("/orders", json={**GIVEN, "labels": ["Rush"]})
    assert (again.status_code, again.json()["labels"]) == (200, ["Rush"])
    path = f"/orders/{made.json()['id']}"
    assert ana.patch(path, json={"labels": []}).json()["labels"] == []
    label = {"kind": "orders", "action": "add_label", "label": "Rush", "ids": [made.json()["id"]]}
    assert ana.post("/bulk-changes", json=label).json()["changed"] == 1
    assert ana.get(path).json()["labels"] == ["Rush"]
    status = {"kind": "orders", "action": "set_status", "status": "refunded", "ids": [made.json()["id"]]}
    assert ana.post("/bulk-changes", json=status).json()["becomes_name"] == "Refunded"
    assert ana.get(path).json()["status"] == "refunded"
