"""Products and lines through the API."""

from typing import Any

import pytest

from crm.catalog import Product
from crm.deals import Deal
from crm.foundation.access import Module
from crm.platform import workspace
from crm.store import Store
from tests.api.conftest import Clients
from tests.catalog.conftest import lamp
from tests.people import Team

__all__ = ["lamp"]


def test_lines_are_added_changed_ordered_and_removed(client: Clients, team: Team, chairs: Deal, lamp: Product) -> None:
    ana = client(team.ana)
    path = f"/deals/{chairs.id}/lines"
    first = ana.post(path, json={"sku": "lamp-1", "quantity": "2", "discount_kind": "percent", "discount": "10"})
    assert first.status_code == 201
    assert (first.json()["name"], first.json()["total"]) == ("Reading lamp", "359.8200")
    second = ana.post(path, json={"name": "Delivery", "unit_price": "30"}).json()
    changed = ana.patch(f"{path}/{second['id']}", json={"quantity": "2"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    ids = [second["id"], first.json()["id"]]
    ordered = ana.put(f"{path}/order", json={"line_ids": ids}).json()
    assert [line["id"] for line in ordered["items"]] == ids
    assert (ordered["value"], ordered["gross"], ordered["discount"]) == ("419.8200", "459.80", "39.9800")
    assert ana.get(f"/deals/{chairs.id}").json()["value"] == "419.8200"
    for line_id in ids:
        assert ana.delete(f"{path}/{line_id}").status_code == 204
    assert ana.get(path).json() == {
        "deal_id": chairs.id,
        "currency": "BRL",
        "items": [],
        "gross": "0",
        "discount": "0",
        "value": None,
    }
    assert ana.get(f"/deals/{chairs.id}").json()["value"] == "1200.0000"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "Chair", "unit_price": "1", "discount_kind": "fixed", "discount": "2"}, "discount"),
        ({"name": "Chair", "unit_price": "1", "currency": "USD"}, "currency"),
        ({"name": "Chair"}, "unit_price"),
        ({"unit_price": "1"}, "name"),
        ({"name": "Chair", "unit_price": "-1"}, "unit_price"),
        ({"name": "Chair", "unit_price": "1", "total": "3"}, "total"),
    ],
)
def test_a_line_that_breaks_a_rule_is_422_and_names_its_field(
    client: Clients, team: Team, chairs: Deal, body: dict[str, Any], field: str
) -> None:
    ana = client(team.ana)
    ana.post(f"/deals/{chairs.id}/lines", json={"name": "First", "unit_price": "1"})
    answer = ana.post(f"/deals/{chairs.id}/lines", json=body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert ana.get(f"/deals/{chairs.id}").json()["value"] == "1.0000"


@pytest.mark.parametrize("body", [{"value": "5"}, {"currency": "USD"}])
def test_value_and_currency_of_a_deal_with_lines_cannot_be_set(
    client: Clients, team: Team, chairs: Deal, body: dict[str, Any]
) -> None:
    ana = client(team.ana)
    ana.post(f"/deals/{chairs.id}/lines", json={"name": "First", "unit_price": "1"})
    answer = ana.patch(f"/deals/{chairs.id}", json=body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == list(body)


def test_a_line_that_somebody_changed_meanwhile_is_412_with_what_it_is_now(
    client: Clients, team: Team, chairs: Deal
) -> None:
    line = client(team.ana).post(f"/deals/{chairs.id}/lines", json={"name": "First", "unit_price": "1"}).json()
    path = f"/deals/{chairs.id}/lines/{line['id']}"
    client(team.marta).patch(path, json={"quantity": "4"})
    for answer in (
        client(team.ana).patch(path, json={"quantity": "5"}, headers={"If-Match": '"1"'}),
        client(team.ana).delete(path, headers={"If-Match": '"1"'}),
    ):
        assert answer.status_code == 412
        assert answer.json()["current"]["quantity"] == "4.0000"


def test_products_are_listed_changed_and_keep_the_history_of_their_prices(
    client: Clients, team: Team, lamp: Product
) -> None:
    marta = client(team.marta)
    made = marta.post("/products", json={"sku": "OLD", "name": "Old lamp", "active": False})
    assert (made.status_code, made.headers["location"]) == (201, f"/api/v1/products/{made.json()['id']}")
    assert [one["sku"] for one in marta.get("/products").json()["items"]] == ["LAMP-1"]
    assert marta.get("/products", params={"inactive": True, "search": "old"}).json()["total"] == 1
    changed = marta.patch(f"/products/{lamp.id}", json={"prices": {"BRL": "210.5", "USD": None}})
    assert changed.json()["prices"] == {"BRL": "210.5000"}
    told = client(team.vera).get(f"/products/{lamp.id}/prices").json()["items"]
    assert {(one["currency"], one["before"], one["after"], one["actor_name"]) for one in told[:2]} == {
        ("BRL", "199.9000", "210.5000", "Marta"),
        ("USD", "40.0000", None, "Marta"),
    }
    taken = marta.post("/products", json={"sku": "lamp-1", "name": "Again"})
    assert (taken.status_code, taken.json()["holder"]["id"]) == (409, lamp.id)
    assert marta.patch(f"/products/{lamp.id}", json={"name": "X"}, headers={"If-Match": '"1"'}).status_code == 412


def test_a_catalog_that_is_off_is_not_found_and_lines_of_ones_own_work(
    store: Store, client: Clients, team: Team, chairs: Deal, lamp: Product
) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.CATALOG, False)
    ana = client(team.ana)
    assert ana.get("/products").status_code == 404
    assert ana.get(f"/products/{lamp.id}").status_code == 404
    assert ana.post(f"/deals/{chairs.id}/lines", json={"product_id": lamp.id}).status_code == 422
    assert ana.post(f"/deals/{chairs.id}/lines", json={"name": "Own", "unit_price": "1"}).status_code == 201


def test_a_quote_is_issued_kept_and_printed(client: Clients, team: Team, chairs: Deal) -> None:
    ana = client(team.ana)
    assert ana.post(f"/deals/{chairs.id}/quotes", json={}).status_code == 422
    ana.post(f"/deals/{chairs.id}/lines", json={"name": "Chair", "unit_price": "10"})
    made = ana.post(f"/deals/{chairs.id}/quotes", json={"valid_days": 10, "note": "Thanks"})
    assert (made.status_code, made.json()["number"], made.json()["total"]) == (201, 1, "10.0000")
    quote_id = made.json()["id"]
    vera = client(team.vera)
    assert vera.post(f"/deals/{chairs.id}/quotes", json={}).status_code == 403
    assert vera.get(f"/deals/{chairs.id}/quotes").json()["items"] == [made.json()]
    assert vera.get(f"/deals/{chairs.id}/quotes/{quote_id}").json() == made.json()
    printed = vera.get(f"/deals/{chairs.id}/quotes/{quote_id}/pdf")
    assert printed.content.startswith(b"%PDF-")
    assert printed.headers["content-disposition"] == 'attachment; filename="quote-1.pdf"'
    assert printed.headers["x-content-type-options"] == "nosniff"
    assert vera.get(f"/deals/{chairs.id}/quotes/{quote_id + 1}/pdf").status_code == 404


def test_quotes_and_lines_of_another_reps_deal_are_not_there(
    client: Clients, team: Team, chairs: Deal, private: None
) -> None:
    client(team.ana).post(f"/deals/{chairs.id}/lines", json={"name": "Chair", "unit_price": "10"})
    client(team.ana).post(f"/deals/{chairs.id}/quotes", json={})
    bob = client(team.bob)
    for path in ("lines", "lines/1", "quotes", "quotes/1", "quotes/1/pdf"):
        assert bob.get(f"/deals/{chairs.id}/{path}").status_code == 404, path
