"""Targets over the API."""

from crm.pipelines import Pipeline
from crm.platform.people.tokens import Scope
from crm.store import Store
from tests.api.conftest import Clients
from tests.people import Team


def test_a_target_is_set_read_and_deleted(client: Clients, team: Team) -> None:
    marta = client(team.marta)
    made = marta.put("/targets", json={"period": "2026-Q1", "amount": "3000", "owner_id": team.ids.ana})
    assert (made.status_code, made.json()["owner_name"], made.json()["currency"]) == (200, "Ana", "BRL")
    again = marta.put("/targets", json={"period": "2026-Q1", "amount": "4000", "owner_id": team.ids.ana}).json()
    assert (again["id"], again["amount"], again["period"]) == (made.json()["id"], "4000.0000", "2026-Q1")
    marta.put("/targets", json={"period": "2026-04", "amount": "1"})
    assert [one["period"] for one in marta.get("/targets").json()["items"]] == ["2026-04", "2026-Q1"]
    assert marta.get("/targets", params={"owner": team.ids.ana}).json()["total"] == 1
    assert marta.get("/targets", params={"period": "2026-04"}).json()["total"] == 1
    assert marta.delete(f"/targets/{again['id']}").status_code == 204
    assert marta.delete(f"/targets/{again['id']}").status_code == 404
    assert marta.get("/targets").json()["total"] == 1


def test_what_is_no_target_is_refused_by_its_field(client: Clients, team: Team) -> None:
    ada = client(team.ada)
    ada.put("/targets", json={"period": "2026-Q1", "amount": "1"})
    for given, field in (({"period": "2026-02"}, "period"), ({"amount": "-1"}, "amount"), ({"period": "x"}, "period")):
        answer = ada.put("/targets", json={"period": "2026-Q2", "amount": "1", **given})
        assert answer.status_code == 422
        assert field in answer.json()["errors"][0]["field"]
    assert ada.get("/targets").json()["total"] == 1


def test_others_read_what_is_theirs_and_set_nothing(client: Clients, team: Team, store: Store) -> None:
    marta = client(team.marta)
    for owner in (None, team.ids.ana, team.ids.bob):
        marta.put("/targets", json={"period": "2026-03", "amount": "1", "owner_id": owner})
    assert client(team.rui).get("/targets").json()["total"] == 3
    ana = client(team.ana)
    assert [one["owner_id"] for one in ana.get("/targets").json()["items"]] == [None, team.ids.ana]
    assert client(team.vera).get("/targets").json()["total"] == 1
    assert ana.put("/targets", json={"period": "2026-04", "amount": "1"}).status_code == 403
    assert ana.delete("/targets/3").status_code == 403
    assert client(team.marta, Scope.READ).put("/targets", json={"period": "2026-04", "amount": "1"}).status_code == 403
    assert marta.get("/targets").json()["total"] == 3


def test_the_forecast_and_its_file_tell_target_coverage_and_gap(client: Clients, team: Team, sales: Pipeline) -> None:
    marta = client(team.marta)
    marta.put("/targets", json={"period": "2026-Q1", "amount": "4000"})
    report = marta.get("/reports/forecast", params={"period": "2026-01-01/2026-07-01", "by": "quarter"}).json()
    assert report["attainment"] == {"target": "4000.0000", "missing": 3, "coverage": None, "gap": None}
    assert report["buckets"][0]["attainment"] == {
        "target": "4000.0000",
        "missing": 0,
        "coverage": 0,
        "gap": "4000.0000",
    }
    assert "3 of 6 months" in report["why_no_attainment"]
