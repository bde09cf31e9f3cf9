"""The stored back-test: what the worker computes, who sees what of it, and the page that shows it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest

from crm import deals, pipelines
from crm.foundation import clock
from crm.foundation.access import SYSTEM
from crm.foundation.errors import Forbidden, NotFound
from crm.pipelines import Pipeline
from crm.platform import jobs
from crm.reports import backtests
from crm.reports.prediction.backtest import Method
from crm.store import Store
from tests.owner_privacy import owner_privacy
from tests.pages import open_page
from tests.people import Team

MONTHS = 9
A_MONTH = 14


@pytest.fixture
def past(store: Store, team: Team, sales: Pipeline, monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Nine months in which Ana and Bob open deals and close most of them, three in five for good; the moment after."""
    random, start = Random(7), datetime(2026, 1, 2, 12, tzinfo=UTC)
    events: list[tuple[datetime, str, int]] = []
    for number in range(MONTHS * A_MONTH):
        opened = start + timedelta(days=30.4 * number / A_MONTH)
        events.append((opened, "open", number))
        closes = opened + timedelta(days=random.randrange(5, 80))
        events.append((closes, random.choice(["win", "win", "win", "lose", "lose"]), number))
    now = start + timedelta(days=30.4 * MONTHS)
    made: dict[int, int] = {}
    for moment, what, number in sorted(events):
        if moment >= now:
            continue
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        with store.writing(team.marta) as tx:
            if what == "open":
                owner = (team.ids.ana, team.ids.bob)[number % 2]
                value = 100 * (1 + number % 5)
                made[number] = deals.create(
                    tx, title=f"D{number}", pipeline_id=sales.id, value=value, owner_id=owner
                ).id
            elif what == "win":
                deals.win(tx, made[number])
            else:
                deals.lose(tx, made[number], note="Silence")
    monkeypatch.setattr(clock, "now", lambda: now)
    return now


def test_the_worker_computes_it_once_a_day_and_the_page_shows_it(
    store: Store, team: Team, sales: Pipeline, past: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(store, "backtest", team.marta)
    assert "no back-test yet" in page.info[0].value
    backtests.run(store, 1)
    with store.reading(team.marta) as tx:
        found = backtests.of_pipeline(tx, sales.id)
    assert found
    assert found.whole
    assert found.outlook
    whole = found.whole
    assert len(whole.points) >= 3
    assert set(found.owners) == {team.ids.ana, team.ids.bob}
    for point in whole.points:
        parts = [one for tested in found.owners.values() for one in tested.points if one.day == point.day]
        assert sum(one.actual for one in parts) == pytest.approx(point.actual)
        assert sum(one.forecasts[Method.MODEL] for one in parts) == pytest.approx(point.forecasts[Method.MODEL])
    with store.reading(SYSTEM) as tx:
        still = tx.value("SELECT count(*) FROM deals WHERE status = 'open'")
        queued = tx.rows("SELECT not_before FROM base.jobs WHERE kind = $kind AND state = 'queued'", kind=backtests.JOB)
    assert found.outlook.open == still
    assert [row["not_before"] for row in queued] == [past + backtests.EVERY]
    monkeypatch.setattr(clock, "now", lambda: past + timedelta(minutes=5))
    backtests.run(store, 1)
    with store.reading(team.marta) as tx:
        again = backtests.of_pipeline(tx, sales.id)
    assert again == found
    page = open_page(store, "backtest", team.marta)
    assert not page.exception
    assert {"Bias", "WAPE", "Brier", "Within the range"} <= {metric.label for metric in page.metric}
    methods = next(table.value for table in page.dataframe if "Method" in table.value.columns)
    assert len(methods) == len(Method)
    own = open_page(store, "backtest", team.marta, owner=str(team.ids.ana))
    assert not own.exception
    assert "What the open deals are expected to bring" not in [heading.value for heading in own.subheader]


def test_under_owner_privacy_one_sees_the_back_test_of_ones_own_deals_alone(
    store: Store, team: Team, sales: Pipeline, past: datetime
) -> None:
    backtests.run(store, 1)
    owner_privacy(store, team)
    with store.reading(team.ana) as tx:
        found = backtests.of_pipeline(tx, sales.id)
    assert found
    assert (found.whole, found.outlook, found.stages, set(found.owners)) == (None, None, [], {team.ids.ana})
    with store.reading(team.marta) as tx:
        everybody = backtests.of_pipeline(tx, sales.id)
    assert everybody
    assert everybody.whole
    assert set(everybody.owners) == {team.ids.ana, team.ids.bob}
    page = open_page(store, "backtest", team.ana, owner=str(team.ids.bob))
    assert not page.exception
    assert [box.label for box in page.selectbox] == ["Pipeline", "Owner"]
    assert page.selectbox[1].options == ["Ana"]


def events(store: Store) -> int:
    with store.reading(SYSTEM) as tx:
        return int(tx.value("SELECT count(*) FROM base.events"))


def test_a_stage_takes_the_share_of_history_by_one_press(
    store: Store, team: Team, sales: Pipeline, past: datetime
) -> None:
    """Whoever looked before is not in the way of whoever was first."""
    backtests.run(store, 1)
    lead = sales.open_stages[0]
    page, same, late = (open_page(store, "backtest", actor) for actor in (team.marta, team.ada, team.ada))
    page.button(key=f"adopt-{lead.id}").click().run()
    with store.reading(team.marta) as tx:
        adopted = pipelines.stage(tx, lead.id).probability
        found = backtests.of_pipeline(tx, sales.id)
    assert found
    history = next(each.share for each in found.stages if each.stage_id == lead.id)
    assert history is not None
    assert float(adopted) == pytest.approx(history * 100, abs=0.01)
    written = events(store)
    same.button(key=f"adopt-{lead.id}").click().run()
    assert not same.error
    assert events(store) == written
    assert f"Set: {adopted:.1f}%" in [caption.value for caption in same.caption]
    with store.writing(team.marta) as tx:
        pipelines.set_probability(tx, lead.id, Decimal(35))
    late.button(key=f"adopt-{lead.id}").click().run()
    assert "was set to 35 % meanwhile" in late.error[0].value
    with store.reading(team.ada) as tx:
        assert pipelines.stage(tx, lead.id).probability == 35
    assert not [button for button in open_page(store, "backtest", team.ana).button if "Adopt" in button.label]


def test_a_manager_may_ask_for_it_at_once_and_a_rep_not(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(SYSTEM) as tx:
        backtests.schedule(tx)
        backtests.schedule(tx)
    with pytest.raises(Forbidden), store.writing(team.ana) as tx:
        backtests.request(tx)
    with store.writing(team.marta) as tx:
        backtests.request(tx)
        now = tx.now
    with store.reading(SYSTEM) as tx:
        queued = tx.rows("SELECT not_before FROM base.jobs WHERE kind = $kind AND state = 'queued'", kind=backtests.JOB)
    assert [row["not_before"] for row in queued] == [now]


def test_a_pipeline_that_is_not_there_has_none(store: Store, team: Team, sales: Pipeline) -> None:
    with store.reading(team.marta) as tx:
        assert backtests.of_pipeline(tx, sales.id) is None
        with pytest.raises(NotFound):
            backtests.of_pipeline(tx, 99)


def test_a_failed_back_test_is_tried_again(store: Store, team: Team) -> None:
    backtests.on_failure(store, 1, jobs.STOPPED_TWICE)
    with store.reading(SYSTEM) as tx:
        assert tx.value("SELECT count(*) FROM base.jobs WHERE kind = $kind", kind=backtests.JOB) == 1
