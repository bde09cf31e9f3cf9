"""The tiles: each has its report's figures, of what the reader may see."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from crm import contacts, deals, orders
from crm.dashboards import model, showing
from crm.dashboards.content import Content
from crm.dashboards.model import Tile
from crm.dashboards.tiles import OF_SOURCES, TYPES, Width
from crm.deals import agenda
from crm.foundation.access import Actor, Module
from crm.foundation.errors import Invalid, TooSlow
from crm.pipelines import Pipeline
from crm.platform import workspace
from crm.reports import attainment, bridge, closings, forecast, leaderboard, query, targets, velocity
from crm.reports.periods import Grain
from crm.reports.query import WEEK, ReportFilters
from crm.reports.scope import Scope
from crm.reports.targets import Span, Subject
from crm.store import Reading, Store
from tests.owner_privacy import owner_privacy
from tests.people import Team


def filters_of(tx: Reading, **address: str) -> ReportFilters:
    return query.parse(address, tx.today, period=model.PERIOD)


def shown(store: Store, actor: Actor, kind: str, address: Mapping[str, str] = {}) -> Content:
    with store.reading(actor) as tx:
        return showing.content(tx, Tile(kind=kind, width=Width.THIRD), filters_of(tx, **address))


def headline(content: Content) -> object:
    return content.metrics[0].amount


def asked(filters: ReportFilters) -> dict[str, object]:
    return {"period": filters.period, "grain": filters.grain, "scope": filters.scope}


@pytest.mark.parametrize("address", [{}, {"owner": "bob"}, {"period": "this-month"}])
def test_the_figures_are_those_of_the_reports(
    store: Store, team: Team, sales: Pipeline, address: dict[str, str]
) -> None:
    address = {name: str(team.ids.bob) if value == "bob" else value for name, value in address.items()}
    with store.reading(team.marta) as tx:
        filters = filters_of(tx, **address)
        forecasted = forecast.report(tx, **asked(filters))  # type: ignore[arg-type]
        closed = closings.report(tx, **asked(filters))  # type: ignore[arg-type]
        changed = bridge.report(tx, first=tx.today - WEEK, last=tx.today, scope=filters.scope)
        left, stalled = agenda.stalled(tx, agenda.Scope(user_id=filters.scope.owner_id))
    assert headline(shown(store, team.marta, "open_pipeline", address)) == forecasted.every_open.value
    assert forecasted.every_open.value == changed.end.amount
    assert headline(shown(store, team.marta, "won_target", address)) == forecasted.won.value
    assert headline(shown(store, team.marta, "win_rate", address)) == closed.rate.by_count
    assert headline(shown(store, team.marta, "cycle", address)) == closed.cycle.mean
    assert headline(shown(store, team.marta, "bridge", address)) == changed.difference
    assert headline(shown(store, team.marta, "stalled", address)) == stalled == len(left)


def test_open_deals_count_whenever_they_are_expected(store: Store, team: Team, sales: Pipeline) -> None:
    found = shown(store, team.marta, "open_pipeline")
    assert headline(found) == Decimal(23000)
    assert found.table
    assert [row[1] for row in found.table.rows] == ["1", "1", "2", "0", "4"]


def test_the_win_rate_has_its_interval_while_closings_are_few(store: Store, team: Team, sales: Pipeline) -> None:
    [metric] = shown(store, team.marta, "win_rate").metrics
    assert metric.text == "66.7%"
    assert metric.note == "2 won of 3 closed; 95 %: 20.8% to 93.9%"


def test_won_stands_against_the_target_of_the_filters(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.marta) as tx:
        month = Span(first=tx.today.replace(day=1), grain=Grain.MONTH)
        targets.set_target(tx, Subject(owner_id=team.ids.ana), month, 10_000)
        targets.set_target(tx, Subject(), month, 20_000)
    for owner, progress in ((team.ids.ana, 0.8), (None, 0.415)):
        address = {"period": "this-month"} | ({"owner": str(owner)} if owner else {})
        [metric] = shown(store, team.marta, "won_target", address).metrics
        assert metric.progress == pytest.approx(progress)
    quarter = shown(store, team.marta, "won_target")
    assert quarter.metrics[0].progress is None
    assert [metric.progress for metric in quarter.metrics if metric.label == "This month"] == [pytest.approx(0.415)]
    assert any("2 of 3 months have no target" in note for note in quarter.notes)


def test_the_leaderboard_has_the_figures_of_each_owner_alone(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.marta) as tx:
        deals.win(tx, deals.create(tx, title="Of nobody", pipeline_id=sales.id, value=1, owner_id=None).id)
        month = Span(first=tx.today.replace(day=1), grain=Grain.MONTH)
        targets.set_target(tx, Subject(owner_id=team.ids.ana), month, 10_000)
    with store.reading(team.marta) as tx:
        filters = filters_of(tx, period="this-month")
        found = leaderboard.report(tx, period=filters.period)
        assert [each.owner_name for each in found.standings][:2] == ["Ana", "Bob"]
        assert found.standings[0].attained == pytest.approx(0.8)
        for each in found.standings:
            own = {**asked(filters), "scope": Scope(owner_id=each.owner_id)}
            alone = forecast.report(tx, **own)  # type: ignore[arg-type]
            assert (each.won, each.open) == (alone.won, alone.every_open)
            assert each.rate == closings.report(tx, **own).rate  # type: ignore[arg-type]
            assert each.target == attainment.of(tx, alone).total.target
        whole = forecast.report(tx, **asked(filters))  # type: ignore[arg-type]
        assert sum(each.won.value for each in found.standings) == whole.won.value


@pytest.mark.parametrize("kind", TYPES)
def test_a_tile_shows_what_its_reader_may_see(store: Store, team: Team, sales: Pipeline, kind: str) -> None:
    everybodys = shown(store, team.marta, kind)
    assert shown(store, team.bob, kind) == everybodys or kind == "forecast_range"
    owner_privacy(store, team)
    assert shown(store, team.marta, kind) == everybodys
    bobs = str(shown(store, team.bob, kind))
    assert "8,000" not in bobs
    assert "Ana" not in bobs


def test_the_range_is_of_whole_pipelines_and_told_to_those_who_see_all(
    store: Store, team: Team, sales: Pipeline
) -> None:
    assert "no back-test yet" in shown(store, team.marta, "forecast_range").empty
    assert "never of one owner" in shown(store, team.marta, "forecast_range", {"owner": "1"}).empty
    owner_privacy(store, team)
    assert "everybody’s deals" in shown(store, team.ana, "forecast_range").empty


@pytest.mark.parametrize("kind", [kind for kind in TYPES if kind not in OF_SOURCES])
def test_an_empty_store_has_tiles_that_say_so(store: Store, team: Team, kind: str) -> None:
    found = shown(store, team.marta, kind)
    assert found.empty or found.metrics


def test_a_tile_that_is_refused_says_why_in_its_place(
    store: Store, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(tx: Reading, filters: ReportFilters) -> Content:
        raise TooSlow(30)

    monkeypatch.setitem(TYPES, "cycle", replace(TYPES["cycle"], read=slow))
    assert str(TooSlow(30)) == shown(store, team.marta, "cycle").empty


def test_every_headline_opens_the_deals_that_it_counts(store: Store, team: Team, sales: Pipeline) -> None:
    with store.reading(team.marta) as tx:
        filters = filters_of(tx)
        for kind in ("won_target", "win_rate", "cycle"):
            [cell, *_] = [metric.cell for metric in shown(store, team.marta, kind).metrics]
            assert showing.behind(tx, filters, cell)(tx, 50, 0).count == 2
        reached = showing.behind(tx, filters, f"conversion/reached:{sales.stages[0].id}")
        assert reached(tx, 50, 0).count == 7
        for wrong in ("", "forecast/x", "sums/won", "changes/new"):
            with pytest.raises(Invalid):
                showing.behind(tx, filters, wrong)


def test_the_velocity_has_its_terms_and_opens_their_deals(store: Store, team: Team, sales: Pipeline) -> None:
    found = shown(store, team.marta, "velocity")
    with store.reading(team.marta) as tx:
        filters = filters_of(tx)
        assert headline(found) == velocity.report(tx, scope=filters.scope).per_day
        assert [metric.amount for metric in found.metrics[1:]] == [4, pytest.approx(2 / 3), Decimal(4150), 1.0]
        opened = [showing.behind(tx, filters, each.cell)(tx, 50, 0).count for each in found.metrics if each.cell]
        assert opened == [4, 1, 2]
        with pytest.raises(Invalid):
            showing.behind(tx, filters, "velocity/x")


def test_what_new_and_returning_customers_bring(store: Store, team: Team) -> None:
    assert "switched off" in shown(store, team.marta, "customers").empty
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, True)
        lia, rui = (contacts.create(tx, name=name).id for name in ("Lia", "Rui"))
    assert shown(store, team.marta, "customers").empty == "Nothing was bought in the period."
    with store.writing(team.ada) as tx:
        for contact, value in ((lia, 100), (lia, 250), (rui, 50)):
            orders.create(tx, title="Lamp", value=value, contact_id=contact)
    found = shown(store, team.marta, "customers")
    assert headline(found) == Decimal(400)
    assert found.metrics[0].note == "62.5% of it from returning customers"
    assert found.chart
    assert {series.name: sum(value or 0 for value in series.values) for series in found.chart.series} == {
        "Returning": 250,
        "New": 150,
    }


def test_links_carry_the_filters_that_a_report_takes() -> None:
    address = {"owner": "3", "period": "this-month", "cell": "won", "pipeline": "1"}
    tile = Tile(kind="win_rate", width=Width.THIRD)
    assert showing.report_query(tile, address) == {"owner": "3", "period": "this-month", "pipeline": "1"}
    assert showing.csv_path(tile, {"period": "this-month"}) == "/reports/win-rate.csv?period=this-month"
    bridged = Tile(kind="bridge", width=Width.HALF)
    assert showing.report_query(bridged, address) == {"owner": "3", "pipeline": "1"}
    assert showing.csv_path(Tile(kind="stalled", width=Width.HALF), address) == ""


def test_tiles_stand_in_rows_as_they_fit() -> None:
    third, half, full = (Tile(kind="cycle", width=width) for width in Width)
    assert model.rows([third, third, third, half, third, full, half]) == [
        [third, third, third],
        [half, third],
        [full],
        [half],
    ]
    assert model.rows([]) == []
