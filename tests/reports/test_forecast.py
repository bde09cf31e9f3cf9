"""The forecast, case by case. Today is 15 March 2026; Lead is worth 25 %, Talk 50 %, Offer 75 %."""

from datetime import date
from decimal import Decimal

import pytest

from crm import deals, pipelines
from crm.foundation.access import Module
from crm.foundation.errors import Invalid, ModuleOff
from crm.pipelines import Category, Pipeline
from crm.platform import rates
from crm.reports import forecast
from crm.reports.amounts import RateUsed
from crm.reports.forecast import Cell, Figure, Forecast, State
from crm.reports.periods import Grain, Period
from crm.reports.scope import Scope
from crm.store import Store
from tests.people import Team
from tests.reports.conftest import Days

TODAY = "2026-03-15"
QUARTER = Period(first=date(2026, 3, 1), end=date(2026, 6, 1))


@pytest.fixture(autouse=True)
def _today(days: Days) -> None:
    days.go_to(TODAY)


def make(store: Store, team: Team, sales: Pipeline, **fields: object) -> int:
    with store.writing(team.ana) as tx:
        given = {"title": "Chairs", "pipeline_id": sales.id, "value": 1000, **fields}
        return deals.create(tx, **given).id  # type: ignore[arg-type]


def ahead(store: Store, team: Team, **asked: object) -> Forecast:
    with store.reading(team.marta) as tx:
        return forecast.report(tx, **{"period": QUARTER, "grain": Grain.MONTH, **asked})  # type: ignore[arg-type]


def test_an_open_deal_counts_in_the_month_it_is_expected_to_close_by_its_stages_probability(
    store: Store, team: Team, sales: Pipeline
) -> None:
    make(store, team, sales, value="1000.01", expected_close=date(2026, 4, 30))
    make(store, team, sales, expected_close=date(2026, 5, 1), stage_id=sales.stages[2].id)
    march, april, may = ahead(store, team).buckets
    assert march.open == Figure()
    assert april.open == Figure(count=1, value=Decimal("1000.01"), weighted=Decimal("250.0025"))
    assert may.open == Figure(count=1, value=Decimal(1000), weighted=Decimal(750))
    assert may.expected == 750


def test_a_stage_that_is_worth_nothing_weighs_nothing(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.marta) as tx:
        pipelines.set_probability(tx, sales.stages[0].id, Decimal(0))
    make(store, team, sales, expected_close=date(2026, 4, 30))
    assert ahead(store, team).open == Figure(count=1, value=Decimal(1000), weighted=Decimal(0))


def test_overdue_and_undated_deals_are_never_in_the_current_month(store: Store, team: Team, sales: Pipeline) -> None:
    make(store, team, sales, expected_close=date(2026, 3, 14))
    make(store, team, sales, value=10, expected_close=None)
    make(store, team, sales, value=7, expected_close=date(2026, 3, 15))
    report = ahead(store, team)
    assert report.buckets[0].open.value == 7
    assert (report.overdue.value, report.undated.value) == (1000, 10)
    assert report.outside == Figure()


def test_deals_beyond_the_period_stand_outside_it(store: Store, team: Team, sales: Pipeline) -> None:
    make(store, team, sales, expected_close=date(2026, 6, 1))
    later = Period(first=date(2026, 7, 1), end=date(2026, 8, 1))
    assert ahead(store, team).outside.count == 1
    assert ahead(store, team, period=later).outside.count == 1
    assert ahead(store, team).open.count == 0


def test_won_counts_whole_on_its_closing_day_and_lost_counts_nothing(store: Store, team: Team, sales: Pipeline) -> None:
    won, lost, before, reopened = (make(store, team, sales, expected_close=date(2026, 5, 10)) for _ in range(4))
    with store.writing(team.ada) as tx:
        tx.run("UPDATE base.deals SET created_at = created_at - INTERVAL 60 DAY")
        for moment in ("happened_at", "known_at"):
            tx.run(f"UPDATE base.stage_events SET {moment} = {moment} - INTERVAL 60 DAY")
    with store.writing(team.ana) as tx:
        deals.win(tx, won, on=date(2026, 3, 1))
        deals.lose(tx, lost, note="Too dear")
        deals.win(tx, before, on=date(2026, 2, 28))
        deals.win(tx, reopened)
        deals.reopen(tx, reopened)
    march, _, may = ahead(store, team).buckets
    assert march.won == Figure(count=1, value=Decimal(1000), weighted=Decimal(1000))
    assert may.open.count == 1
    assert (march.expected, may.expected) == (1000, 250)


def test_a_deal_without_a_value_counts_and_adds_nothing(store: Store, team: Team, sales: Pipeline) -> None:
    make(store, team, sales, value=None, expected_close=date(2026, 4, 1))
    make(store, team, sales, value=0, expected_close=date(2026, 4, 1))
    assert ahead(store, team).open == Figure(count=2, valueless=1)


def test_without_rates_currencies_are_never_added_and_those_left_out_are_told(
    store: Store, team: Team, sales: Pipeline
) -> None:
    for currency in ("BRL", "USD", "EUR", "EUR"):
        make(store, team, sales, currency=currency, expected_close=date(2026, 4, 1))
    report = ahead(store, team)
    assert (report.currency, report.open.value) == ("BRL", 1000)
    assert report.left_out == {"EUR": 2, "USD": 1}
    euros = ahead(store, team, currency="eur")
    assert (euros.currency, euros.open.value, euros.left_out) == ("EUR", 2000, {"BRL": 1, "USD": 1})
    with pytest.raises(Invalid):
        ahead(store, team, currency="XXQ")


def set_rates(store: Store, team: Team, **by_day: str) -> None:
    """Of the dollar, such as march_10="5"."""
    with store.writing(team.ada) as tx:
        for day, rate in by_day.items():
            month, number = day.split("_")
            rates.set_rate(tx, "USD", date(2026, ("january", "february", "march").index(month) + 1, int(number)), rate)


def test_amounts_in_other_currencies_are_added_at_the_rate_of_today(store: Store, team: Team, sales: Pipeline) -> None:
    for currency, value in (("BRL", 1000), ("USD", "10.01"), ("USD", None), ("EUR", 7)):
        make(store, team, sales, currency=currency, value=value, expected_close=date(2026, 4, 1))
    set_rates(store, team, march_2="4", march_10="5.125")
    report = ahead(store, team)
    # 10.01 x 5.125 = 51.30125, rounded to the cent before a quarter of it is taken.
    assert report.open == Figure(count=3, value=Decimal("1051.30"), weighted=Decimal("262.825"), valueless=1)
    assert report.rates == [RateUsed(currency="USD", rate=Decimal("5.125"), day=date(2026, 3, 10), deals=2)]
    assert report.left_out == {"EUR": 1}


def test_one_currency_that_is_chosen_stands_alone_whatever_rates_there_are(
    store: Store, team: Team, sales: Pipeline
) -> None:
    for currency in ("BRL", "USD"):
        make(store, team, sales, currency=currency, expected_close=date(2026, 4, 1))
    set_rates(store, team, march_10="5")
    for chosen, other in (("BRL", "USD"), ("USD", "BRL")):
        report = ahead(store, team, currency=chosen)
        assert (report.currency, report.open.count, report.open.value) == (chosen, 1, 1000)
        assert (report.rates, report.left_out) == ([], {other: 1})


def test_won_deals_count_at_the_rate_of_their_closing_day_and_open_ones_at_that_of_the_day_asked(
    store: Store, team: Team, sales: Pipeline, days: Days
) -> None:
    days.go_to("2026-02-20")
    won, _ = (make(store, team, sales, currency="USD", expected_close=date(2026, 4, 1)) for _ in range(2))
    with days.on("2026-03-05", team.ana) as tx:
        deals.win(tx, won)
    days.go_to(TODAY)
    set_rates(store, team, february_1="3", march_2="4", march_10="5")
    report = ahead(store, team)
    assert (report.won.value, report.open.value, report.open.weighted) == (4000, 5000, 1250)
    assert [(used.rate, used.day.day, used.deals) for used in report.rates] == [(4, 2, 1), (5, 10, 1)]
    then = ahead(store, team, scope=Scope(as_of=date(2026, 2, 25)))
    assert (then.won.count, then.open.value) == (0, 6000)
    # On March 5th a rate of January 31st is older than a rate may be.
    with store.writing(team.ada) as tx:
        rates.delete(tx, "USD", date(2026, 2, 1))
        rates.delete(tx, "USD", date(2026, 3, 2))
        rates.set_rate(tx, "USD", date(2026, 1, 31), 9)
    assert (ahead(store, team).won.count, ahead(store, team).left_out) == (0, {"USD": 1})


def test_the_deals_behind_a_converted_figure_show_their_own_amounts_and_sum_to_it(
    store: Store, team: Team, sales: Pipeline
) -> None:
    for currency, value in (("BRL", 300), ("USD", 100), ("EUR", 7)):
        make(store, team, sales, currency=currency, value=value)
    set_rates(store, team, march_10="5")
    with store.reading(team.marta) as tx:
        report = forecast.report(tx, period=QUARTER, grain=Grain.MONTH)
        behind = forecast.drill_down(tx, report, Cell(state=State.UNDATED))
    assert [(one.currency, one.value, one.weighted, one.converted, one.rate, one.rated_on) for one in behind.items] == [
        ("USD", 100, 25, 500, 5, date(2026, 3, 10)),
        ("BRL", 300, 75, None, None, None),
    ]
    assert [(one.currency, one.count, one.value, one.weighted) for one in behind.sums] == [("BRL", 2, 800, 200)]
    assert (report.undated.value, report.undated.weighted) == (800, 200)


def test_months_without_deals_are_zero_and_quarters_hold_three_months(
    store: Store, team: Team, sales: Pipeline
) -> None:
    make(store, team, sales, expected_close=date(2026, 4, 1))
    make(store, team, sales, expected_close=date(2026, 5, 31))
    year = Period(first=date(2026, 1, 1), end=date(2027, 1, 1))
    assert [bucket.open.count for bucket in ahead(store, team).buckets] == [0, 1, 1]
    assert [bucket.open.count for bucket in ahead(store, team, period=year, grain=Grain.QUARTER).buckets] == [
        0,
        2,
        0,
        0,
    ]


def test_today_is_the_workspaces_day(store: Store, team: Team, sales: Pipeline, days: Days) -> None:
    """At noon in UTC it is the 16th in Kiritimati, so what was expected on the 15th is overdue there."""
    make(store, team, sales, expected_close=date(2026, 3, 15))
    assert ahead(store, team).overdue.count == 0
    with store.writing(team.ada) as tx:
        tx.run("UPDATE base.workspace SET time_zone = 'Pacific/Kiritimati'")
    assert ahead(store, team).overdue.count == 1


def test_pipeline_owner_team_and_source_narrow_it(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.marta) as tx:
        other = pipelines.create(tx, "Renewals", ["Due"])
    make(store, team, sales)
    make(store, team, sales, pipeline_id=other.id, owner_id=team.ids.bob, source="fair")
    assert ahead(store, team).undated.count == 2
    for scope in (
        Scope(pipeline_ids=(other.id,)),
        Scope(owner_id=team.ids.bob),
        Scope(source="fair"),
        Scope(pipeline_ids=(sales.id, other.id), source="fair"),
    ):
        assert ahead(store, team, scope=scope).undated.count == 1
    assert ahead(store, team, scope=Scope(team_id=3)).is_empty


def test_under_owner_privacy_a_reps_forecast_counts_only_their_deals(store: Store, team: Team, sales: Pipeline) -> None:
    mine = make(store, team, sales)
    make(store, team, sales, owner_id=team.ids.bob, currency="USD")
    with store.writing(team.ada) as tx:
        tx.run("UPDATE base.workspace SET owner_privacy = true")
    with store.reading(team.ana) as tx:
        report = forecast.report(tx, period=QUARTER, grain=Grain.MONTH)
        assert (report.undated.count, report.left_out) == (1, {})
        behind = forecast.drill_down(tx, report, Cell(state=State.UNDATED))
        assert [item.id for item in behind.items] == [mine]
    with store.reading(team.bob) as tx:
        assert forecast.report(tx, period=QUARTER, grain=Grain.MONTH).undated.count == 0
        assert forecast.drill_down(tx, report, Cell(state=State.UNDATED)).items == []
    assert ahead(store, team).left_out == {"USD": 1}


def test_the_deals_behind_a_figure_come_largest_first_a_page_at_a_time(
    store: Store, team: Team, sales: Pipeline
) -> None:
    for value in (5, None, 20, 10):
        make(store, team, sales, value=value)
    with store.reading(team.marta) as tx:
        report = forecast.report(tx, period=QUARTER, grain=Grain.MONTH)
        undated = Cell(state=State.UNDATED)
        first = forecast.drill_down(tx, report, undated, limit=3)
        second = forecast.drill_down(tx, report, undated, limit=3, offset=3)
    assert [item.value for item in first.items] == [20, 10, 5]
    assert [item.value for item in second.items] == [None]
    for page in (first, second):
        assert (page.count, page.sums[0].value) == (4, 35)


def test_there_is_no_forecast_without_the_module(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        tx.run("UPDATE base.modules SET enabled = false WHERE module = $crm", crm=Module.CRM.value)
    with pytest.raises(ModuleOff):
        ahead(store, team)


@pytest.mark.parametrize("code", ["open:", "open", "won:2026-03-01", "overdue"])
def test_a_code_names_its_figure(code: str) -> None:
    assert str(Cell.parse(code)) == code.rstrip(":")


@pytest.mark.parametrize("code", ["", "lost", "won:March", "open:2026-13-01"])
def test_a_code_that_names_no_figure_is_refused(code: str) -> None:
    with pytest.raises(Invalid):
        Cell.parse(code)


def test_open_deals_by_category_and_what_managers_call_commit_and_best_case(
    store: Store, team: Team, days: Days, sales: Pipeline
) -> None:
    lead, talk, offer = sales.open_stages  # pipeline, best case, commit
    with days.on("2026-03-05", team.marta) as tx:
        for value, stage, own in [
            (1, lead, None),
            (2, talk, None),
            (4, offer, None),
            (8, lead, "commit"),
            (16, offer, "omitted"),
        ]:
            deals.create(
                tx, title=str(value), pipeline_id=sales.id, stage_id=stage.id, value=value, own_category=own,
                expected_close=date(2026, 3, 20),
            )  # fmt: skip
        deals.create(tx, title="Later", pipeline_id=sales.id, value=64, expected_close=date(2026, 9, 1))
        deals.win(tx, deals.create(tx, title="Won", pipeline_id=sales.id, value=32).id)
    with store.reading(team.marta) as tx:
        report = forecast.report(tx, period=QUARTER, grain=Grain.MONTH)
        assert {category: figure.value for category, figure in report.categories.items()} == {
            "commit": 12, "best_case": 2, "pipeline": 1, "omitted": 16
        }  # fmt: skip
        assert (report.at_least(Category.COMMIT).value, report.at_least(Category.BEST_CASE).value) == (44, 46)
        assert sum(figure.value for figure in report.categories.values()) == report.open.value
        for category, figure in report.categories.items():
            cell = forecast.Cell.parse(f"category:{category}")
            behind = forecast.drill_down(tx, report, cell)
            assert str(cell) == f"category:{category}"
            assert sum(item.value or 0 for item in behind.items) == figure.value
    with pytest.raises(Invalid):
        forecast.Cell.parse("category:closed")
