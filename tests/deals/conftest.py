"""A pipeline of three open stages and a few deals in it, and days on which something is done."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time

import pytest

from crm import deals, pipelines
from crm.foundation import clock
from crm.foundation.access import Actor
from crm.pipelines import Pipeline
from crm.store import Store, Writing
from tests.people import Team

MONDAY, TUESDAY, WEDNESDAY = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)


@pytest.fixture
def sales(store: Store, team: Team) -> Pipeline:
    with store.writing(team.marta) as tx:
        return pipelines.create(tx, "Sales", ["Lead", "Talk", "Offer"])


@pytest.fixture
def chairs(store: Store, team: Team, sales: Pipeline) -> deals.Deal:
    """Ana's deal, in Lead."""
    with store.writing(team.ana) as tx:
        return deals.create(tx, title="Chairs", pipeline_id=sales.id, value=1200, currency="BRL")


class Week:
    """`with week.on(MONDAY, team.ana) as tx:` is work done at noon, UTC, of that day."""

    def __init__(self, store: Store, patch: pytest.MonkeyPatch) -> None:
        self.store = store
        self._patch = patch

    def go_to(self, day: date) -> None:
        self._patch.setattr(clock, "now", lambda: datetime.combine(day, time(12), UTC))

    @contextmanager
    def on(self, day: date, actor: Actor) -> Iterator[Writing]:
        self.go_to(day)
        with self.store.writing(actor) as tx:
            yield tx


@pytest.fixture
def week(store: Store, monkeypatch: pytest.MonkeyPatch) -> Week:
    return Week(store, monkeypatch)


@pytest.fixture
def sold(week: Week, team: Team) -> Pipeline:
    """A pipeline of Monday: Lead 25 %, Talk 50 %, Offer 75 %."""
    with week.on(MONDAY, team.marta) as tx:
        return pipelines.create(tx, "Sold", ["Lead", "Talk", "Offer"])
