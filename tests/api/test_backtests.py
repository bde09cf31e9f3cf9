"""The back-test over the API and as files: whose figures, and before there are any."""

import csv
import io
from datetime import UTC, date, datetime

import pytest

from crm.pipelines import Pipeline
from crm.reports import backtests, sheets
from crm.reports.prediction.backtest import Accuracy, Backtest, Bin, Discrimination, Evaluation, Method, Point
from crm.reports.prediction.calibration import StageCalibration
from crm.reports.prediction.outlook import ExpectedWins, Outlook
from crm.store import Store
from tests.api.conftest import Clients
from tests.owner_privacy import owner_privacy
from tests.people import Team

SINGLE = Discrimination(brier=0.2, base=0.25, auc=0.7, reliability=[Bin(chance=0.5, won=0.4, deals=10)])
MONTH, NEXT = date(2026, 3, 31), date(2026, 4, 30)


def a_backtest(actual: float, *, drawn: bool) -> Backtest:
    return Backtest(
        horizon=92,
        points=[
            Point(
                day=MONTH,
                deals=10,
                actual=actual,
                forecasts=dict.fromkeys(Method, actual * 1.1),
                p10=actual / 2 if drawn else None,
                p90=actual * 2 if drawn else None,
            )
        ],
        accuracy={method: Accuracy(bias=0.1, wape=0.1, wape_by_owner=0.2) for method in Method},
        discrimination={method: SINGLE for method in Method if method is not Method.LAST_ACTUAL},
        spread=0.5 if drawn else None,
        covered=1 if drawn else 0,
        backtests=1 if drawn else 0,
    )


@pytest.fixture
def made(store: Store, team: Team, sales: Pipeline) -> None:
    """A back-test of all deals, 1,000 in a month, and of Ana's 600 and Bob's 400."""
    figure = ExpectedWins(first=MONTH, end=NEXT, deals=3, expected=500, p10=100, p50=450, p90=900)
    found = backtests.PipelineForecast(
        evaluation=Evaluation(
            pipeline_id=sales.id,
            currency="BRL",
            computed_at=datetime(2026, 4, 1, tzinfo=UTC),
            whole=a_backtest(1000, drawn=True),
            owners={team.ids.ana: a_backtest(600, drawn=False), team.ids.bob: a_backtest(400, drawn=False)},
        ),
        outlook=Outlook(whole=figure, buckets=[figure], open=5, unknown=1, why_not=None),
        stages=[
            StageCalibration(
                stage_id=sales.stages[0].id, by_hand=0.9, won=10, closed=40, undecided=5, low=0.14, high=0.4
            )
        ],
    )
    with store.writing(team.ada) as tx:
        tx.run(
            "INSERT INTO base.forecast_backtests VALUES ($id, $result, $now)",
            id=sales.id,
            result=found.model_dump_json(),
            now=tx.now,
        )


def test_a_pipeline_tells_what_its_past_forecasts_were_worth(
    client: Clients, team: Team, sales: Pipeline, made: None
) -> None:
    marta = client(team.marta)
    whole = marta.get("/reports/backtest", params={"pipeline": sales.id}).json()
    assert (whole["pipeline_name"], whole["currency"], whole["horizon"]) == ("Sales", "BRL", 92)
    assert whole["backtest"]["accuracy"]["model"] == {"bias": 0.1, "wape": 0.1, "wape_by_owner": 0.2}
    assert whole["backtest"]["discrimination"]["model"]["reliability"] == [{"chance": 0.5, "won": 0.4, "deals": 10}]
    assert (whole["backtest"]["covered"], whole["backtest"]["backtests"]) == (1, 1)
    assert (whole["range"]["whole"]["p90"], whole["owners"]) == (900, [team.ids.ana, team.ids.bob])
    assert [(each["set_to"], each["share"], each["is_off"]) for each in whole["stages"]] == [(0.9, 0.25, True)]
    own = marta.get("/reports/backtest", params={"pipeline": sales.id, "owner": team.ids.bob}).json()
    assert own["backtest"]["points"][0]["actual"] == 400
    assert (own["range"], own["stages"]) == (None, [])
    nobody = marta.get("/reports/backtest", params={"pipeline": sales.id, "owner": team.ids.vera})
    assert nobody.status_code == 404
    assert marta.get("/reports/backtest", params={"pipeline": 99}).status_code == 404
    assert marta.get("/reports/backtest").status_code == 422


def test_before_the_first_night_there_is_none(client: Clients, team: Team, sales: Pipeline) -> None:
    answer = client(team.marta).get("/reports/backtest", params={"pipeline": sales.id})
    assert answer.status_code == 200
    assert (answer.json()["computed_at"], answer.json()["backtest"], answer.json()["owners"]) == (None, None, [])


def test_under_owner_privacy_one_reads_ones_own_alone(
    client: Clients, store: Store, team: Team, sales: Pipeline, made: None
) -> None:
    owner_privacy(store, team)
    ana = client(team.ana)
    whole = ana.get("/reports/backtest", params={"pipeline": sales.id}).json()
    assert (whole["backtest"], whole["owners"], whole["range"], whole["stages"]) == (None, [team.ids.ana], None, [])
    of_bob = ana.get("/reports/backtest", params={"pipeline": sales.id, "owner": team.ids.bob})
    assert of_bob.status_code == 404
    assert [row["owner"] for row in rows(store, team, "backtest", pipeline=str(sales.id))] == ["Ana"]


def test_it_goes_into_files(store: Store, team: Team, sales: Pipeline, made: None) -> None:
    asked = {"pipeline": str(sales.id)}
    months = rows(store, team, "backtest", **asked, who="marta")
    assert [(row["owner"], row["month_end"], row["won"]) for row in months] == [
        ("", "2026-03-31", "1000.0"),
        ("Ana", "2026-03-31", "600.0"),
        ("Bob", "2026-03-31", "400.0"),
    ]
    errors = rows(store, team, "backtest-accuracy", **asked, who="marta", owner=str(team.ids.ana))
    assert [(row["owner"], row["method"], row["brier"]) for row in errors] == [
        ("Ana", "model", "0.2"),
        ("Ana", "aalen_johansen", "0.2"),
        ("Ana", "last_actual", ""),
        ("Ana", "static", "0.2"),
    ]
    bins = rows(store, team, "backtest-reliability", **asked, who="marta")
    assert len(bins) == 9
    assert (bins[0]["chance_given"], bins[0]["share_won"], bins[0]["deals"]) == ("0.5", "0.4", "10")


def rows(store: Store, team: Team, name: str, *, who: str = "ana", **query: str) -> list[dict[str, str]]:
    with store.reading(getattr(team, who)) as tx:
        return list(csv.DictReader(io.StringIO(sheets.sheet(tx, name, query).decode("utf-8-sig"))))
