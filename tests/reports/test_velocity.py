"""Sales velocity and its four terms, each worked out by hand. Today is 15 March 2026."""

from decimal import Decimal

import pytest

from crm import deals
from crm.foundation.errors import Invalid
from crm.pipelines import Pipeline
from crm.platform import rates
from crm.reports import velocity
from crm.reports.scope import Scope
from crm.reports.velocity import Cell, Term, Velocity
from tests.people import Team
from tests.reports.conftest import Days

TODAY = "2026-03-15"


def make(days: Days, team: Team, sales: Pipeline, day: str, **fields: object) -> int:
    with days.on(day, team.ana) as tx:
        given = {"title": "Chairs", "pipeline_id": sales.id, "value": 1000, **fields}
        return deals.create(tx, **given).id  # type: ignore[arg-type]


def won(days: Days, team: Team, sales: Pipeline, opened: str, closed: str, **fields: object) -> int:
    deal = make(days, team, sales, opened, **fields)
    with days.on(closed, team.ana) as tx:
        deals.win(tx, deal)
    return deal


def lost(days: Days, team: Team, sales: Pipeline, opened: str, closed: str, **fields: object) -> int:
    deal = make(days, team, sales, opened, **fields)
    with days.on(closed, team.ana) as tx:
        deals.lose(tx, deal, note="They went quiet")
    return deal


def found(days: Days, team: Team, **asked: object) -> Velocity:
    days.go_to(TODAY)
    with days.store.reading(team.marta) as tx:
        return velocity.report(tx, **asked)  # type: ignore[arg-type]


def behind(days: Days, team: Team, report: Velocity, term: Term) -> set[int]:
    with days.store.reading(team.marta) as tx:
        return {item.id for item in velocity.drill_down(tx, report, Cell(term=term)).items}


def test_the_velocity_is_open_deals_times_win_rate_times_value_by_cycle(
    days: Days, team: Team, sales: Pipeline
) -> None:
    first = won(days, team, sales, "2026-01-01", "2026-01-11", value=300)
    second = won(days, team, sales, "2026-02-01", "2026-03-03", value=500)
    gone = lost(days, team, sales, "2026-02-01", "2026-02-02")
    won(days, team, sales, "2025-10-01", "2025-12-15", value=9000)  # the day before the 90 days
    still = {make(days, team, sales, "2026-03-01") for _ in range(3)}
    report = found(days, team)
    assert (str(report.window.first), str(report.window.last)) == ("2025-12-16", TODAY)
    assert (report.open, report.win_rate) == (3, pytest.approx(2 / 3))
    assert (report.mean_value, report.cycle) == (Decimal(400), 20)
    assert float(report.per_day or 0) == pytest.approx(3 * (2 / 3) * 400 / 20)
    assert [behind(days, team, report, term) for term in Term] == [still, {first, second}, {gone}]


def test_a_win_on_the_day_of_its_opening_took_a_day(days: Days, team: Team, sales: Pipeline) -> None:
    won(days, team, sales, "2026-03-01", "2026-03-01")
    assert found(days, team).cycle == 1


def test_a_term_that_cannot_be_computed_leaves_no_velocity(days: Days, team: Team, sales: Pipeline) -> None:
    empty = found(days, team)
    assert (empty.open, empty.win_rate, empty.mean_value, empty.cycle, empty.per_day) == (0, None, None, None, None)
    won(days, team, sales, "2026-03-01", "2026-03-02", value=None)
    valueless = found(days, team)
    assert (valueless.win_rate, valueless.mean_value, valueless.per_day) == (1, None, None)
    assert valueless.rate.won.valueless == 1


def test_values_in_all_currencies_are_added_at_the_rates_of_the_closing_days(
    days: Days, team: Team, sales: Pipeline
) -> None:
    won(days, team, sales, "2026-03-01", "2026-03-02", value=100)
    won(days, team, sales, "2026-03-01", "2026-03-02", value=10, currency="USD")
    won(days, team, sales, "2026-03-01", "2026-03-02", value=7, currency="EUR")
    make(days, team, sales, "2026-03-01", currency="USD")
    with days.on(TODAY, team.ada) as tx:
        rates.set_rate(tx, "USD", tx.today.replace(day=1), "5")
        rates.set_rate(tx, "USD", tx.today.replace(day=10), "50")
    report = found(days, team)
    assert (report.currency, report.mean_value, report.left_out) == ("BRL", Decimal(75), {"EUR": 1})
    assert [(used.currency, used.rate, used.deals) for used in report.rates] == [("USD", Decimal(5), 1)]
    alone = found(days, team, currency="USD")
    assert (alone.open, alone.rate.won.count, alone.mean_value, alone.left_out) == (1, 1, Decimal(10), {})
    assert len(behind(days, team, alone, Term.WON)) == 1


def test_the_velocity_of_a_past_day_knows_nothing_of_what_came_after(days: Days, team: Team, sales: Pipeline) -> None:
    deal = make(days, team, sales, "2026-02-01", owner_id=team.ids.bob)
    with days.on("2026-03-10", team.ana) as tx:
        deals.win(tx, deal)
        day = tx.today.replace(day=9)
    then, now = (found(days, team, scope=Scope(as_of=each, owner_id=team.ids.bob)) for each in (day, None))
    assert (then.open, then.rate.closings) == (1, 0)
    assert (now.open, now.rate.closings) == (0, 1)
    assert found(days, team, scope=Scope(owner_id=team.ids.ana)).rate.closings == 0


@pytest.mark.parametrize("code", ["", "won", "velocity", "velocity:all"])
def test_a_code_that_names_no_term_is_refused(code: str) -> None:
    with pytest.raises(Invalid):
        Cell.parse(code)
