"""The SQL page without a browser: runs and their results, saved queries and who finds them, files. Typing is in
tests/browser/test_sql.py."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from crm import contacts
from crm.foundation.access import SYSTEM, Actor
from crm.platform import process
from crm.platform.people import sessions
from crm.store import Store
from crm.ui.auth.auth_middleware import TRUSTED_HEADER
from crm.ui.routes import query_routes
from crm.workbench import background, queries, running
from crm.workbench.charting import Chart, ChartKind
from crm.workbench.children import Pool
from crm.workbench.limits import Limits
from crm.workbench.parameters import Parameter, ParameterType
from crm.workbench.queries import SavedSql
from crm.workbench.running import Query, Workbench
from tests.pages import open_page, tell, unfold
from tests.people import Team
from tests.workbench.conftest import pool

__all__ = ["pool"]

SQL = "SELECT city, count(*) AS people FROM contacts WHERE city <> $city GROUP BY city ORDER BY city"


@pytest.fixture(autouse=True)
def workbench(store: Store, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workbench]:
    made = Workbench(store, Limits(seconds=60, rows=50), pool)
    monkeypatch.setattr(running, "of", lambda _: made)
    monkeypatch.setattr(background, "SOON", 60)
    yield made
    made.slices.forget()


@pytest.fixture
def people(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        for city in ("Recife", "Recife", "Natal", "=1+1"):
            contacts.create(tx, name=f"Of {city}", city=city)


@pytest.fixture
def cities(store: Store, team: Team) -> SavedSql:
    """Rui's, his alone."""
    with store.writing(team.rui) as tx:
        return queries.create(tx, name="Cities", sql=SQL, parameters=(Parameter(name="city", value="Natal"),))


def run(page: AppTest, text: str, revision: int = 0) -> AppTest:
    found = tell(page, "sql-editor", "run", text=text, revision=revision)
    assert not found.exception
    return found


def errors(page: AppTest) -> str:
    return " ".join(each.value for each in page.error)


def captions(page: AppTest) -> str:
    return " ".join(each.value for each in page.caption)


@pytest.mark.usefixtures("people")
def test_a_query_runs_with_its_parameters_and_shows_rows_time_and_limits(store: Store, team: Team) -> None:
    page = run(open_page(store, "sql", team.rui), SQL)
    assert page.dataframe[0].value.to_dict("records") == [
        {"city": "=1+1", "people": 1}, {"city": "Natal", "people": 1}, {"city": "Recife", "people": 2},
    ]  # fmt: skip
    assert "3 rows" in captions(page)
    assert "60 s" in captions(page)
    page.text_input[0].set_value("Recife").run()
    page = run(page, SQL)
    assert list(page.dataframe[0].value["city"]) == ["=1+1", "Natal"]


def test_a_refusal_says_where_and_the_rows_of_before_are_gone(store: Store, team: Team) -> None:
    page = run(open_page(store, "sql", team.rui), "SELECT 1 AS one")
    assert page.dataframe
    page = run(page, "SELECT nothing\nFROM contcts")
    assert "contcts" in errors(page)
    assert "Did you mean contacts?" in errors(page)
    assert "Line 2, column 6." in errors(page)
    assert not page.dataframe


def test_a_cut_result_says_so(store: Store, team: Team) -> None:
    page = run(open_page(store, "sql", team.rui), "SELECT * FROM range(200)")
    assert "first 50" in page.warning[0].value
    assert len(page.dataframe[0].value) == 50


@pytest.mark.usefixtures("people")
def test_a_query_is_saved_with_its_parameters_and_chart_and_opens_by_its_link(store: Store, team: Team) -> None:
    page = run(open_page(store, "sql", team.rui), SQL)
    page = unfold(page, "sql-tabs", "Chart")
    assert not page.exception
    page.button(key="sql-save-as").click().run()
    next(box for box in page.text_input if box.label == "Name").set_value("By *city*")
    next(press for press in page.button if press.label == "Save").click().run()
    with store.reading(team.rui) as tx:
        (saved,) = queries.all_of(tx)
    assert (saved.name, saved.sql, [one.name for one in saved.parameters]) == ("By *city*", SQL, ["city"])
    assert saved.chart == Chart(kind=ChartKind.BAR, x="city", ys=("people",))
    assert (saved.shared, saved.team_id) == (False, None)
    assert page.query_params["query"] == str(saved.id)
    assert "Only you see it" in captions(page)
    again = open_page(store, "sql", team.rui, query=str(saved.id))
    assert any("city" in (box.label or "") for box in again.text_input)


def test_somebody_elses_query_is_not_found_until_it_is_shared_and_then_says_whose_it_is(
    store: Store, team: Team, cities: SavedSql
) -> None:
    page = open_page(store, "sql", team.marta, query=str(cities.id))
    assert "There is no such saved query" in errors(page)
    assert "Cities" not in " ".join(each.value for each in page.markdown)
    with store.writing(team.rui) as tx:
        queries.edit(tx, cities.id, shared=True)
    page = open_page(store, "sql", team.marta, query=str(cities.id))
    assert not page.error
    assert "Shared by Rui" in captions(page)
    assert not [press for press in page.button if press.key in ("sql-save", "sql-details")]
    nonsense = open_page(store, "sql", team.marta, query="-1; DROP")
    assert "There is no such saved query" in errors(nonsense)


def test_changes_are_saved_or_taken_back(store: Store, team: Team, cities: SavedSql) -> None:
    page = open_page(store, "sql", team.rui, query=str(cities.id))
    revision = page.session_state["sql-drafts"][cities.id].revision
    page = run(page, "SELECT 1 AS one", revision)
    assert any("edited" in each.value for each in page.markdown)
    page.button(key="sql-save").click().run()
    with store.reading(team.rui) as tx:
        saved = queries.get(tx, cities.id)
    assert (saved.sql, saved.parameters) == ("SELECT 1 AS one", ())
    page = run(page, "SELECT 2 AS two", page.session_state["sql-drafts"][cities.id].revision)
    page.button(key="sql-revert").click().run()
    assert page.session_state["sql-drafts"][cities.id].text == "SELECT 1 AS one"


def test_history_brings_a_run_back_with_its_values(store: Store, team: Team) -> None:
    page = run(open_page(store, "sql", team.rui), "SELECT $n::INT + 1 AS more")
    page.text_input[0].set_value("41").run()
    run(page, "SELECT $n::INT + 1 AS more")
    again = unfold(open_page(store, "sql", team.rui), "sql-history")
    entry = next(press for press in again.button if (press.key or "").startswith("sql-run-"))
    entry.click().run()
    draft = again.session_state["sql-drafts"][0]
    assert (draft.text, draft.values["n"]) == (
        "SELECT $n::INT + 1 AS more",
        Parameter(name="n", type=ParameterType.NUMBER, value="41"),
    )
    others = unfold(open_page(store, "sql", team.ada), "sql-history")
    assert "kept here, for you alone" in captions(others)


def test_the_plan_is_told_without_a_run(store: Store, team: Team, cities: SavedSql) -> None:
    page = unfold(open_page(store, "sql", team.rui, query=str(cities.id)), "sql-tabs", "Plan")
    assert "contacts" in page.code[0].value.lower() or "SCAN" in page.code[0].value
    with store.reading(team.rui) as tx:
        assert tx.value("SELECT count(*) FROM sql_runs") == 0


@pytest.mark.usefixtures("framed")
def test_only_those_who_may_run_sql_have_the_page(store: Store, team: Team, cities: SavedSql) -> None:
    for actor, may in ((team.ada, True), (team.marta, True), (team.rui, True), (team.ana, False), (team.vera, False)):
        page = open_page(store, "sql", actor)
        assert any(part.proto.id.endswith("-sql-editor") for part in page.get("bidi_component")) is may
        if not may:
            assert "not for your role" in " ".join(each.value for each in page.info)


Browser = Callable[..., TestClient]


@pytest.fixture
def browser(store: Store) -> Browser:
    def open_as(actor: Actor, confirmed: bool = True) -> TestClient:
        process.use(store)
        with store.writing(SYSTEM) as tx:
            session_id = sessions.begin(tx, actor.id, confirmed=confirmed)
        headers = {TRUSTED_HEADER.decode(): sessions.hashed(session_id)}
        return TestClient(Starlette(routes=query_routes.ROUTES), headers=headers)

    return open_as


def ran(store: Store, actor: Actor, sql: str) -> str:
    job = background.of(store).start(actor, Query(sql))
    assert job.done.wait(60)
    assert job.result, job.refusal
    return job.run_id


@pytest.mark.usefixtures("people")
def test_a_result_is_a_file_for_whoever_ran_it_alone(store: Store, team: Team, browser: Browser) -> None:
    run_id = ran(store, team.rui, """SELECT name AS "=name", city, [1, 2] AS list FROM contacts ORDER BY name""")
    answer = browser(team.rui).get(f"/sql/results/{run_id}.csv")
    assert answer.status_code == 200, answer.text
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0] == '"\'=name","city","list"'
    assert any("'=1+1" in line for line in lines)
    assert answer.headers["content-disposition"] == 'attachment; filename="query.csv"'
    assert answer.headers["cache-control"] == "no-store"
    for suffix, begins in (("xlsx", b"PK"), ("parquet", b"PAR1")):
        assert browser(team.rui).get(f"/sql/results/{run_id}.{suffix}").content.startswith(begins)
    assert browser(team.ada).get(f"/sql/results/{run_id}.csv").status_code == 404
    assert browser(team.ana).get(f"/sql/results/{run_id}.csv").status_code == 403
    assert browser(team.rui).get(f"/sql/results/{run_id}.exe").status_code == 422
    assert browser(team.rui).get("/sql/results/unknown.csv").status_code == 404
    assert browser(team.rui, confirmed=False).get(f"/sql/results/{run_id}.csv").status_code == 403


@pytest.mark.usefixtures("people")
def test_a_result_is_gone_once_its_person_sees_other_things(store: Store, team: Team) -> None:
    run_id = ran(store, team.rui, "SELECT count(*) FROM contacts")
    jobs = background.of(store)
    assert jobs.find(team.rui, run_id)
    assert jobs.find(replace(team.rui, sees_everything=False), run_id) is None
    assert jobs.find(replace(team.rui, permissions=frozenset()), run_id) is None


def test_only_the_last_results_are_kept(store: Store, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "KEPT_OF_ONE", 2)
    first, second, third = (ran(store, team.rui, f"SELECT {number}") for number in range(3))
    found = [background.of(store).find(team.rui, run_id) for run_id in (first, second, third)]
    assert [job is not None for job in found] == [False, True, True]


def test_the_editor_is_told_what_there_is_to_query(store: Store, team: Team, browser: Browser) -> None:
    found = browser(team.rui).get("/sql/schema").json()
    assert "contacts" in {view["name"] for view in found["views"]}
    assert {"count", "date_trunc"} <= set(found["functions"])
    assert browser(team.ana).get("/sql/schema").status_code == 403
