"""Rates that are fetched each day: off until an address is set, and told of where it fails."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from crm.foundation import clock
from crm.foundation.access import SYSTEM
from crm.foundation.errors import Forbidden, Invalid
from crm.platform import notices, outbound, rate_fetching, rates, workspace
from crm.platform.rate_fetching import Fetching
from crm.store import Store
from crm.worker import work_one
from tests.people import Team
from tests.platform.fake_http import Answer, Web, serving

FILE = b"Date, USD, BRL, \n30 November 2026, 1.25, 6.25, \n"
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    monkeypatch.setenv("CRM_OUTBOUND_NETWORKS", "127.0.0.0/8")
    with serving() as found:
        found.answer = Answer(FILE)
        yield found


@pytest.fixture
def work(store: Store, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """What is due is done, some days after noon of December 1st."""

    def until(days: int) -> None:
        monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(days=days))
        while work_one(store):
            pass

    monkeypatch.setattr(clock, "now", lambda: NOON)
    return until


def current(store: Store, team: Team) -> Fetching | None:
    with store.reading(team.ada) as tx:
        return rate_fetching.current(tx)


def test_nothing_calls_out_until_an_address_is_set(
    store: Store, team: Team, work: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "get", lambda *_, **__: pytest.fail("it called out"))
    with store.writing(SYSTEM) as tx:
        rate_fetching.schedule(tx)
    work(9)
    with pytest.raises(Invalid, match="address first"), store.writing(team.ada) as tx:
        rate_fetching.fetch_now(tx)


def test_rates_are_fetched_at_once_and_then_each_day(
    store: Store, team: Team, web: Web, work: Callable[[int], None]
) -> None:
    with store.writing(team.ada) as tx:
        workspace.change(tx, time_zone="America/Sao_Paulo")
        rate_fetching.set_up(tx, web.url())
    work(0)
    with store.reading(team.vera) as tx:
        assert [(one.currency, one.rate, one.source) for one in rates.history(tx).items] == [
            ("EUR", Decimal("6.25"), "fetch"), ("USD", Decimal(5), "fetch"),
        ]  # fmt: skip
    found = current(store, team)
    assert found is not None
    assert (found.succeeded_at, found.error, found.failures) == (NOON, None, 0)
    work(0)
    assert len(web.asked) == 1
    with store.writing(SYSTEM) as tx:
        rate_fetching.schedule(tx)  # as each start does
    web.answer = Answer(FILE + b"1 December 2026, 1.25, 6.5, \n")
    work(1)
    assert len(web.asked) == 2
    with store.reading(team.vera) as tx:
        assert rates.history(tx).total == 4
    with store.writing(team.ada) as tx:
        rate_fetching.set_up(tx, "")
    work(9)
    assert len(web.asked) == 2
    assert current(store, team) is None


def test_a_failure_is_kept_told_to_the_administrators_once_a_week_and_tried_again(
    store: Store, team: Team, web: Web, work: Callable[[int], None]
) -> None:
    web.answer = Answer(status=503)
    with store.writing(team.ada) as tx:
        workspace.change(tx, locale="pt_BR")
        rate_fetching.set_up(tx, web.url())
    for day in range(8):
        work(day)
    found = current(store, team)
    assert found is not None
    assert (found.failures, found.succeeded_at, found.error) == (8, None, "127.0.0.1 respondeu com o status 503.")
    with store.reading(team.ada) as tx:
        left = notices.of_actor(tx)
    assert [notice.link for notice in left] == [rate_fetching.LINK] * 2
    assert "503" in left[0].text
    with store.reading(team.marta) as tx:
        assert notices.of_actor(tx) == []
    web.answer = Answer(FILE)
    work(8)
    found = current(store, team)
    assert found is not None
    assert (found.failures, found.error) == (0, None)


@pytest.mark.parametrize("body", [b"<html>", b"Date, USD, BRL, \nsoon, 1.25, 6.25, \n"])
def test_an_answer_without_rates_is_a_failure(
    store: Store, team: Team, web: Web, work: Callable[[int], None], body: bytes
) -> None:
    web.answer = Answer(body)
    with store.writing(team.ada) as tx:
        rate_fetching.set_up(tx, web.url())
    work(0)
    found = current(store, team)
    assert found is not None
    assert "rate" in (found.error or "")


@pytest.mark.parametrize("name", ["marta", "ana", "rui", "vera"])
def test_only_who_manages_settings_sees_and_sets_the_address(store: Store, team: Team, name: str) -> None:
    someone = getattr(team, name)
    with pytest.raises(Forbidden), store.writing(someone) as tx:
        rate_fetching.set_up(tx, "https://example.com/rates.csv")
    with pytest.raises(Forbidden), store.writing(someone) as tx:
        rate_fetching.fetch_now(tx)
    with pytest.raises(Forbidden), store.reading(someone) as tx:
        rate_fetching.current(tx)
    assert current(store, team) is None
