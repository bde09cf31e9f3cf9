"""Rates over the API: read by everybody, changed by who manages settings, taken in from files."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from crm.platform.people.tokens import Scope
from crm.store import Store
from tests.api.conftest import Clients
from tests.people import Team

FILE = b"day,currency,rate\n2026-03-02,USD,5.12\n2026-03-09,USD,5.4\n2026-03-09,EUR,zero\n"


def send(client: TestClient, content: bytes = FILE, **fields: str) -> Any:
    return client.post("/rates/import", files={"file": ("rates.csv", content)}, data=fields)


@pytest.fixture
def ada(client: Clients, team: Team) -> TestClient:
    made = client(team.ada)
    for day, rate in (("2026-03-02", "5.12"), ("2026-03-09", "5.40")):
        assert made.post("/rates", json={"currency": "usd", "day": day, "rate": rate}).status_code == 200
    return made


def test_a_rate_is_set_listed_looked_up_and_deleted(ada: TestClient, client: Clients, team: Team) -> None:
    vera = client(team.vera, Scope.READ)
    first = vera.get("/rates", params={"limit": 1}).json()
    assert (first["total"], first["items"][0]["rate"], first["items"][0]["day"]) == (2, "5.4", "2026-03-09")
    then = vera.get("/rates", params={"limit": 1, "cursor": first["next"]}).json()
    assert (then["items"][0]["rate"], then["next"]) == ("5.12", None)
    assert vera.get("/rates", params={"currency": "EUR"}).json()["total"] == 0
    assert vera.get("/rates", params={"first": "2026-03-02", "end": "2026-03-09"}).json()["total"] == 1
    assert vera.get("/rates/USD/2026-03-08").json() == {
        "currency": "USD", "base_currency": "BRL", "day": "2026-03-08", "rate": "5.12", "rated_on": "2026-03-02",
    }  # fmt: skip
    assert vera.get("/rates/BRL/2026-03-08").json()["rated_on"] is None
    assert vera.get("/rates/USD/2026-06-08").status_code == 404
    assert ada.delete("/rates/USD/2026-03-09").status_code == 204
    assert ada.delete("/rates/USD/2026-03-09").status_code == 404
    assert vera.get("/rates/USD/2026-03-10").json()["rate"] == "5.12"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"rate": "0"}, "rate"),
        ({"rate": "1e12"}, "rate"),
        ({"currency": "BRL"}, "currency"),
        ({"day": "2999-01-01"}, "day"),
    ],
)
def test_what_is_no_rate_is_refused_by_its_field(ada: TestClient, given: dict[str, str], field: str) -> None:
    answer = ada.post("/rates", json={"currency": "USD", "day": "2026-03-02", "rate": "5", **given})
    assert answer.status_code == 422
    assert field in answer.json()["errors"][0]["field"]
    assert ada.get("/rates/USD/2026-03-02").json()["rate"] == "5.12"


def test_a_file_says_what_would_come_of_it_and_is_taken_in_once(client: Clients, team: Team) -> None:
    ada = client(team.ada)
    planned = send(ada, dry_run="true").json()
    assert (planned["dry_run"], planned["new"], planned["rejected"]) == (True, 2, 1)
    assert planned["errors"] == [{"line": 4, "reason": "“zero” is not a rate. Write it as 5.4321."}]
    assert ada.get("/rates").json()["total"] == 0
    assert send(ada).json() == planned | {"dry_run": False}
    again = send(ada).json()
    assert (again["new"], again["changed"], again["unchanged"]) == (0, 0, 2)
    for answer in (send(ada, b"name\n"), send(ada, dry_run="yes"), send(ada, other="1"), ada.post("/rates/import")):
        assert answer.status_code == 422, answer.text


@pytest.mark.parametrize("name", ["marta", "ana", "rui", "vera"])
def test_a_file_is_taken_in_by_nobody_else_and_by_no_lesser_token(
    client: Clients, team: Team, store: Store, name: str
) -> None:
    assert send(client(getattr(team, name))).status_code == 403
    assert send(client(team.ada, Scope.READ, Scope.WRITE, Scope.IMPORT)).status_code == 403
    assert client(team.ada).get("/rates").json()["total"] == 0
