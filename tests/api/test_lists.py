"""Lists: search, filter, sort and pages that a cursor leads through."""

import json
from typing import Any

import pytest

from crm import contacts, deals
from crm.deals import Deal
from crm.pipelines import Pipeline
from crm.records import attributes
from crm.store import Store
from tests.api.conftest import Clients
from tests.people import Team


@pytest.fixture
def seven(store: Store, team: Team) -> list[int]:
    """Seven contacts of Ana's: A to G, two to a city."""
    with store.writing(team.ana) as tx:
        return [contacts.create(tx, name=name, city=f"City {n // 2}").id for n, name in enumerate("ABCDEFG")]


def names(answer: Any) -> list[str]:
    return [item["name"] for item in answer.json()["items"]]


def test_pages_hold_every_row_once(subtests: pytest.Subtests, client: Clients, team: Team, seven: list[int]) -> None:
    ana = client(team.ana)
    for sort in ("name", "-name", "city", "-city", "created_at", "-created_at", "email"):
        with subtests.test(sort=sort):
            found, cursor = [], ""
            while cursor is not None:
                page = ana.get("/contacts", params={"sort": sort, "limit": 2, "cursor": cursor}).json()
                assert page["total"] == 7
                found += [item["id"] for item in page["items"]]
                cursor = page["next"]
            assert sorted(found) == seven


def test_rows_that_arrive_meanwhile_neither_double_nor_hide_others(
    store: Store, client: Clients, team: Team, seven: list[int]
) -> None:
    ana = client(team.ana)
    first = ana.get("/contacts", params={"sort": "name", "limit": 3})
    with store.writing(team.ana) as tx:
        for name in ("AA", "AB", "ZZ"):
            contacts.create(tx, name=name)
    rest = ana.get("/contacts", params={"sort": "name", "limit": 50, "cursor": first.json()["next"]})
    assert (names(first), names(rest)) == (["A", "B", "C"], ["D", "E", "F", "G", "ZZ"])


def test_a_cursor_of_another_sort_is_refused(client: Clients, team: Team, seven: list[int]) -> None:
    ana = client(team.ana)
    cursor = ana.get("/contacts", params={"sort": "name", "limit": 2}).json()["next"]
    refused = ana.get("/contacts", params={"sort": "city", "limit": 2, "cursor": cursor})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "cursor")


def test_a_filter_narrows_items_and_total(client: Clients, team: Team, seven: list[int]) -> None:
    asked = {"kind": "rule", "field": "city", "op": "is", "value": "City 1"}
    found = client(team.ana).get("/contacts", params={"filter": json.dumps(asked), "sort": "name"})
    assert (names(found), found.json()["total"]) == (["C", "D"], 2)


def test_a_search_finds_words(client: Clients, team: Team, seven: list[int]) -> None:
    assert names(client(team.ana).get("/contacts", params={"search": "g"})) == ["G"]


def test_deals_are_filtered_by_a_custom_attribute(
    store: Store, client: Clients, team: Team, sales: Pipeline, chairs: Deal
) -> None:
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="deal", name="Product", type="text")
        deals.create(tx, title="Lamps", pipeline_id=sales.id, attributes={"product": "GTX Pro"})
    asked = {"kind": "rule", "field": "attribute:product", "op": "is", "value": "GTX Pro"}
    found = client(team.ana).get("/deals", params={"filter": json.dumps(asked)}).json()
    assert [(deal["title"], deal["attributes"]) for deal in found["items"]] == [("Lamps", {"product": "GTX Pro"})]


def test_a_deal_in_a_list_is_as_it_is_alone(client: Clients, team: Team, chairs: Deal) -> None:
    ana = client(team.ana)
    assert ana.get("/deals").json()["items"] == [ana.get(f"/deals/{chairs.id}").json()]


def test_a_company_in_a_list_is_as_it_is_alone(client: Clients, team: Team) -> None:
    ana = client(team.ana)
    made = ana.post("/companies", json={"name": "Lanterna", "domain": "https://www.Lanterna.com.br/about"}).json()
    assert made["domain"] == "lanterna.com.br"
    assert ana.get("/companies").json() == {"items": [made], "total": 1, "next": None}


DEEP = '{"kind":"not","of":' * 200 + '{"kind":"rule","field":"name","op":"is_empty"}' + "}" * 200
BOTTOMLESS = "[" * 19_000


NOT_UNDERSTOOD: list[tuple[dict[str, str], str]] = [
    ({"colour": "red"}, "colour"),
    ({"Sort": "name"}, "Sort"),
    ({"offset": "3"}, "offset"),
    ({"sort": "name; DROP TABLE base.contacts"}, "sort"),
    ({"sort": "contact.search"}, "sort"),
    ({"sort": "--name"}, "sort"),
    ({"sort": ""}, "sort"),
    ({"limit": "0"}, "limit"),
    ({"limit": "501"}, "limit"),
    ({"limit": "many"}, "limit"),
    ({"limit": str(10**30)}, "limit"),
    ({"cursor": "x"}, "cursor"),
    ({"cursor": "WyItY3JlYXRlZF9hdCIsICJub3cnOyBEUk9QIiwgMV0="}, "cursor"),
    ({"cursor": "WyItY3JlYXRlZF9hdCIsICJub3QgYSB0aW1lIiwgMV0="}, "cursor"),
    ({"cursor": "WyItY3JlYXRlZF9hdCIsIG51bGwsIDFlOTldCg=="}, "cursor"),
    ({"cursor": "WyItY3JlYXRlZF9hdCIsIG51bGwsIDk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OV0="}, "cursor"),
    ({"search": "x" * 201}, "search"),
    ({"filter": "{"}, "filter"),
    ({"filter": "[]"}, "filter"),
    ({"filter": "null"}, "filter"),
    ({"filter": DEEP}, "filter"),
    ({"filter": BOTTOMLESS}, "filter"),
    ({"filter": '{"kind":"rule","field":"search) OR (1=1","op":"is","value":"x"}'}, "search) OR (1=1"),
    ({"filter": '{"kind":"rule","field":"owner.password_hash","op":"is_empty"}'}, "owner.password_hash"),
    ({"filter": '{"kind":"rule","field":"name","op":"DROP","value":"x"}'}, "filter"),
]


def test_what_a_list_does_not_understand_is_refused(
    subtests: pytest.Subtests, client: Clients, team: Team, seven: list[int]
) -> None:
    ana = client(team.ana)
    for query, field in NOT_UNDERSTOOD:
        with subtests.test(query=query):
            refused = ana.get("/contacts", params=query)
            assert refused.status_code == 422, refused.text
            assert refused.headers["Content-Type"] == "application/problem+json"
            assert refused.json()["errors"][0]["field"] == field


def test_whatever_is_searched_for_is_only_text(
    subtests: pytest.Subtests, client: Clients, team: Team, seven: list[int]
) -> None:
    ana = client(team.ana)
    for value in ("'; DROP TABLE base.contacts; --", "%", "\\", "a\0b", "\u202e", "𝒳" * 50):
        asked = {"kind": "rule", "field": "name", "op": "contains", "value": value}
        for query in ({"search": value}, {"filter": json.dumps(asked)}):
            with subtests.test(query=query):
                assert ana.get("/contacts", params=query).json().get("total", 0) == 0
    assert ana.get("/contacts").json()["total"] == 7
