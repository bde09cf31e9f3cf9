"""SQL over the API: rows as JSON or Arrow, saved queries, runs; and that it opens nothing that pages keep shut."""

import runpy
import threading
import time
from collections.abc import Iterator

import httpx
import polars as pl
import pytest

from crm import contacts, deals, pipelines
from crm.foundation.access import Module
from crm.foundation.settings import ROOT
from crm.platform import workspace
from crm.platform.people.tokens import Scope
from crm.store import Store
from crm.workbench import running
from crm.workbench.children import Pool
from crm.workbench.limits import Limits
from crm.workbench.running import Workbench
from tests.api.conftest import Clients
from tests.people import Team
from tests.workbench.conftest import pool

ARROW = "application/vnd.apache.arrow.stream"
ENDLESS = "SELECT count(*) FROM range(100000000000) t(i) WHERE i % 7 = 3"

__all__ = ["pool"]


@pytest.fixture(autouse=True)
def workbench(store: Store, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workbench]:
    made = Workbench(store, Limits(seconds=60), pool)
    monkeypatch.setattr(running, "of", lambda _: made)
    yield made
    made.slices.forget()


@pytest.fixture
def lia(store: Store, team: Team) -> contacts.Contact:
    with store.writing(team.ana) as tx:
        return contacts.create(tx, name="Lia", city="Recife")


def test_rows_come_as_json(client: Clients, team: Team, lia: contacts.Contact) -> None:
    answer = client(team.rui).post(
        "/sql",
        json={
            "sql": "SELECT id, name, 1.50 AS n, sum(id) AS total, DATE '2026-01-31' AS day FROM contacts GROUP BY 1, 2",
        },
    )
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["rows"] == [[lia.id, "Lia", "1.50", lia.id, "2026-01-31"]]
    assert [column["name"] for column in body["columns"]] == ["id", "name", "n", "total", "day"]
    assert (body["truncated"], body["views"], "plan" in body and body["plan"]) == (False, ["contacts"], None)


def test_rows_come_as_arrow_for_polars(client: Clients, team: Team, lia: contacts.Contact) -> None:
    answer = client(team.rui).post(
        "/sql", json={"sql": "SELECT id, name, created_at FROM contacts"}, headers={"Accept": ARROW}
    )
    assert (answer.status_code, answer.headers["content-type"], answer.headers["x-truncated"]) == (200, ARROW, "false")
    frame = pl.read_ipc_stream(answer.content)
    assert frame.select("id", "name").rows() == [(lia.id, "Lia")]


def test_parameters_limit_and_plan(client: Clients, team: Team, lia: contacts.Contact) -> None:
    rui = client(team.rui)
    given = {"since": {"type": "date", "value": "2020-01-01"}, "name": {"value": "Lia"}}
    sql = "SELECT name FROM contacts WHERE created_at >= $since AND name = $name"
    assert rui.post("/sql", json={"sql": sql, "parameters": given}).json()["rows"] == [["Lia"]]
    cut = rui.post("/sql", json={"sql": "SELECT * FROM range(10)", "limit": 3}).json()
    assert (len(cut["rows"]), cut["truncated"]) == (3, True)
    nothing = rui.post("/sql", json={"sql": "SELECT id FROM contacts WHERE false"}).json()
    assert (nothing["columns"], nothing["rows"]) == ([{"name": "id", "type": "int64"}], [])
    plan = rui.post("/sql", json={"sql": "SELECT * FROM contacts", "explain": True}).json()
    assert plan["rows"] == []
    assert plan["plan"]


def test_a_refusal_names_line_and_column(client: Clients, team: Team) -> None:
    answer = client(team.rui).post("/sql", json={"sql": "SELECT *\nFROM base.users"})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    problem = answer.json()
    assert (problem["type"], problem["line"], problem["column"]) == ("urn:mallard:problem:invalid", 2, 6)
    assert problem["errors"][0]["field"] == "sql"


def test_both_the_scope_and_the_permission_are_needed(client: Clients, team: Team) -> None:
    every_other = [scope for scope in Scope if scope is not Scope.SQL]
    for made in (client(team.ana), client(team.rui, *every_other)):
        for method, path in (
            ("POST", "/sql"),
            ("GET", "/sql/views"),
            ("GET", "/sql/runs"),
            ("GET", "/sql/queries"),
            ("POST", "/sql/queries"),
        ):
            body = {"sql": "SELECT 1", "name": "x"} if path.endswith("queries") else {"sql": "SELECT 1"}
            answer = made.request(method, path, json=body if method == "POST" else None)
            assert answer.status_code == 403, (method, path)


def test_views_are_described_for_whoever_asks(client: Clients, store: Store, team: Team) -> None:
    rui = client(team.rui)
    names = [view["name"] for view in rui.get("/sql/views").json()["views"]]
    assert {"contacts", "deals", "users"} <= set(names)
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.CRM, False)
    assert "deals" not in [view["name"] for view in rui.get("/sql/views").json()["views"]]
    assert rui.post("/sql", json={"sql": "SELECT * FROM deals"}).status_code == 422


def test_saved_queries_are_made_run_and_kept_apart(client: Clients, team: Team, lia: contacts.Contact) -> None:
    rui, marta = client(team.rui), client(team.marta)
    made = rui.post(
        "/sql/queries",
        json={
            "name": "By city",
            "sql": "SELECT name FROM contacts WHERE city = $city",
            "parameters": [{"name": "city", "type": "text", "value": "Olinda"}],
        },
    )
    assert made.status_code == 201, made.text
    where = made.headers["location"].removeprefix("/api/v1")
    assert marta.get(where).status_code == 404
    assert marta.post(f"{where}/run", json={}).status_code == 404
    assert rui.patch(where, json={"shared": True}, headers={"If-Match": made.headers["etag"]}).json()["shared"] is True
    assert marta.post(f"{where}/run", json={}).json()["rows"] == []
    given = {"parameters": {"city": {"value": "Recife"}}}
    assert marta.post(f"{where}/run", json=given).json()["rows"] == [["Lia"]]
    assert marta.patch(where, json={"name": "Mine"}).status_code == 403
    assert marta.post(f"{where}/duplicate").json()["user_name"] == "Marta"
    runs = marta.get("/sql/runs").json()["items"]
    assert [(run["state"], run["saved_as"] == made.json()["id"], run["result_rows"]) for run in runs] == [
        ("done", True, 1),
        ("done", True, 0),
    ]
    assert rui.get("/sql/runs").json()["items"] == []
    assert rui.delete(where).status_code == 204
    assert marta.get(where).status_code == 404


def test_a_query_is_cancelled_by_its_id(client: Clients, team: Team, workbench: Workbench) -> None:
    rui, marta = client(team.rui), client(team.marta)
    answers = []
    thread = threading.Thread(
        target=lambda: answers.append(rui.post("/sql", json={"sql": ENDLESS, "id": "my-query-1"}))
    )
    thread.start()
    ends = time.monotonic() + 30
    while workbench.running(team.rui) != ["my-query-1"] and time.monotonic() < ends:
        time.sleep(0.02)
    assert marta.post("/sql/my-query-1/cancel").status_code == 404
    assert client(team.rui).post("/sql/my-query-1/cancel").status_code == 204
    thread.join(30)
    assert (answers[0].status_code, answers[0].json()["detail"]) == (422, "The query was cancelled.")


def test_the_example_with_polars_reads_won_deals_by_month(
    client: Clients, store: Store, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.writing(team.marta) as tx:
        sales = pipelines.create(tx, "Sales", ["Lead"])
        for currency, value in (("BRL", 10), ("BRL", 5), ("USD", 7)):
            made = deals.create(tx, title="Chairs", pipeline_id=sales.id, value=value, currency=currency)
            deals.win(tx, made.id, on=tx.today)
    caller = client(team.rui)

    def post(url: str, *, json: object, headers: dict[str, str], timeout: float) -> object:
        assert url.endswith("/api/v1/sql")
        return caller.post("/sql", json=json, headers={"Accept": headers["Accept"]})

    monkeypatch.setenv("MALLARD_TOKEN", "crm_1_x")
    monkeypatch.setattr(httpx, "post", post)
    found = runpy.run_path(str(ROOT / "examples" / "sql_to_polars.py"))
    frame = found["asked"](found["SQL"], since={"type": "date", "value": "2020-01-01"})
    assert frame.select("currency", "deals").rows() == [("BRL", 2), ("USD", 1)]
    assert [float(value) for value in frame["value"]] == [15, 7]
    assert set(frame.pivot("currency", index="month", values="value").columns) == {"month", "BRL", "USD"}
    with pytest.raises(SystemExit, match="line 1"):
        found["asked"]("SELECT nothing FROM contacts")
