"""The tile of a saved query: each reader's answer is kept for as long as nothing that it was read from changes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm import contacts, deals
from crm.dashboards import model, showing, sources
from crm.dashboards.content import Content
from crm.dashboards.model import Tile
from crm.dashboards.tiles import Width
from crm.foundation import clock
from crm.foundation.access import Actor, Permission
from crm.pipelines import Pipeline
from crm.platform import process
from crm.records import attributes, segments
from crm.records.filters import Rule
from crm.reports import query
from crm.store import Store
from crm.workbench import queries, running
from crm.workbench.charting import Chart, ChartKind
from crm.workbench.queries import SavedSql
from crm.workbench.running import TooManyQueries, Workbench
from tests.owner_privacy import owner_privacy
from tests.people import Team
from tests.workbench.conftest import pool, workbench

__all__ = ["pool", "workbench"]

NUMBER = Chart(kind=ChartKind.NUMBER, ys=("n",))


@pytest.fixture(autouse=True)
def runs(store: Store, workbench: Workbench, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that ran, in their order."""
    process.use(store)
    monkeypatch.setattr(sources, "KEPT_SECONDS", 10**12)  # no test crosses from one stretch into the next
    ran: list[str] = []
    run = workbench.run

    def noted(actor: Actor, wanted: running.Query, *args: Any, **named: Any) -> running.Result:
        ran.append(wanted.sql)
        return run(actor, wanted, *args, **named)

    monkeypatch.setattr(workbench, "run", noted)
    monkeypatch.setattr(running, "of", lambda _: workbench)
    return ran


Save = Callable[..., SavedSql]


@pytest.fixture
def save(store: Store, team: Team) -> Save:
    """Save a query of Rui's that everybody who may run SQL finds."""

    def saved(sql: str, chart: Chart = NUMBER) -> SavedSql:
        with store.writing(team.rui) as tx:
            return queries.create(tx, name=sql[:80], sql=sql, chart=chart, shared=True)

    return saved


def shown(store: Store, actor: Actor, saved: SavedSql) -> Content:
    with store.reading(actor) as tx:
        tile = Tile(kind="sql", width=Width.HALF, source_id=saved.id)
        return showing.content(tx, tile, query.parse({}, tx.today, period=model.PERIOD))


def figure(store: Store, actor: Actor, saved: SavedSql) -> object:
    return shown(store, actor, saved).metrics[0].amount


def test_it_runs_again_only_once_what_it_read_has_changed(
    store: Store, team: Team, sales: Pipeline, save: Save, runs: list[str]
) -> None:
    saved = save("SELECT count(*) AS n FROM contacts")
    beside = save("SELECT count(*) + 100 AS n FROM contacts")  # of the same rows, kept since the first ran
    assert [figure(store, team.rui, each) for each in (saved, beside, saved, beside)] == [0, 100, 0, 100]
    assert len(runs) == 2
    with store.writing(team.ana) as tx:
        deals.create(tx, title="Of another table", pipeline_id=sales.id)
    assert [figure(store, team.rui, each) for each in (saved, beside)] == [0, 100]
    assert len(runs) == 2
    with store.writing(team.ana) as tx:
        lia = contacts.create(tx, name="Lia")
    assert [figure(store, team.rui, each) for each in (saved, beside)] == [1, 101]
    with store.writing(team.ana) as tx:
        contacts.delete(tx, lia.id)
    assert [figure(store, team.rui, each) for each in (beside, saved)] == [100, 0]
    with store.writing(team.rui) as tx:
        queries.edit(tx, saved.id, sql="SELECT 7 AS n")
    assert figure(store, team.rui, saved) == 7


def test_members_of_a_segment_and_columns_of_the_team_are_those_of_now(store: Store, team: Team, save: Save) -> None:
    with store.writing(team.rui) as tx:
        segment = segments.create(tx, kind="contacts", name="L", filter=Rule(field="name", op="contains", value="L"))
    members = save("SELECT count(*) AS n FROM segment_members")
    columns = save("SELECT * FROM contacts", Chart())
    assert figure(store, team.rui, members) == 0
    with store.writing(team.ana) as tx:
        contacts.create(tx, name="Lia")
        contacts.create(tx, name="Zoe")
    assert figure(store, team.rui, members) == 1
    table = shown(store, team.rui, columns).table
    assert table
    assert "attribute_plan" not in {column.name for column in table.columns}
    with store.writing(team.rui) as tx:
        segments.edit(tx, segment.id, filter=Rule(field="name", op="is_not_empty"))
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="contact", name="Plan", type="text")
    assert figure(store, team.rui, members) == 2
    table = shown(store, team.rui, columns).table
    assert table
    assert "attribute_plan" in {column.name for column in table.columns}


def test_each_has_the_answer_of_what_they_see_and_only_while_they_may(
    store: Store, team: Team, save: Save, runs: list[str]
) -> None:
    saved = save("SELECT count(*) AS n FROM contacts")
    for actor, count in ((team.ana, 1), (team.bob, 2)):
        with store.writing(actor) as tx:
            for number in range(count):
                contacts.create(tx, name=f"{number} of {actor.name}")
    ana, bob = (replace(each, permissions=each.permissions | {Permission.RUN_SQL}) for each in (team.ana, team.bob))
    assert [figure(store, each, saved) for each in (ana, bob, team.rui)] == [3, 3, 3]
    owner_privacy(store, team)
    ana, bob = (replace(each, sees_everything=False) for each in (ana, bob))
    assert [figure(store, each, saved) for each in (ana, bob, team.rui, ana, bob, team.rui)] == [1, 2, 3, 1, 2, 3]
    assert len(runs) == 5  # what Rui sees is what he saw
    assert "may not run SQL" in shown(store, team.ana, saved).empty
    with store.writing(team.rui) as tx:
        queries.edit(tx, saved.id, shared=False)
    assert "There is no such saved query" in shown(store, ana, saved).empty
    assert figure(store, team.rui, saved) == 3


def test_a_query_that_cannot_run_is_not_tried_at_each_look(
    store: Store, team: Team, save: Save, runs: list[str]
) -> None:
    saved = save("SELECT nothing AS n FROM contacts")
    assert "nothing" in shown(store, team.rui, saved).empty
    assert shown(store, team.rui, saved).empty == shown(store, team.rui, saved).empty
    assert len(runs) == 1


def test_a_query_for_which_there_was_no_room_is_tried_again(
    store: Store, team: Team, save: Save, workbench: Workbench
) -> None:
    saved = save("SELECT count(*) AS n FROM contacts")
    workbench.limits = replace(workbench.limits, at_once=0)
    assert shown(store, team.rui, saved).empty == str(TooManyQueries(0))
    workbench.limits = replace(workbench.limits, at_once=2)
    assert figure(store, team.rui, saved) == 0


def test_a_query_that_asks_the_clock_runs_again_after_a_while(
    store: Store, team: Team, save: Save, runs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "KEPT_SECONDS", 300)
    saved = save("SELECT random() AS n")
    moment = clock.now().replace(minute=0, second=0)
    for after, ran in ((1, 1), (sources.KEPT_SECONDS - 1, 1), (sources.KEPT_SECONDS, 2)):
        monkeypatch.setattr(clock, "now", lambda after=after: moment + timedelta(seconds=after))
        shown(store, team.rui, saved)
        assert len(runs) == ran
