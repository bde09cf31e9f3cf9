"""/reports/<name>.csv, behind the gate: for whom, under which filters, and what is in the files."""

import csv
import io
import re

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from crm import deals, pipelines
from crm.foundation.access import SYSTEM, Actor, Module
from crm.pipelines import Pipeline
from crm.platform import process, rates
from crm.platform.people import sessions
from crm.reports import sheets
from crm.store import Store
from crm.ui.auth.auth_middleware import AuthMiddleware, Site
from crm.ui.routes.report_downloads import ROUTES
from tests.people import Team

SITE = Site(frozenset({"testserver"}), secure=False)


@pytest.fixture
def filled(store: Store, team: Team) -> Pipeline:
    process.use(store)
    with store.writing(team.marta) as tx:
        sales = pipelines.create(tx, "Sales", ["=cmd|' /C calc'!A0", "Offer"])
        for value, owner in ((1000, team.ids.ana), (300, team.ids.bob)):
            deals.create(tx, title="Chairs", pipeline_id=sales.id, value=value, owner_id=owner)
        won = deals.create(tx, title="Won", pipeline_id=sales.id, value="99.90", owner_id=team.ids.ana)
        deals.win(tx, won.id)
    return sales


def client(store: Store, actor: Actor | None) -> TestClient:
    app = Starlette(routes=ROUTES, middleware=[Middleware(AuthMiddleware, site=SITE)])
    cookies = {}
    if actor is not None:
        with store.writing(SYSTEM) as tx:
            cookies[SITE.cookie] = sessions.begin(tx, actor.id)
    return TestClient(app, cookies=cookies)


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_the_rates_of_a_report_as_a_file(store: Store, team: Team, filled: Pipeline) -> None:
    with store.writing(team.ada) as tx:
        rates.set_rate(tx, "USD", tx.today, "4.5")
        day = str(tx.today)
        deals.create(tx, title="Open", pipeline_id=filled.id, value=3, currency="USD")
        for value in (1, 2):
            deals.win(tx, deals.create(tx, title="Won", pipeline_id=filled.id, value=value, currency="USD").id)
    for name, count in (("forecast-rates", "3"), ("win-rate-rates", "2")):
        answer = client(store, team.marta).get(f"/reports/{name}.csv?period=this-month")
        assert rows(answer.content) == [{"currency": "USD", "rate": "4.5", "day": day, "deals": count}]


def test_the_forecast_as_a_file(store: Store, team: Team, filled: Pipeline) -> None:
    answer = client(store, team.marta).get("/reports/forecast.csv?period=this-month")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="forecast.csv"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    month, overdue, undated, outside = rows(answer.content)
    assert (month["won"], month["won_deals"], month["expected"]) == ("99.9000", "1", "99.9000")
    assert (undated["period"], undated["open"], undated["open_deals"]) == ("undated", "1300.0000", "2")
    assert (overdue["open_deals"], outside["open_deals"]) == ("0", "0")


def test_the_files_hold_what_the_filters_of_the_page_leave(store: Store, team: Team, filled: Pipeline) -> None:
    answer = client(store, team.marta).get(f"/reports/forecast.csv?owner={team.ids.bob}&period=this-month")
    assert [row["open_deals"] for row in rows(answer.content)] == ["0", "0", "1", "0"]


def test_a_stage_that_a_spreadsheet_would_run_is_defused(store: Store, team: Team, filled: Pipeline) -> None:
    answer = client(store, team.rui).get(f"/reports/conversion.csv?pipeline={filled.id}")
    first, *_ = rows(answer.content)
    assert first["stage"] == "'=cmd|' /C calc'!A0"
    assert (first["reached"], first["undecided"], first["conversion"]) == ("3", "2", "0.3333333333333333")


@pytest.mark.parametrize(
    "name", sorted(name for name in sheets.SHEETS if not re.search("-rates$|-unvalued$|^backtest", name))
)
def test_every_report_has_its_file(store: Store, team: Team, filled: Pipeline, name: str) -> None:
    with store.writing(team.marta) as tx:
        deals.lose(tx, 1, note="Too dear")
    answer = client(store, team.ana).get(f"/reports/{name}.csv?pipeline={filled.id}")
    assert answer.status_code == 200
    assert rows(answer.content)


def test_the_file_of_win_rates_says_why_one_by_value_is_missing(store: Store, team: Team, filled: Pipeline) -> None:
    with store.writing(team.marta) as tx:
        deals.lose(tx, deals.create(tx, title="Worth nothing", pipeline_id=filled.id).id, note="Silence")
    answer = client(store, team.ana).get(f"/reports/win-rate.csv?pipeline={filled.id}&period=this-month")
    (month,) = rows(answer.content)
    assert (month["by_value"], month["why_not_by_value"]) == ("", "1 of 1 lost deals carry no value")


def test_nobody_reads_a_report_without_a_session_or_by_a_header(store: Store, team: Team, filled: Pipeline) -> None:
    stranger = client(store, None)
    assert stranger.get("/reports/forecast.csv").status_code == 401
    with store.writing(SYSTEM) as tx:
        known = sessions.hashed(sessions.begin(tx, team.marta.id))
    assert stranger.get("/reports/forecast.csv", headers={"X-Mallard-Session": known}).status_code == 401


def test_a_viewer_may_look_but_not_take_away(store: Store, team: Team, filled: Pipeline) -> None:
    answer = client(store, team.vera).get("/reports/forecast.csv")
    assert (answer.status_code, "may not export" in answer.text) == (403, True)


def test_under_owner_privacy_a_rep_takes_away_their_own(store: Store, team: Team, filled: Pipeline) -> None:
    with store.writing(team.ada) as tx:
        tx.run("UPDATE base.workspace SET owner_privacy = true")
    answer = client(store, team.bob).get("/reports/forecast.csv?period=this-month")
    assert [row["open_deals"] for row in rows(answer.content)] == ["0", "0", "1", "0"]
    assert rows(answer.content)[0]["won_deals"] == "0"


def test_refusals_have_their_status(store: Store, team: Team, filled: Pipeline) -> None:
    marta = client(store, team.marta)
    assert marta.get("/reports/secrets.csv").status_code == 422
    assert marta.get("/reports/forecast.csv?period=soon").status_code == 422
    assert marta.get("/reports/conversion.csv").status_code == 422
    assert marta.get("/reports/conversion.csv?pipeline=999").status_code == 404
    with store.writing(team.ada) as tx:
        tx.run("UPDATE base.modules SET enabled = false WHERE module = $crm", crm=Module.CRM.value)
    assert marta.get("/reports/forecast.csv").status_code == 403


@pytest.mark.parametrize("name", ["stage-times", "drop-off", "cycle", "velocity", "breakdown"])
def test_every_part_of_the_conversion_is_a_file(store: Store, team: Team, filled: Pipeline, name: str) -> None:
    with store.writing(team.marta) as tx:
        deals.lose(tx, deals.create(tx, title="Lost", pipeline_id=filled.id).id, note="Silence")
    answer = client(store, team.marta).get(f"/reports/{name}.csv?pipeline={filled.id}")
    assert answer.status_code == 200
    first = rows(answer.content)[0]
    told = {
        "stage-times": ("open_visits", "2"),
        "drop-off": ("lost_here", "1"),
        "cycle": ("won", "1"),
        "velocity": ("open_deals", "2"),
        "breakdown": ("arrived", "2"),
    }
    column, value = told[name]
    assert first[column] == value
