"""Back-tests: made from what was known, compared with what came, in figures that a hand can check."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from crm.reports.prediction import backtest
from crm.reports.prediction.backtest import Method, Past, month_ends, replay, result
from crm.reports.prediction.log import Log
from tests.reports.prediction.histories import LOST, WON, at, kind

ZONE = ZoneInfo("America/Sao_Paulo")
HORIZON = 30


def history(deals: int = 700, seed: int = 1, days: int = 365) -> Log:
    """Deals of two owners in two stages; most close within two months."""
    random = np.random.default_rng(seed)
    events, versions = [], []
    for number in range(1, deals + 1):
        start, owner = random.uniform(0, days), int(random.integers(1, 3))
        value = float(random.integers(50, 500))
        path = [(start, 1)]
        if random.random() < 0.7:
            path.append((start + random.exponential(15), 2))
        if random.random() < 0.8:
            path.append((path[-1][0] + random.exponential(20), WON if random.random() < 0.5 else LOST))
        versions.append((number, at(start), value, False, owner, None))
        for day, stage in path:
            closed = stage in (WON, LOST)
            known = (at(day), at(day), None, None, value if closed else None, False, owner)
            events.append((number, 1, stage, kind(stage), *known))
    return Log(
        events=pl.DataFrame(events, schema=EVENTS, orient="row").filter(pl.col("known_at") <= at(days)),
        versions=pl.DataFrame(versions, schema=VERSIONS, orient="row"),
        stages=pl.DataFrame(
            [(stage, 1, place, kind(stage), chance, False, at(-9)) for stage, place, chance in STAGES],
            schema=["stage_id", "pipeline_id", "position", "kind", "probability", "removed", "happened_at"],
            orient="row",
        ).with_columns(pl.col("happened_at").dt.cast_time_unit("us")),
    )


UTC_TIME = pl.Datetime("us", "UTC")
STAGES = [(1, 1, 0.3), (2, 2, 0.6), (WON, 3, 1.0), (LOST, 4, 0.0)]
EVENTS = {
    "deal_id": pl.Int64,
    "pipeline_id": pl.Int64,
    "stage_id": pl.Int64,
    "kind": pl.String,
    "happened_at": UTC_TIME,
    "known_at": UTC_TIME,
    "told_at": UTC_TIME,
    "deleted_at": UTC_TIME,
    "value": pl.Float64,
    "other_currency": pl.Boolean,
    "owner_id": pl.Int64,
}
VERSIONS = {
    "deal_id": pl.Int64,
    "known_at": UTC_TIME,
    "value": pl.Float64,
    "other_currency": pl.Boolean,
    "owner_id": pl.Int64,
    "expected_close": pl.Date,
}


def months(log: Log) -> list[datetime]:
    return month_ends(log, at(365), HORIZON, ZONE)


@pytest.fixture(scope="module")
def pasts() -> list[Past]:
    return replay(log := history(2_000), months(log), HORIZON)


def test_month_ends_are_those_of_the_zone_whose_horizon_has_passed() -> None:
    log = history(50)
    first = log.events["known_at"].min()
    found = month_ends(log, datetime(2026, 5, 1, 2, tzinfo=UTC), HORIZON, ZONE)  # the 30th of April there
    assert found == [datetime(2026, month, 1, 3, tzinfo=UTC) for month in (2, 3)]
    assert all(moment > first for moment in found)
    assert len(month_ends(log, datetime(2030, 1, 1, tzinfo=UTC), HORIZON, ZONE)) == 24


def test_deleting_and_shuffling_the_future_changes_no_forecast() -> None:
    log, moment = history(), at(200)
    future = log.events.filter(pl.col("known_at") > moment)
    mixed = future.with_columns(pl.col("stage_id", "kind", "value").shuffle(seed=7))
    past = log.events.filter(pl.col("known_at") <= moment)
    kept = replace(log, events=past, versions=log.versions.filter(pl.col("known_at") <= moment))
    other = replace(log, events=pl.concat([past, mixed]).sort("deal_id", maintain_order=True))
    columns = ["deal_id", "value", "variation", "chance", "aalen_johansen", "static"]
    first, *others = (replay(each, [moment], HORIZON)[0].deals.select(columns) for each in (log, kept, other))
    for each in others:
        assert_frame_equal(each, first)


def test_what_came_is_as_it_was_known_a_horizon_later() -> None:
    log, moment = history(), at(200)
    (past,) = replay(log, [moment], HORIZON)
    then, later = log.at(moment), log.at(moment + timedelta(days=HORIZON)).deals
    won = dict(later.filter(pl.col("status") == "won").select("deal_id", "value").iter_rows())
    still = then.open_deals()["deal_id"].to_list()
    assert past.deals["deal_id"].to_list() == still
    assert past.deals["came_to"].to_list() == [won.get(number, 0.0) for number in still]
    before = log.at(moment - timedelta(days=HORIZON)).open_deals()["deal_id"]
    expected = then.deals.filter(pl.col("status") == "won", pl.col("deal_id").is_in(before.to_list()))["value"].sum()
    assert past.last_actual["amount"].sum() == expected


def test_each_figure_is_the_one_of_its_formula(pasts: list[Past]) -> None:
    found = result(pasts, HORIZON)
    assert found
    # The 1st of a month, 3 o'clock in UTC, is the end of the month before in the zone.
    assert [point.day for point in found.points] == [(past.at - timedelta(days=1)).date() for past in pasts]
    forecasts = [float((past.deals["chance"] * past.deals["value"]).sum()) for past in pasts]
    actuals = [float(past.deals["came_to"].sum()) for past in pasts]
    assert [point.forecasts[Method.MODEL] for point in found.points] == pytest.approx(forecasts)
    assert [point.actual for point in found.points] == pytest.approx(actuals)
    errors = [forecast - actual for forecast, actual in zip(forecasts, actuals, strict=True)]
    accuracy = found.accuracy[Method.MODEL]
    assert accuracy.bias == pytest.approx(sum(errors) / sum(actuals))
    assert accuracy.wape == pytest.approx(sum(map(abs, errors)) / sum(actuals))
    chances, won = ([x for past in pasts for x in past.deals[column]] for column in ("chance", "won"))
    single = found.discrimination[Method.MODEL]
    assert single.brier == pytest.approx(sum((p - y) ** 2 for p, y in zip(chances, won, strict=True)) / len(won))
    share = sum(won) / len(won)
    assert single.base == pytest.approx(share * (1 - share))
    for tenth in single.reliability:
        inside = [(p, y) for p, y in zip(chances, won, strict=True) if int(p * 10) == int(tenth.chance * 10)]
        assert tenth.deals == len(inside)
        assert tenth.won == pytest.approx(sum(y for _, y in inside) / len(inside))
    assert sum(tenth.deals for tenth in single.reliability) == len(won)
    pairs = [(a > b) + (a == b) / 2 for a, x in zip(chances, won, strict=True) if x for b in _lost(chances, won)]
    assert single.auc == pytest.approx(sum(pairs) / len(pairs))


def _lost(chances: list[float], won: list[bool]) -> list[float]:
    return [chance for chance, is_won in zip(chances, won, strict=True) if not is_won]


def test_a_history_that_repeats_itself_is_forecast_well_and_covered(pasts: list[Past]) -> None:
    found = result(pasts, HORIZON)
    assert found
    model = found.accuracy[Method.MODEL]
    assert model.bias == pytest.approx(0, abs=0.1)
    assert model.wape < found.accuracy[Method.STATIC].wape
    assert found.discrimination[Method.MODEL].brier < found.discrimination[Method.MODEL].base
    assert found.spread is not None
    assert found.covered >= 0.8 * found.backtests
    assert all(point.within is not None for point in found.points)


def test_errors_of_owners_do_not_cancel_and_each_owner_has_a_back_test(pasts: list[Past]) -> None:
    pasts = pasts[-4:]
    everybody = result(pasts, HORIZON)
    owners = [result(pasts, HORIZON, pl.col("owner_id") == owner) for owner in (1, 2)]
    assert everybody
    assert all(owners)
    assert everybody.accuracy[Method.MODEL].wape_by_owner >= everybody.accuracy[Method.MODEL].wape
    assert sum(each.points[-1].actual for each in owners) == pytest.approx(everybody.points[-1].actual)
    last = sum(each.points[-1].forecasts[Method.LAST_ACTUAL] for each in owners)
    assert last == pytest.approx(everybody.points[-1].forecasts[Method.LAST_ACTUAL])
    assert result(pasts, HORIZON, pl.col("owner_id") == 99) is None


def test_without_closings_enough_there_is_no_back_test() -> None:
    log = history(10)
    assert replay(log, months(log), HORIZON) == []
    assert result([], HORIZON) is None


def test_a_range_that_no_spread_makes_wide_enough_is_not_drawn() -> None:
    """Much was expected of every month, and nothing came of it."""
    deals = {"deal_id": [1, 2], "pipeline_id": 1, "owner_id": 1, "variation": 0.0, "chance": 0.99, "static": 0.5}
    frame = pl.DataFrame(deals | {"aalen_johansen": 0.9, "value": 100.0, "won": False, "came_to": 0.0})
    nothing = pl.DataFrame(schema={"pipeline_id": pl.Int64, "owner_id": pl.Int64, "amount": pl.Float64})
    found = result([Past(at(30 * month), frame, nothing) for month in range(1, 7)], HORIZON)
    assert found
    assert (found.spread, found.covered, found.backtests) == (None, 0, 6)
    assert [point.within for point in found.points] == [None] * 6
    assert found.accuracy[Method.MODEL] == backtest.Accuracy(bias=None, wape=None, wape_by_owner=None)
    assert found.discrimination[Method.MODEL].auc is None
