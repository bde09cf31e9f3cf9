"""Open deals without a value, at the median of their pipeline's won deals, beside the forecast. Today is 15 March 2026;
Lead is worth 25 %."""

from datetime import date
from decimal import Decimal

import pytest

from crm import deals, pipelines
from crm.pipelines import Pipeline
from crm.platform import rates
from crm.reports import forecast, sheets, unvalued
from crm.reports.forecast import State
from crm.reports.periods import Grain, Period
from crm.reports.scope import Scope
from crm.store import Store
from tests.owner_privacy import owner_privacy
from tests.pages import open_page
from tests.people import Team
from tests.reports.conftest import Days

QUARTER = Period(first=date(2026, 3, 1), end=date(2026, 6, 1))


@pytest.fixture
def three(store: Store, team: Team, sales: Pipeline, days: Days) -> None:
    """Won for 100, 300 and 1,000 on 1, 5 and 10 March, by Bob; without a value one expected in April and one undated,
    both Ana's, and one of a pipeline in which nothing was won."""
    for day, value in (("2026-03-01", 100), ("2026-03-05", 300), ("2026-03-10", 1000)):
        with days.on(day, team.bob) as tx:
            deals.win(tx, deals.create(tx, title="Won", pipeline_id=sales.id, value=value).id)
    with days.on("2026-03-04", team.ana) as tx:
        deals.create(tx, title="April", pipeline_id=sales.id, expected_close=date(2026, 4, 2))
        deals.create(tx, title="Undated", pipeline_id=sales.id)
        deals.create(tx, title="Valued", pipeline_id=sales.id, value=0, expected_close=date(2026, 4, 2))
    with days.on("2026-03-04", team.marta) as tx:
        other = pipelines.create(tx, "Partners", ["Only"])
        deals.create(tx, title="Lonely", pipeline_id=other.id, expected_close=date(2026, 4, 2))
    days.go_to("2026-03-15")


def test_a_deal_without_a_value_is_valued_apart_and_the_forecast_stays_as_it_is(
    store: Store, team: Team, sales: Pipeline, three: None
) -> None:
    with store.reading(team.marta) as tx:
        found = unvalued.report(tx, period=QUARTER)
        report = forecast.report(tx, period=QUARTER, grain=Grain.MONTH)
        rows = sheets.sheet(tx, "forecast-unvalued", {"period": "2026-03-01/2026-06-01"}).decode().splitlines()
    assert [(part.state, part.pipeline_name, part.count, part.typical, part.won) for part in found.parts] == [
        (State.OPEN, "Sales", 1, Decimal(300), 3),
        (State.OPEN, "Partners", 1, None, 0),
        (State.UNDATED, "Sales", 1, Decimal(300), 3),
    ]
    assert (found.count, found.value, found.weighted, found.unknown) == (3, Decimal(600), Decimal(150), 1)
    assert (found.of_period.value, found.of_period.weighted) == (Decimal(300), Decimal(75))
    assert (report.open.value, report.open.weighted, report.open.valueless) == (Decimal(0), Decimal(0), 2)
    assert rows[1].startswith("open,Sales,1,median of won deals,3,BRL,300.00")


def test_as_of_a_past_day_the_median_is_of_what_was_won_by_then(
    store: Store, team: Team, sales: Pipeline, three: None
) -> None:
    scope = Scope(pipeline_ids=(sales.id,), owner_id=team.ids.ana, as_of=date(2026, 3, 6))
    with store.reading(team.marta) as tx:
        found = unvalued.report(tx, period=QUARTER, scope=scope)
    assert [(part.typical, part.won) for part in found.parts] == [(Decimal(200), 2)] * 2


def test_values_in_other_currencies_count_in_the_median_through_their_rates(
    store: Store, team: Team, sales: Pipeline, three: None
) -> None:
    with store.writing(team.ada) as tx:
        rates.set_rate(tx, "USD", tx.today, "5")
        for value in (200, 400):
            deals.win(tx, deals.create(tx, title="Won", pipeline_id=sales.id, value=value, currency="USD").id)
    with store.reading(team.marta) as tx:
        assert unvalued.report(tx, period=QUARTER).parts[0].typical == 1000
        assert unvalued.report(tx, period=QUARTER, currency="BRL").parts[0].typical == 300


def test_under_owner_privacy_the_median_is_of_the_deals_one_may_see(
    store: Store, team: Team, sales: Pipeline, three: None
) -> None:
    owner_privacy(store, team)
    with store.reading(team.ana) as tx:
        assert {part.typical for part in unvalued.report(tx, period=QUARTER).parts} == {None}


def test_the_page_says_it_and_leaves_it_out_where_asked(store: Store, team: Team, sales: Pipeline, three: None) -> None:
    page = open_page(store, "forecast", team.marta)
    assert not page.exception
    assert "Without a value" in [heading.value for heading in page.subheader]
    assert any("would add R$300, R$75 weighted" in caption.value.replace("\\", "") for caption in page.caption)
    page = open_page(store, "forecast", team.marta, unvalued="off")
    assert "Without a value" not in [heading.value for heading in page.subheader]
