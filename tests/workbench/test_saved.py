"""Saved queries and the history of runs: whose they are, and that a shared one shows each what they may see."""

from dataclasses import replace
from typing import Any

import pytest

from crm import contacts
from crm.foundation.access import Permission
from crm.foundation.errors import Forbidden, Invalid, NotFound, Stale
from crm.platform.people import teams
from crm.store import Store
from crm.verify import verify
from crm.workbench import queries, running, runs
from crm.workbench.charting import Aggregation, Chart, ChartKind
from crm.workbench.parameters import Parameter, ParameterType
from crm.workbench.queries import SavedSql
from crm.workbench.running import Query, QueryRefused, Workbench
from tests.owner_privacy import owner_privacy
from tests.people import Team

SQL = "SELECT name FROM contacts WHERE city = $city"


@pytest.fixture(autouse=True)
def one_workbench(store: Store, workbench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "of", lambda _: workbench)


@pytest.fixture
def cities(store: Store, team: Team) -> SavedSql:
    """Rui's query, his alone."""
    with store.writing(team.rui) as tx:
        return queries.create(
            tx, name="By city", sql=SQL, parameters=(Parameter(name="city", type=ParameterType.TEXT, value="Recife"),)
        )


def test_a_query_is_saved_changed_and_deleted(store: Store, team: Team, cities: SavedSql) -> None:
    assert (cities.name, cities.sql, cities.parameters[0].value, cities.shared) == ("By city", SQL, "Recife", False)
    with store.writing(team.rui) as tx:
        changed = queries.edit(tx, cities.id, sql="SELECT 1", parameters=(), version=cities.version)
        assert (changed.sql, changed.parameters, changed.version) == ("SELECT 1", (), 2)
        assert queries.edit(tx, cities.id, sql="SELECT 1") == changed
    with pytest.raises(Stale), store.writing(team.rui) as tx:
        queries.edit(tx, cities.id, name="Other", version=cities.version)
    with store.writing(team.rui) as tx:
        queries.delete(tx, cities.id)
    with store.reading(team.rui) as tx:
        assert queries.all_of(tx) == []
    assert verify(store) == []


def test_others_see_it_once_it_is_shared_and_change_it_never(store: Store, team: Team, cities: SavedSql) -> None:
    with pytest.raises(NotFound), store.reading(team.marta) as tx:
        queries.get(tx, cities.id)
    with store.writing(team.rui) as tx:
        queries.edit(tx, cities.id, shared=True)
    with store.reading(team.marta) as tx:
        assert queries.get(tx, cities.id).user_name == "Rui"
    with pytest.raises(Forbidden), store.writing(team.marta) as tx:
        queries.edit(tx, cities.id, name="Mine")
    with pytest.raises(Forbidden), store.writing(team.marta) as tx:
        queries.delete(tx, cities.id)
    with store.writing(team.marta) as tx:
        copy = queries.duplicate(tx, cities.id)
        assert (copy.user_id, copy.shared, copy.sql) == (team.marta.id, False, SQL)
        assert queries.duplicate(tx, cities.id).name == "By city (2)"
    with store.writing(team.ada) as tx:
        queries.delete(tx, cities.id)


def test_a_query_is_shared_with_the_members_of_a_team_alone(store: Store, team: Team, cities: SavedSql) -> None:
    """As the team is at each reading: who leaves it finds the query no more."""
    with store.writing(team.ada) as tx:
        south = teams.create(tx, "South").id
        teams.change(tx, south, member_ids=[team.rui.id, team.marta.id])
    with store.writing(team.rui) as tx:
        changed = queries.edit(tx, cities.id, team_id=south)
        assert (changed.team_id, changed.team_name, changed.shared) == (south, "South", False)
    with store.reading(team.marta) as tx:
        assert queries.get(tx, cities.id).user_name == "Rui"
    with pytest.raises(NotFound), store.reading(team.ada) as tx:
        queries.get(tx, cities.id)
    with pytest.raises(NotFound):
        running.run_saved(store, team.ada, cities.id)
    for shared in ({"team_id": south, "shared": True}, {"team_id": south + 1}):
        with pytest.raises(Invalid) as refusal, store.writing(team.rui) as tx:
            queries.edit(tx, cities.id, **shared)
        assert refusal.value.field == "team_id"
    with store.writing(team.rui) as tx:
        everybodys = queries.edit(tx, cities.id, shared=True)
        assert (everybodys.shared, everybodys.team_id) == (True, None)
        again = queries.edit(tx, cities.id, team_id=south)
        assert (again.shared, again.team_id) == (False, south)
    with store.writing(team.ada) as tx:
        teams.change(tx, south, member_ids=[team.ada.id])
    with pytest.raises(NotFound), store.reading(team.marta) as tx:
        queries.get(tx, cities.id)
    with store.writing(team.rui) as tx:  # who left the team keeps what they shared with it
        assert queries.edit(tx, cities.id, name="Cities").team_id == south


def test_a_chart_is_saved_with_its_query(store: Store, team: Team, cities: SavedSql) -> None:
    assert cities.chart == Chart()
    chart = Chart(kind=ChartKind.BAR, x="name", aggregation=Aggregation.COUNT)
    with store.writing(team.rui) as tx:
        assert queries.edit(tx, cities.id, chart=chart).chart == chart
        assert queries.duplicate(tx, cities.id).chart == chart
    with pytest.raises(Invalid) as refusal, store.writing(team.rui) as tx:
        queries.edit(tx, cities.id, chart=Chart(kind=ChartKind.BAR))
    assert refusal.value.field == "chart.x"


def test_a_saved_query_runs_with_the_values_that_it_was_saved_with(store: Store, team: Team, cities: SavedSql) -> None:
    with store.writing(team.ana) as tx:
        for city in ("Recife", "Natal"):
            contacts.create(tx, name=f"Of {city}", city=city)
    saved, result = running.run_saved(store, team.rui, cities.id)
    assert (saved, result.table and result.table.to_pylist()) == (cities, [{"name": "Of Recife"}])
    _, other = running.run_saved(store, team.rui, cities.id, {"city": (ParameterType.TEXT, "Natal")})
    assert other.table is not None
    assert other.table.to_pylist() == [{"name": "Of Natal"}]
    with store.reading(team.rui) as tx:
        assert runs.latest(tx) == []


def test_saved_queries_are_for_those_who_may_run_sql(store: Store, team: Team, cities: SavedSql) -> None:
    with store.writing(team.rui) as tx:
        queries.edit(tx, cities.id, shared=True)
    for actor in (team.ana, team.vera):
        with pytest.raises(Forbidden), store.reading(actor) as tx:
            queries.all_of(tx)
        with pytest.raises(Forbidden), store.reading(actor) as tx:
            queries.get(tx, cities.id)
        with pytest.raises(Forbidden), store.writing(actor) as tx:
            queries.create(tx, name="Mine", sql="SELECT 1")
        with pytest.raises(Forbidden), store.reading(actor) as tx:
            runs.latest(tx)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"sql": ""}, "sql"),
        ({"parameters": (Parameter(name="a b"),)}, "parameters"),
        ({"parameters": (Parameter(name="a"), Parameter(name="a"))}, "parameters"),
        ({"parameters": (Parameter(name="a", type=ParameterType.DATE, value="soon"),)}, "parameters.a"),
    ],
)
def test_what_cannot_be_saved_is_refused_and_changes_nothing(
    store: Store, team: Team, cities: SavedSql, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal, store.writing(team.rui) as tx:
        queries.edit(tx, cities.id, **changes)
    assert refusal.value.field == field
    with store.reading(team.rui) as tx:
        assert queries.get(tx, cities.id) == cities


def test_a_shared_query_shows_each_what_they_may_see(store: Store, team: Team) -> None:
    owner_privacy(store, team)
    for actor in (team.ana, team.bob):
        with store.writing(actor) as tx:
            contacts.create(tx, name=f"Of {actor.name}", city="Recife")
    given = {"city": (ParameterType.TEXT, "Recife")}
    seen = {}
    for actor in (team.ana, team.bob, team.rui):
        reader = replace(actor, permissions=actor.permissions | {Permission.RUN_SQL})
        result = runs.run(store, reader, Query(f"{SQL} ORDER BY name", given))
        assert result.table is not None
        seen[actor.name] = result.table.column("name").to_pylist()
    assert seen == {"Ana": ["Of Ana"], "Bob": ["Of Bob"], "Rui": ["Of Ana", "Of Bob"]}


def test_runs_are_kept_for_whoever_ran_them_and_the_log_names_no_text(store: Store, team: Team) -> None:
    runs.run(store, team.rui, Query("SELECT name FROM contacts WHERE name = 'Lia Prado'"), saved_as=7)
    with pytest.raises(QueryRefused):
        runs.run(store, team.rui, Query("SELECT nothing FROM contacts"))
    with store.reading(team.rui) as tx:
        refused, done = runs.latest(tx)
        events = tx.rows("SELECT particulars FROM base.events WHERE name = 'sql_run.ended' ORDER BY seq")
    assert done.parameters == ()
    assert (done.state, done.result_rows, done.saved_as, done.message) == ("done", 0, 7, "")
    assert (refused.state, "nothing" in refused.message) == ("refused", True)
    assert '"views": ["contacts"]' in events[0]["particulars"].replace('":[', '": [')
    assert "Lia" not in "".join(event["particulars"] for event in events)
    with store.reading(team.ada) as tx:
        assert runs.latest(tx) == []
    assert verify(store) == []


def test_only_the_last_runs_are_kept(store: Store, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "KEPT", 2)
    for number in range(4):
        with store.writing(team.rui) as tx:
            runs._keep(tx, Query(f"SELECT {number}"), None, "done")
    with store.writing(team.marta) as tx:
        runs._keep(tx, Query("SELECT 9"), None, "done")
    with store.reading(team.rui) as tx:
        assert [run.sql for run in runs.latest(tx, 10)] == ["SELECT 3", "SELECT 2"]
