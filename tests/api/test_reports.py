"""Reports over the API: the figures, and the deals behind each."""

from typing import Any

import pytest

from crm import deals
from crm.pipelines import Pipeline
from crm.platform import rates
from crm.store import Store
from tests.api.conftest import Clients
from tests.people import Team

YEAR = "this-year"


@pytest.fixture
def three(store: Store, team: Team, sales: Pipeline) -> None:
    """One deal of 1,000 won, one of 400 lost, one of 2,000 open and without a date; and one in dollars."""
    with store.writing(team.ana) as tx:
        won, lost, _ = (
            deals.create(tx, title=str(value), pipeline_id=sales.id, value=value, currency="BRL")
            for value in (1000, 400, 2000)
        )
        deals.win(tx, won.id)
        deals.lose(tx, lost.id, note="Price")
        deals.create(tx, title="Dollars", pipeline_id=sales.id, value=5, currency="USD")


def test_the_forecast_tells_won_open_and_undated_apart(client: Clients, team: Team, three: None) -> None:
    report = client(team.marta).get("/reports/forecast", params={"period": YEAR, "by": "quarter"}).json()
    assert (report["currency"], report["grain"], len(report["buckets"])) == ("BRL", "quarter", 4)
    assert (report["won"]["count"], report["won"]["value"]) == (1, "1000.0000")
    assert (report["undated"]["count"], report["undated"]["value"]) == (1, "2000.0000")
    assert report["left_out"] == {"USD": 1}
    assert set(report["categories"]) == {"commit", "best_case", "pipeline", "omitted"}
    assert (report["commit"]["value"], report["best_case"]["value"]) == ("1000.0000", "1000.0000")
    assert sum(float(bucket["expected"]) for bucket in report["buckets"]) == 1000


def test_deals_without_a_value_are_valued_apart_unless_switched_off(
    client: Clients, store: Store, team: Team, sales: Pipeline, three: None
) -> None:
    with store.writing(team.ana) as tx:
        deals.create(tx, title="Unvalued", pipeline_id=sales.id)
    marta = client(team.marta)
    told = marta.get("/reports/forecast").json()["unvalued"]
    assert (told["rule"], told["count"], told["unknown"], float(told["value"])) == ("median_of_won", 1, 0, 1000)
    assert [(part["state"], part["won"]) for part in told["parts"]] == [("undated", 1)]
    assert marta.get("/reports/forecast", params={"unvalued": "off"}).json()["unvalued"] is None
    assert marta.get("/reports/forecast", params={"unvalued": "no"}).status_code == 422


def test_amounts_in_other_currencies_are_converted_and_the_rates_told(
    client: Clients, store: Store, team: Team, three: None
) -> None:
    with store.writing(team.ada) as tx:
        rates.set_rate(tx, "USD", tx.today, "4.5")
        day = str(tx.today)
    marta = client(team.marta)
    report = marta.get("/reports/forecast", params={"period": YEAR}).json()
    assert (report["undated"]["count"], report["undated"]["value"], report["left_out"]) == (2, "2022.5000", {})
    assert report["rates"] == [{"currency": "USD", "rate": "4.5", "day": day, "deals": 1}]
    behind = marta.get("/reports/forecast/deals", params={"period": YEAR, "cell": "undated"}).json()
    assert [(one["currency"], one["count"], one["value"]) for one in behind["sums"]] == [("BRL", 2, "2022.5000")]
    dollars = behind["items"][1]
    assert (dollars["value"], dollars["currency"], dollars["converted"], dollars["converted_into"]) == (
        "5.0000",
        "USD",
        "22.5000",
        "BRL",
    )
    assert (dollars["rate"], dollars["rated_on"]) == ("4.5", day)
    alone = marta.get("/reports/forecast", params={"period": YEAR, "currency": "BRL"}).json()
    assert (alone["undated"]["value"], alone["rates"], alone["left_out"]) == ("2000.0000", [], {"USD": 1})
    assert marta.get("/reports/closings", params={"period": YEAR}).json()["rates"] == []


def test_a_figure_of_the_forecast_opens_its_deals(client: Clients, team: Team, three: None) -> None:
    marta = client(team.marta)
    behind = marta.get("/reports/forecast/deals", params={"period": YEAR, "cell": "won"}).json()
    assert [(deal["title"], deal["value"]) for deal in behind["items"]] == [("1000", "1000.0000")]
    assert [(one["currency"], one["count"], one["value"]) for one in behind["sums"]] == [("BRL", 1, "1000.0000")]


def test_conversion_counts_who_reached_what(client: Clients, team: Team, sales: Pipeline, three: None) -> None:
    marta = client(team.marta)
    report = marta.get("/reports/conversion", params={"pipeline": str(sales.id), "period": YEAR}).json()
    steps: list[dict[str, Any]] = report["steps"]
    assert [(step["name"], step["reached"]) for step in steps] == [("Lead", 4), ("Talk", 1), ("Offer", 1), ("Won", 1)]
    assert (report["entered"], report["won"], report["rate"]) == (4, 1, 0.25)
    cell = f"dropped:{steps[0]['stage_id']}"
    query = {"pipeline": str(sales.id), "period": YEAR, "cell": cell}
    behind = marta.get("/reports/conversion/deals", params=query).json()
    assert [deal["title"] for deal in behind["items"]] == ["400"]


def test_a_step_tells_strict_time_and_reasons(client: Clients, team: Team, sales: Pipeline, three: None) -> None:
    report = client(team.marta).get("/reports/conversion", params={"pipeline": str(sales.id), "period": YEAR}).json()
    first, *_, won = report["steps"]
    assert (first["strict"], first["strict_rate"], won["strict"]) == (4, 0.0, 0)
    assert first["reasons"] == [{"id": 0, "name": None, "deals": 1}]
    assert (first["time"]["visits"], first["time"]["open_visits"]) == (2, 2)


def test_the_velocity_has_its_terms_and_opens_its_deals(client: Clients, team: Team, three: None) -> None:
    marta = client(team.marta)
    report = marta.get("/reports/velocity").json()
    assert (report["open"], report["win_rate"], report["cycle"]) == (2, 0.5, 1.0)
    assert (float(report["mean_value"]), float(report["per_day"])) == (1000, 1000)
    behind = marta.get("/reports/velocity/deals", params={"cell": "velocity:lost"}).json()
    assert [deal["title"] for deal in behind["items"]] == ["400"]


def test_a_breakdown_has_the_figures_of_each_part_and_opens_their_deals(
    client: Clients, team: Team, sales: Pipeline, three: None
) -> None:
    marta, asked = client(team.marta), {"pipeline": str(sales.id), "period": YEAR, "split": "owner"}
    report = marta.get("/reports/breakdown", params=asked).json()
    assert report["stages"] == ["Lead", "Talk", "Offer", "Won"]
    (part,) = report["parts"]
    assert (part["name"], part["arrived"], part["won"], part["reached"]) == ("Ana", 4, 1, [4, 1, 1, 1])
    assert (part["rate"]["by_count"], part["velocity"]["open"]) == (0.5, 2)
    query = {**asked, "part": part["key"], "cell": "lost"}
    behind = marta.get("/reports/breakdown/deals", params=query).json()
    assert [deal["title"] for deal in behind["items"]] == ["400"]


def test_what_changed_closes_and_opens_its_deals(client: Clients, team: Team, three: None) -> None:
    marta = client(team.marta)
    report = marta.get("/reports/changes").json()
    assert (report["start"]["amount"], report["end"]["amount"], report["difference"]) == (
        "0",
        "2000.0000",
        "2000.0000",
    )
    assert report["causes"] == {"new": {"count": 2, "amount": "2000.0000"}}
    assert report["left_out"] == {"USD": 1}
    found = marta.get("/reports/changes/deals", params={"cause": "new"}).json()
    assert [(deal["title"], deal["before"], deal["after"]) for deal in found["items"]] == [
        ("2000", None, "2000.0000"),
        ("Dollars", None, None),
    ]
    assert marta.get("/reports/changes", params={"since": "2099-01-01"}).status_code == 422
    assert marta.get("/reports/changes/deals", params={"cause": "fate"}).status_code == 422


def test_closings_give_the_win_rate(client: Clients, team: Team, three: None) -> None:
    marta = client(team.marta)
    rate = marta.get("/reports/closings", params={"period": YEAR}).json()["rate"]
    assert (rate["by_count"], rate["by_value"]) == (0.5, pytest.approx(1000 / 1400))
    assert rate["interval"] == [pytest.approx(0.0945, abs=1e-4), pytest.approx(0.9055, abs=1e-4)]
    behind = marta.get("/reports/closings/deals", params={"period": YEAR, "cell": "lost"}).json()
    assert [deal["title"] for deal in behind["items"]] == ["400"]


def test_a_win_rate_by_value_that_would_leave_deals_out_is_none_and_says_why(
    client: Clients, store: Store, team: Team, sales: Pipeline, three: None
) -> None:
    with store.writing(team.ana) as tx:
        deals.lose(tx, deals.create(tx, title="Worth nothing", pipeline_id=sales.id).id, note="Silence")
    rate = client(team.marta).get("/reports/closings", params={"period": YEAR}).json()["rate"]
    assert (rate["by_value"], rate["why_not_by_value"]) == (None, "1 of 2 lost deals carry no value")


NOT_UNDERSTOOD: list[tuple[str, dict[str, str], str]] = [
    ("forecast", {"period": "someday"}, "period"),
    ("forecast", {"period": "2026-02-01/2026-01-01"}, "period"),
    ("forecast", {"period": "0001-01-01/9999-12-31"}, "period"),
    ("forecast", {"by": "week"}, "by"),
    ("forecast", {"currency": "XXXX"}, "currency"),
    ("forecast", {"owner": "ana"}, "owner"),
    ("forecast", {"pipeline": "1,x"}, "pipeline"),
    ("forecast", {"pipelines": "1"}, "pipelines"),
    ("conversion", {}, "pipeline"),
    ("conversion", {"pipeline": "1,2"}, "pipeline"),
    ("forecast/deals", {}, "cell"),
    ("forecast/deals", {"cell": "won:now"}, "cell"),
    ("conversion/deals", {"pipeline": "1", "cell": "reached"}, "cell"),
    ("conversion/deals", {"pipeline": "1", "cell": "reached:1:2"}, "cell"),
    ("closings/deals", {"cell": "open"}, "cell"),
    ("velocity/deals", {"cell": "open"}, "cell"),
    ("forecast", {"segment": "x"}, "segment"),
    ("forecast", {"attribute": "size"}, "attribute"),
    ("forecast", {"attribute": "size=Large"}, "attribute"),
    ("breakdown", {"pipeline": "1"}, "split"),
    ("breakdown", {"pipeline": "1", "split": "owners"}, "split"),
    ("breakdown/deals", {"pipeline": "1", "split": "owner", "part": "x", "cell": "won"}, "part"),
]


def test_what_a_report_does_not_understand_is_refused(
    subtests: pytest.Subtests, client: Clients, team: Team, sales: Pipeline
) -> None:
    marta = client(team.marta)
    for path, query, field in NOT_UNDERSTOOD:
        with subtests.test(path=path, query=query):
            refused = marta.get(f"/reports/{path}", params=query)
            assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)


def test_a_pipeline_that_is_not_there_is_404(client: Clients, team: Team, sales: Pipeline) -> None:
    assert client(team.marta).get("/reports/conversion", params={"pipeline": "777"}).status_code == 404
