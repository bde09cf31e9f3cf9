"""The figures above the board, against hand-made deals."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from crm import deals
from crm.deals.arrivals import record_arrival
from crm.foundation import bounds, clock
from crm.pipelines import Pipeline
from crm.platform import rates
from crm.reports import why
from crm.reports.figure_codes import Figure
from crm.reports.periods import Grain, Period
from crm.reports.query import ReportFilters
from crm.reports.scope import Scope
from crm.reports.why import Back
from crm.store import Store, Writing
from tests.people import Team


@pytest.fixture(autouse=True)
def _in_november(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 22, 15, 0, tzinfo=UTC))


def put(
    tx: Writing, pipeline: Pipeline, stage: int, value: int, opened: date, closed: date | None, currency: str = "BRL"
) -> None:
    deal_id = tx.insert(
        """
        INSERT INTO base.deals
            (title, pipeline_id, stage_id, rank, manual_value, currency, search, created_at, updated_at, closed_on)
        VALUES ('Deal', $pipeline, $stage, 0, $value, $currency, '', $opened::DATE + TIME '12:00', $now, $closed)
        RETURNING id
        """,
        pipeline=pipeline.id,
        stage=pipeline.stages[stage].id,
        value=value,
        currency=currency,
        opened=opened,
        now=tx.now,
        closed=closed,
    )
    if closed:
        target = pipeline.stages[stage]
        record_arrival(tx, deal_id, target, pipeline.stages[0].id, target.kind.value)


def test_figures_of_a_small_pipeline(store: Store, team: Team, sales: Pipeline) -> None:
    won, lost = 3, 4
    with store.writing(team.ada) as tx:
        put(tx, sales, 0, 400, date(2026, 9, 10), None)
        put(tx, sales, 1, 100, date(2026, 11, 10), None)
        put(tx, sales, 0, 99, date(2026, 11, 10), None, currency="USD")
        put(tx, sales, won, 1000, date(2026, 10, 1), date(2026, 10, 11))
        put(tx, sales, won, 500, date(2026, 10, 1), date(2026, 11, 20))
        put(tx, sales, lost, 50, date(2026, 10, 1), date(2026, 11, 2))
        put(tx, sales, won, 300, date(2026, 7, 1), date(2026, 7, 8))
        put(tx, sales, won, 700, date(2026, 7, 1), date(2026, 9, 30))
    with store.reading(team.ana) as tx:
        found = deals.figures(tx, sales.id)
    assert (found.currency, found.converted, found.left_out) == ("BRL", 0, {"USD": 1})
    assert (found.open_count, found.open_value, found.weighted) == (3, Decimal(500), Decimal(150))
    assert (found.won_count, found.won_value) == (2, Decimal(1500))
    assert found.won_value_before == Decimal(300)  # 30 September lies past the same day of that quarter
    assert found.win_rate == pytest.approx(3 / 4)
    assert found.win_rate_before == 1.0
    assert (found.cycle_days, found.cycle_days_before) == (50, 7)
    months = {month.start: month for month in found.months}
    assert len(months) == 12
    assert months[date(2026, 9, 1)].open_value == 400
    assert months[date(2026, 10, 1)].open_value == 400 + 500 + 50
    assert months[date(2026, 11, 1)].open_value == 500
    assert months[date(2026, 10, 1)].won_value == 1000
    assert months[date(2026, 11, 1)].win_rate == 0.5
    assert months[date(2026, 8, 1)].win_rate is None


def test_amounts_of_several_currencies_are_added_at_the_rates_of_their_days(
    store: Store, team: Team, sales: Pipeline
) -> None:
    won = 3
    with store.writing(team.ada) as tx:
        for day, rate in ((date(2026, 10, 5), "5"), (date(2026, 11, 10), "5.5"), (date(2026, 11, 20), "5.555")):
            rates.set_rate(tx, "USD", day, rate)
        put(tx, sales, 0, 400, date(2026, 9, 10), None)
        put(tx, sales, 1, 11, date(2026, 11, 10), None, currency="USD")
        put(tx, sales, 1, 7, date(2026, 11, 10), None, currency="EUR")
        put(tx, sales, won, 100, date(2026, 10, 1), date(2026, 10, 11), currency="USD")
        put(tx, sales, won, 10, date(2026, 10, 1), date(2026, 11, 12), currency="USD")
        put(tx, sales, won, 1000, date(2026, 1, 1), date(2026, 2, 1), currency="USD")
    with store.reading(team.ana) as tx:
        found = deals.figures(tx, sales.id)
    # 11 × 5.555 = 61.105: the half goes to the even cent. The first won deal has no rate of its day.
    assert (found.currency, found.converted, found.left_out) == ("BRL", 3, {"EUR": 1, "USD": 1})
    assert (found.open_count, found.open_value) == (3, Decimal("461.10"))
    assert (found.won_count, found.won_value) == (2, Decimal(555))
    assert {month.start.month: month.won_value for month in found.months if month.won_value} == {10: 500, 11: 55}


def test_what_is_explained_of_a_figure_is_that_figure(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ada) as tx:
        rates.set_rate(tx, "USD", date(2026, 11, 20), "5.555")
        for value, currency in ((400, "BRL"), (11, "USD"), (7, "EUR"), (20, "USD")):
            made = deals.create(tx, title="Chairs", pipeline_id=sales.id, value=value, currency=currency)
        deals.win(tx, made.id)
    filters = ReportFilters(
        scope=Scope(pipeline_ids=(sales.id,)),
        period=Period(first=bounds.FIRST_DAY, end=bounds.LAST_DAY),
        grain=Grain.MONTH,
        currency=None,
    )
    with store.reading(team.ana) as tx:
        found = deals.figures(tx, sales.id)
        told = {
            name: why.explained(tx, Figure.parse(f"board:{name}"), filters, Back.WEEK).after
            for name in ("open", "weighted", "won")
        }
    assert told == {"open": found.open_value, "weighted": found.weighted, "won": found.won_value}
    assert found.open_value == Decimal("461.10")


def test_a_pipeline_of_one_currency_is_shown_in_it(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ada) as tx:
        put(tx, sales, 0, 400, date(2026, 9, 10), None, currency="USD")
        found = deals.figures(tx, sales.id)
    assert (found.currency, found.open_value, found.left_out) == ("USD", 400, {})


def test_what_is_weighted_keeps_the_thousandths_of_its_currency(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ada) as tx:
        deals.create(tx, title="Pearls", pipeline_id=sales.id, value="1.234", currency="KWD")
        assert deals.figures(tx, sales.id).weighted == Decimal("0.3085")


def test_figures_of_an_empty_pipeline_are_honest(store: Store, team: Team, sales: Pipeline) -> None:
    with store.reading(team.ana) as tx:
        found = deals.figures(tx, sales.id)
    assert (found.open_count, found.open_value, found.win_rate, found.cycle_days) == (0, 0, None, None)


def test_a_closed_deal_counts_with_the_value_and_for_the_owner_that_it_closed_with(
    store: Store, team: Team, sales: Pipeline
) -> None:
    with store.writing(team.ana) as tx:
        deal = deals.create(tx, title="Chairs", pipeline_id=sales.id, value=1000)
        deals.win(tx, deal.id)
        deals.edit(tx, deal.id, value=5000, owner_id=team.ids.bob)
        of_ana, of_bob = (deals.figures(tx, sales.id, owner_id=owner) for owner in (team.ids.ana, team.ids.bob))
    assert (of_ana.won_count, of_ana.won_value, of_ana.months[-1].won_value) == (1, 1000, 1000)
    assert (of_bob.won_count, of_bob.won_value, of_bob.win_rate) == (0, 0, None)


def test_a_deal_that_was_reopened_counts_once_and_with_what_it_is_now(
    store: Store, team: Team, sales: Pipeline
) -> None:
    with store.writing(team.ada) as tx:
        deal = deals.create(tx, title="Lamps", pipeline_id=sales.id, value=100)
        deals.win(tx, deal.id)
        deals.reopen(tx, deal.id)
        deals.edit(tx, deal.id, value=250)
    with store.reading(team.ada) as tx:
        found = deals.figures(tx, sales.id)
    assert (found.open_count, found.open_value, found.won_count) == (1, 250, 0)
