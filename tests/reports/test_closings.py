"""Win rate, cycle, reasons and reversals, case by case. Today is 15 March 2026."""

from datetime import date
from decimal import Decimal

import pytest

from crm import deals
from crm.foundation.errors import Invalid
from crm.pipelines import Pipeline
from crm.platform import rates
from crm.platform.people import teams
from crm.reports import closings, conversion, forecast
from crm.reports.closings import Cell, Closings, Cycle, Result
from crm.reports.periods import Grain, Period
from crm.reports.scope import Scope
from crm.store import Store
from tests.people import Team
from tests.reports.conftest import Days

QUARTER = Period(first=date(2026, 1, 1), end=date(2026, 4, 1))


@pytest.fixture(autouse=True)
def _today(days: Days) -> None:
    days.go_to("2026-01-10")


def make(store: Store, team: Team, sales: Pipeline, **fields: object) -> int:
    with store.writing(team.ana) as tx:
        given = {"title": "Chairs", "pipeline_id": sales.id, "value": 1000, **fields}
        return deals.create(tx, **given).id  # type: ignore[arg-type]


def win(days: Days, team: Team, deal: int, day: str) -> None:
    with days.on(day, team.ana) as tx:
        deals.win(tx, deal)


def lose(days: Days, team: Team, deal: int, day: str, reason: str = "") -> None:
    with days.on(day, team.ana) as tx:
        reasons = {each.name: each.id for each in deals.close_reasons(tx, "lost")}
        deals.lose(tx, deal, reason_id=reasons.get(reason), note=None if reason else "They went quiet")


def closed(store: Store, team: Team, **asked: object) -> Closings:
    with store.reading(team.marta) as tx:
        return closings.report(tx, **{"period": QUARTER, "grain": Grain.MONTH, **asked})  # type: ignore[arg-type]


def test_the_win_rate_is_won_of_won_and_lost_by_count_and_by_value(
    store: Store, team: Team, sales: Pipeline, days: Days
) -> None:
    first, second, third, _ = (make(store, team, sales, value=value) for value in (100, 200, 700, 9000))
    win(days, team, first, "2026-02-01")
    win(days, team, second, "2026-02-02")
    lose(days, team, third, "2026-03-03")
    rate = closed(store, team).rate
    assert (rate.by_count, rate.by_value) == (pytest.approx(2 / 3), pytest.approx(0.3))
    january, february, march = (bucket.rate for bucket in closed(store, team).buckets)
    assert (january.by_count, february.by_count, march.by_count) == (None, 1, 0)
    assert (january.by_value, january.interval) == (None, None)


def test_by_value_is_unknown_where_lost_deals_carry_no_value(
    store: Store, team: Team, sales: Pipeline, days: Days
) -> None:
    win(days, team, make(store, team, sales), "2026-02-01")
    assert closed(store, team).rate.by_value == 1
    for value in (None, 0):
        lose(days, team, make(store, team, sales, value=value), "2026-02-01")
    rate = closed(store, team).rate
    assert (rate.by_value, rate.lost.valueless) == (None, 2)
    assert rate.by_count == pytest.approx(1 / 3)
    lose(days, team, make(store, team, sales, value=10), "2026-02-01")
    rate = closed(store, team).rate
    assert (rate.by_value, rate.why_not_by_value) == (None, "2 of 3 lost deals carry no value")


def rated(won: tuple[int, int], lost: tuple[int, int]) -> closings.WinRate:
    """Of so many (with a value of 100, without one)."""
    return closings.WinRate(
        **{
            name: closings.Closed(count=valued + none, value=Decimal(100 * valued), valued=valued, valueless=none)
            for name, (valued, none) in (("won", won), ("lost", lost))
        }
    )


@pytest.mark.parametrize(
    ("won", "lost", "by_value", "why"),
    [
        ((99, 0), (1, 99), None, "99 of 100 lost deals carry no value"),
        ((60, 0), (36, 4), 60 / 96, None),
        ((60, 0), (35, 5), None, "5 of 40 lost deals carry no value"),
        ((1, 99), (100, 0), None, "99 of 100 won deals carry no value"),
        ((3, 0), (0, 0), 1, None),
        ((0, 0), (3, 0), 0, None),
        ((0, 0), (0, 0), None, "nothing was closed"),
    ],
)
def test_by_value_is_told_where_nearly_all_carry_a_value(
    won: tuple[int, int], lost: tuple[int, int], by_value: float | None, why: str | None
) -> None:
    rate = rated(won, lost)
    assert (rate.by_value, rate.why_not_by_value) == (by_value, why)


def test_by_value_speaks_of_no_currency_that_only_won_deals_are_in(
    store: Store, team: Team, sales: Pipeline, days: Days
) -> None:
    win(days, team, make(store, team, sales), "2026-02-01")
    lose(days, team, make(store, team, sales, currency="USD"), "2026-02-01")
    rate = closed(store, team).rate
    assert (rate.by_value, rate.why_not_by_value) == (None, "no lost deal is in this currency")


@pytest.mark.parametrize(
    ("won", "of", "low", "high"),
    [(1, 1, 0.2065, 1), (0, 10, 0, 0.2775), (5, 10, 0.2366, 0.7634), (63, 99, 0.5382, 0.7244)],
)
def test_the_interval_is_wilsons(won: int, of: int, low: float, high: float) -> None:
    assert closings.wilson(won, of) == pytest.approx((low, high), abs=5e-5)


def test_from_a_hundred_closings_on_the_rate_stands_alone() -> None:
    few, many = (closings.WinRate(won=closings.Closed(count=won), lost=closings.Closed(count=49)) for won in (50, 51))
    assert few.interval is not None
    assert many.interval is None


def test_a_reopened_deal_counts_at_its_last_close_and_the_earlier_is_a_reversal(
    store: Store, team: Team, sales: Pipeline, days: Days
) -> None:
    deal = make(store, team, sales)
    lose(days, team, deal, "2026-02-01")
    with days.on("2026-02-05", team.ana) as tx:
        deals.reopen(tx, deal)
    assert closed(store, team).rate.closings == 0
    win(days, team, deal, "2026-03-02")
    report = closed(store, team)
    assert (report.rate.won.count, report.rate.lost.count) == (1, 0)
    (reversal,) = report.reversals
    assert (reversal.deal_id, reversal.result) == (deal, Result.LOST)
    assert (reversal.closed_on, reversal.taken_back_on) == (date(2026, 2, 1), date(2026, 2, 5))
    march = Period(first=date(2026, 3, 1), end=date(2026, 4, 1))
    assert closed(store, team, period=march).reversals == []


def test_a_deal_closed_the_other_way_is_a_reversal_too(store: Store, team: Team, sales: Pipeline, days: Days) -> None:
    deal = make(store, team, sales)
    win(days, team, deal, "2026-02-01")
    lose(days, team, deal, "2026-02-03")
    report = closed(store, team)
    assert (report.rate.won.count, report.rate.lost.count) == (0, 1)
    assert [reversal.result for reversal in report.reversals] == [Result.WON]


MARCH = Period(first=date(2026, 3, 1), end=date(2026, 4, 1))


def test_a_value_that_is_corrected_after_the_closing_changes_no_past_figure(
    store: Store, team: Team, sales: Pipeline, days: Days
) -> None:
    """Won at 1,000 and lost 40: 96.2 % by value, whatever the deal is said to be worth a month later."""
    deal = make(store, team, sales)
    win(days, team, deal, "2026-03-05")
    lose(days, team, make(store, team, sales, value=40), "2026-03-06")
    with days.on("2026-04-10", team.ana) as tx:
        deals.edit(tx, deal, value=5000, currency="USD")
    report = closed(store, team, period=MARCH)
    assert report.rate.by_value == pytest.approx(1000 / 1040)
    assert (report.rate.won.value, report.left_out) == (1000, {})
    with store.reading(team.marta) as tx:
        behind = closings.drill_down(tx, report, Cell(result=Result.WON))
        ahead = forecast.report(tx, period=MARCH, grain=Grain.MONTH)
        won = forecast.drill_down(tx, ahead, forecast.Cell(state=forecast.State.WON))
    assert [(each.currency, each.value) for each in behind.sums] == [("BRL", 1000)]
    assert [(item.currency, item.value) for item in behind.items] == [("BRL", 1000)]
    assert (ahead.won.value, [item.value for item in won.items]) == (1000, [1000])


def test_a_closing_is_credited_to_the_owner_and_team_that_it_had(
    store: Store, team: Team, sales: Pipeline, days: Days
) -> None:
    with store.writing(team.ada) as tx:
        north = teams.create(tx, "North")
    deal = make(store, team, sales, team_id=north.id)
    win(days, team, deal, "2026-03-05")
    with days.on("2026-04-10", team.marta) as tx:
        deals.edit(tx, deal, owner_id=team.ids.bob, team_id=None)
    for scope, won in (
        (Scope(owner_id=team.ids.ana), 1),
        (Scope(team_id=north.id), 1),
        (Scope(owner_id=team.ids.bob), 0),
    ):
        report = closed(store, team, period=MARCH, scope=scope)
        assert report.rate.won.count == won
        with store.reading(team.marta) as tx:
            behind = closings.drill_down(tx, report, Cell(result=Result.WON))
            assert [item.owner_name for item in behind.items] == ["Ana"] * won
            assert forecast.report(tx, period=MARCH, grain=Grain.MONTH, scope=scope).won.count == won
            funnel = conversion.report(tx, pipeline_id=sales.id, period=QUARTER, scope=scope)
            assert funnel.won == won


def test_a_back_dated_closing_and_its_reversal_lie_in_the_month_of_their_days(
    store: Store, team: Team, sales: Pipeline, days: Days
) -> None:
    """Recorded on 3 March as lost on 20 February, and won on 5 March: taken back on that day, six days in Lead."""
    days.go_to("2026-02-14")
    deal = make(store, team, sales)
    with days.on("2026-03-03", team.ana) as tx:
        deals.lose(tx, deal, on=date(2026, 2, 20), note="Silence")
    with days.on("2026-03-05", team.ana) as tx:
        deals.reopen(tx, deal)
    february = Period(first=date(2026, 2, 1), end=date(2026, 3, 1))
    (reversal,) = closed(store, team, period=february).reversals
    assert (reversal.closed_on, reversal.taken_back_on) == (date(2026, 2, 20), date(2026, 3, 5))
    assert closed(store, team, period=MARCH).reversals == []
    with store.reading(team.marta) as tx:
        lead = conversion.report(tx, pipeline_id=sales.id, period=february).steps[0]
    assert (lead.time.visits, lead.time.median) == (1, pytest.approx(6.6, abs=0.1))


def test_a_reversal_is_of_the_owner_that_the_closing_was_credited_to(
    store: Store, team: Team, sales: Pipeline, days: Days
) -> None:
    deal = make(store, team, sales)
    win(days, team, deal, "2026-03-05")
    with days.on("2026-03-06", team.marta) as tx:
        deals.reopen(tx, deal)
        deals.edit(tx, deal, owner_id=team.ids.bob)
    for owner, taken_back in ((team.ids.ana, 1), (team.ids.bob, 0)):
        assert len(closed(store, team, period=MARCH, scope=Scope(owner_id=owner)).reversals) == taken_back


def test_the_cycle_is_in_days_from_opened_to_won(store: Store, team: Team, sales: Pipeline, days: Days) -> None:
    for day in ("2026-01-10", "2026-01-12", "2026-02-09"):
        win(days, team, make_on_the_tenth(store, team, sales, days), day)
    lose(days, team, make_on_the_tenth(store, team, sales, days), "2026-03-30")
    cycle = closed(store, team).cycle
    assert (cycle.mean, cycle.median, cycle.longest) == (pytest.approx(32 / 3), 2, 30)
    assert (cycle.p75, cycle.p90) == (pytest.approx(16), pytest.approx(24.4))
    empty = closed(store, team, period=Period(first=date(2025, 1, 1), end=date(2025, 2, 1))).cycle
    assert empty == Cycle()


def test_the_distribution_of_the_cycle_opens_its_deals(store: Store, team: Team, sales: Pipeline, days: Days) -> None:
    first, second, third = (make_on_the_tenth(store, team, sales, days) for _ in range(3))
    for deal, day in ((first, "2026-01-10"), (second, "2026-01-11"), (third, "2026-02-09")):
        win(days, team, deal, day)
    report = closed(store, team)
    bins = report.cycle.bins
    assert [(one.first, one.until) for one in bins] == [(width, width + 5) for width in range(0, 35, 5)]
    assert [one.deals for one in bins] == [2, 0, 0, 0, 0, 0, 1]
    with store.reading(team.marta) as tx:
        for one in bins:
            behind = closings.drill_down(tx, report, Cell(result=Result.WON, days=(one.first, one.until)))
            assert behind.count == one.deals


def make_on_the_tenth(store: Store, team: Team, sales: Pipeline, days: Days) -> int:
    days.go_to("2026-01-10")
    return make(store, team, sales)


def test_reasons_are_counted_most_frequent_first_with_those_without_one(
    store: Store, team: Team, sales: Pipeline, days: Days
) -> None:
    for reason in ("Price", "No budget", "Price", ""):
        lose(days, team, make(store, team, sales), "2026-02-01", reason)
    report = closed(store, team)
    told = [(reason.name, reason.closed.count, reason.closed.value) for reason in report.reasons]
    assert told == [("Price", 2, Decimal(2000)), (None, 1, Decimal(1000)), ("No budget", 1, Decimal(1000))]
    with store.reading(team.marta) as tx:
        nameless = closings.drill_down(tx, report, Cell(result=Result.LOST, reason_id=0))
        assert (nameless.count, nameless.sums[0].value) == (1, 1000)


def test_counts_hold_every_currency_and_amounts_one(store: Store, team: Team, sales: Pipeline, days: Days) -> None:
    for currency in ("BRL", "USD"):
        win(days, team, make(store, team, sales, currency=currency), "2026-02-01")
    report = closed(store, team)
    assert (report.rate.won.count, report.rate.won.value, report.left_out) == (2, 1000, {"USD": 1})
    with store.reading(team.marta) as tx:
        behind = closings.drill_down(tx, report, Cell(result=Result.WON))
    assert [(each.currency, each.value) for each in behind.sums] == [("BRL", 1000), ("USD", 1000)]


def test_values_in_other_currencies_are_added_at_the_rate_of_the_closing_day(
    store: Store, team: Team, sales: Pipeline, days: Days
) -> None:
    win(days, team, make(store, team, sales), "2026-02-01")
    win(days, team, make(store, team, sales, currency="USD", value=100), "2026-02-03")
    lose(days, team, make(store, team, sales, currency="USD", value=100), "2026-03-05", "Price")
    lose(days, team, make(store, team, sales, currency="EUR", value=7), "2026-03-05", "Price")
    days.go_to("2026-03-06")
    with store.writing(team.ada) as tx:
        for day, rate in (("2026-02-02", 4), ("2026-03-05", 6), ("2026-03-06", 9)):
            rates.set_rate(tx, "USD", date.fromisoformat(day), rate)
    report = closed(store, team)
    assert (report.rate.won.value, report.rate.lost.value, report.rate.by_value) == (1400, 600, pytest.approx(0.7))
    assert [(bucket.rate.won.value, bucket.rate.lost.value) for bucket in report.buckets] == [
        (0, 0),
        (1400, 0),
        (0, 600),
    ]
    assert [(one.name, one.closed.count, one.closed.value) for one in report.reasons if one.id] == [("Price", 2, 600)]
    assert [(one.currency, one.rate, str(one.day), one.deals) for one in report.rates] == [
        ("USD", 4, "2026-02-02", 1),
        ("USD", 6, "2026-03-05", 1),
    ]
    assert report.left_out == {"EUR": 1}
    with store.reading(team.marta) as tx:
        behind = closings.drill_down(tx, report, Cell(result=Result.LOST))
    assert [(one.currency, one.count, one.value) for one in behind.sums] == [("BRL", 1, 600), ("EUR", 1, 7)]
    dollars = closed(store, team, currency="USD")
    assert (dollars.rate.won.value, dollars.rates, dollars.left_out) == (100, [], {"BRL": 1, "EUR": 1})


def test_under_owner_privacy_a_rep_reads_their_own_win_rate(
    store: Store, team: Team, sales: Pipeline, days: Days
) -> None:
    win(days, team, make(store, team, sales), "2026-02-01")
    lose(days, team, make(store, team, sales, owner_id=team.ids.bob), "2026-02-01")
    with store.writing(team.ada) as tx:
        tx.run("UPDATE base.workspace SET owner_privacy = true")
    with store.reading(team.ana) as tx:
        assert closings.report(tx, period=QUARTER, grain=Grain.MONTH).rate.by_count == 1
    assert closed(store, team).rate.by_count == 0.5
    assert closed(store, team, scope=Scope(owner_id=team.ids.bob)).rate.by_count == 0


@pytest.mark.parametrize("code", ["won", "lost:2026-02-01", "lost::3", "won:2026-02-01:0", "won:::0-30"])
def test_a_code_names_its_figure(code: str) -> None:
    assert str(Cell.parse(code)) == code


@pytest.mark.parametrize("code", ["", "open", "won:x", "lost::x", "won:::3", "won:::x-3", "won:::1-2:3"])
def test_a_code_that_names_no_figure_is_refused(code: str) -> None:
    with pytest.raises(Invalid):
        Cell.parse(code)
