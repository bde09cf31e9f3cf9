"""Deals that notices are about, and a mail server that keeps what it is sent."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from crm import deals, notifications
from crm.deals import Deal
from crm.foundation import clock
from crm.pipelines import Pipeline
from crm.platform import notices
from crm.platform.people import users
from crm.store import Store
from crm.worker import work_one
from tests.deals.conftest import sales
from tests.people import Team
from tests.platform.test_mail import Postbox, postbox

__all__ = ["Postbox", "postbox", "sales"]

NoticesOf = Callable[[str], list[str]]


@pytest.fixture
def notices_of(store: Store, team: Team) -> NoticesOf:
    """The notices that wait for somebody, by name, the oldest first, once the log was read."""

    def of(name: str) -> list[str]:
        while notifications.catch_up(store):
            pass
        with store.reading(users.actor(store, getattr(team.ids, name))) as tx:
            return [notice.text for notice in reversed(notices.of_actor(tx))]

    return of


@pytest.fixture
def deal(store: Store, team: Team, sales: Pipeline) -> Callable[..., Deal]:
    """A new deal made by Marta, of nobody unless `owner_id` names one."""

    def make(title: str = "Chairs", *, by: str = "marta", **fields: object) -> Deal:
        if "expected_close" in fields:
            fields["expected_close"] = date.fromisoformat(fields["expected_close"])
        with store.writing(getattr(team, by)) as tx:
            return deals.create(tx, title=title, pipeline_id=sales.id, **{"owner_id": None, **fields})

    return make


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Sets the clock: "2030-05-06 08:00", on the wall in São Paulo (UTC-3)."""

    def set_to(moment: str) -> None:
        then = datetime.fromisoformat(moment).replace(tzinfo=UTC) + timedelta(hours=3)
        monkeypatch.setattr(clock, "now", lambda: then)

    return set_to


@pytest.fixture
def work(store: Store) -> Callable[[], None]:
    """The worker's round: the log makes notices, and jobs that are due run."""

    def do() -> None:
        while notifications.catch_up(store) or work_one(store):
            pass

    return do
