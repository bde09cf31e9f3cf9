"""A real data set from its files to the reports: nothing vanishes, and the figures are the ones its counts decide."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from benchmarks import maven, prediction
from crm import pipelines
from crm.foundation import clock
from crm.foundation.access import SYSTEM
from crm.reports import closings, health_evaluation
from crm.reports.periods import Grain
from crm.reports.prediction import hazard, values
from crm.reports.prediction.backtest import Method
from crm.reports.prediction.known import Known
from crm.store import Store
from crm.verify import verify
from tests.pages import open_page

pytestmark = pytest.mark.skipif(not maven.DATA.is_dir(), reason=f"the data set is not there: {maven.DATA}")

ALL_DAYS = "2016-10-01/2018-01-01"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store into which both files were imported by `crm import` with saved mappings."""
    folder = tmp_path_factory.mktemp("maven") / "store"
    maven.bring_in(folder, maven.DATA)
    return folder


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    with maven.opened(folder) as store:
        yield store


def test_every_figure_is_the_golden_one(store: Store) -> None:
    with store.reading(maven.reader(store)) as tx:
        figures = maven.golden(tx)
    assert [(figure.name, figure.found) for figure in figures] == [(figure.name, figure.expected) for figure in figures]


def test_no_row_vanished_and_the_store_is_sound(store: Store) -> None:
    with store.reading(SYSTEM) as tx:
        read = tx.row("SELECT sum(total) AS total, sum(created) AS created, sum(rejected) AS rejected FROM imports")
        deals = tx.value("SELECT count(*) FROM deals")
    assert read == {"total": 8885, "created": 8885, "rejected": 0}
    assert deals == 8800
    assert verify(store) == []


def test_won_amounts_are_in_dollars_and_left_out_of_reals(store: Store) -> None:
    with store.reading(SYSTEM) as tx:
        report = closings.report(tx, period=maven.PERIOD, grain=Grain.QUARTER, currency="BRL")
    assert report.rate.won.count == 4238
    assert report.rate.won.value == 0
    assert report.left_out == {"USD": 6711}


def test_the_forecast_page_shows_them(store: Store) -> None:
    page = open_page(store, "forecast", maven.reader(store), period=ALL_DAYS, by="quarter", currency="USD")
    assert not page.exception
    cards = {metric.label: metric.value for metric in page.metric}
    assert cards["Won so far"] == "$10M"
    assert cards["Undated"] == "$0"
    buttons = {button.label for button in page.button}
    assert {"4,238 deals", "2,089 deals, 2,089 without a value"} <= buttons


def test_the_conversion_page_shows_them(store: Store) -> None:
    page = open_page(store, "conversion", maven.reader(store), period=ALL_DAYS, by="quarter", currency="USD")
    assert not page.exception
    cards = {metric.label: metric.value for metric in page.metric}
    expected = {"Arrived": "8,300", "Won of those": "51.1%", "Win rate": "63.2%", "Median cycle": "57 d"}
    assert {name: cards[name] for name in expected} == expected
    assert "4,238 won of 6,711 closed" in {button.label for button in page.button}
    captions = [caption.value for caption in page.caption]
    assert any("The rate by value is “–”" in caption for caption in captions)
    assert "Mean 51.8 d, longest 138 d" in captions


def test_the_log_of_a_past_day_knows_no_value_of_the_deals_that_were_open_then(store: Store) -> None:
    """As of the end of March 2017, of the deals that were won later: those hold 1,559,305 by now that were won in the
    92 days after."""
    with store.reading(SYSTEM) as tx:
        known = tx.rows(
            """
            WITH
            ended AS (
                SELECT deal_id, closed_on, value
                FROM stage_events
                WHERE kind = 'won' AND closed_on BETWEEN '2017-04-01' AND '2017-07-01'
            ),
            known AS (
                SELECT deal_id, arg_max({'value': value}, id).value AS value
                FROM deal_versions
                WHERE known_at < timezone('America/Sao_Paulo', TIMESTAMP '2017-04-01')
                GROUP BY deal_id
            )
            SELECT sum(ended.value) AS in_the_end, count(known.value) AS known_then
            FROM ended
            JOIN known USING (deal_id)
            """
        )
    assert [(row["in_the_end"], row["known_then"]) for row in known] == [(Decimal(1_559_305), 0)]


def test_health_is_worth_no_more_than_it_knew(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file tells next to nothing of a deal before its end: a score is hardly better than a coin. With the values
    that came at the closings it would be right in 98 % of cases."""
    monkeypatch.setattr(clock, "now", lambda: datetime(2018, 1, 1, 12, tzinfo=UTC))
    with store.reading(maven.reader(store)) as tx:
        found = health_evaluation.work_out(tx, pipelines.all_of(tx)[0].id)
    assert (found.won, found.lost) == (3656, 1732)
    assert found.auc == pytest.approx(0.5, abs=0.05)


HORIZON = 92
THREE = {
    date(2017, 3, 31): (1_559_305, 0.40),
    date(2017, 6, 30): (1_441_450, 0.34),
    date(2017, 9, 30): (1_251_928, 0.61),
}
"""What was won in the 92 days after each day of the deals open then, and the error of Aalen–Johansen by age."""


def test_the_forecast_beats_aalen_johansen_at_all_three_days_and_over_all_month_ends(store: Store) -> None:
    with store.reading(SYSTEM) as tx:
        found = prediction.run(tx, maven.DATA)
    assert [point.day.month for point in found.points] == [3, 4, 5, 6, 7, 8, 9]  # nothing was closed before March
    points = {point.day: point for point in found.points}
    for day, (won, to_beat) in THREE.items():
        point = points[day]
        error = abs(point.forecasts[Method.MODEL] / point.actual - 1)
        assert point.actual == won
        assert error < to_beat
        assert error < 0.8 * abs(point.forecasts[Method.AALEN_JOHANSEN] / point.actual - 1)
    model, curves = found.accuracy[Method.MODEL], found.accuracy[Method.AALEN_JOHANSEN]
    assert model.wape < 0.12 < 0.3 < curves.wape
    assert model.wape < min(found.accuracy[method].wape for method in (Method.LAST_ACTUAL, Method.STATIC))
    single = found.discrimination[Method.MODEL]
    assert single.brier < 0.91 * single.base
    assert (found.covered, found.backtests) == (7, 7)


def test_a_forecast_knows_nothing_of_the_future_and_its_chances_nothing_of_values(store: Store) -> None:
    with store.reading(SYSTEM) as tx:
        log, at = prediction.read(tx, maven.DATA)
    for day in THREE:
        moment = datetime.combine(day + timedelta(days=1), time(), prediction.ZONE)
        deals = at(moment).deals.select("deal_id", "list_price")
        past = pl.col("known_at") <= moment.astimezone(UTC)
        future = log.events.filter(~past).with_columns(pl.col("stage_id", "kind", "value", "owner_id").shuffle(seed=3))
        shuffled = pl.concat([log.events.filter(past), future]).sort("deal_id", maintain_order=True)
        others = (
            replace(log, events=log.events.filter(past), versions=log.versions.filter(past)),
            replace(log, events=shuffled),
        )
        expected = _forecast(at(moment))
        for other in others:
            assert_frame_equal(_forecast(prediction.with_prices(other.at(moment), deals)), expected)
        blanked = pl.when(pl.col("status") != "open").then("value")
        known = at(moment)
        without = replace(known, deals=known.deals.with_columns(value=blanked))
        assert_frame_equal(_forecast(without), expected)


def _forecast(known: Known) -> pl.DataFrame:
    chances = pl.Series("chance", hazard.chances(known, [HORIZON]).within)
    return values.with_values(known).select("deal_id", "expected_value", chances)
