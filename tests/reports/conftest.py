"""A pipeline, and a clock that a test sets: reports are about what happened when."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time

import pytest

from crm import pipelines
from crm.foundation import clock
from crm.foundation.access import Actor
from crm.pipelines import Pipeline
from crm.store import Store, Writing
from tests.people import Team


class Days:
    """`with days.on("2026-03-05", team.ana) as tx:` is work done at noon, UTC, of that day."""

    def __init__(self, store: Store, patch: pytest.MonkeyPatch) -> None:
        self.store = store
        self._patch = patch

    def go_to(self, day: str) -> None:
        moment = datetime.combine(date.fromisoformat(day), time(12), UTC)
        self._patch.setattr(clock, "now", lambda: moment)

    @contextmanager
    def on(self, day: str, actor: Actor) -> Iterator[Writing]:
        self.go_to(day)
        with self.store.writing(actor) as tx:
            yield tx


@pytest.fixture
def days(store: Store, monkeypatch: pytest.MonkeyPatch) -> Days:
    return Days(store, monkeypatch)


@pytest.fixture
def sales(store: Store, team: Team) -> Pipeline:
    """Lead 25 %, Talk 50 %, Offer 75 %, Won, Lost."""
    with store.writing(team.marta) as tx:
        return pipelines.create(tx, "Sales", ["Lead", "Talk", "Offer"])
