"""Remembering who is behind a session never outlives what it stands on."""

from datetime import timedelta

import pytest

from benchmarks.counting import counted
from crm.foundation import clock
from crm.foundation.access import SYSTEM, Role
from crm.platform import workspace
from crm.platform.people import presence, sessions, users
from crm.store import Store
from tests.people import Team


@pytest.fixture
def anas(store: Store, team: Team) -> str:
    with store.writing(SYSTEM) as tx:
        return sessions.hashed(sessions.begin(tx, team.ids.ana))


def test_a_change_holds_for_the_very_next_look(store: Store, team: Team, anas: str) -> None:
    for change, seen in (
        (lambda tx: users.change(tx, team.ids.ana, role=Role.VIEWER), lambda actor: actor.role is Role.VIEWER),
        (lambda tx: workspace.change(tx, time_zone="Asia/Tokyo"), lambda actor: actor.time_zone == "Asia/Tokyo"),
        (lambda tx: users.disable(tx, team.ids.ana), lambda actor: actor is None),
    ):
        assert not seen(presence.actor_of(store, anas))
        with store.writing(team.ada) as tx:
            change(tx)
        assert seen(presence.actor_of(store, anas))


def test_a_session_ends_by_time_though_nothing_is_committed(
    store: Store, anas: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert presence.actor_of(store, anas)
    later = clock.now() + sessions.IDLE + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert presence.actor_of(store, anas) is None


def test_a_look_without_news_sends_no_statement(store: Store, anas: str) -> None:
    before = presence.actor_of(store, anas)
    with counted() as statements:
        assert presence.actor_of(store, anas) == before
    assert not statements
