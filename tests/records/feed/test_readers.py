"""A change of 5,000 deals at once reaches each reader of the feed: notifications, timelines, live pages and audit."""

from collections.abc import Iterator

import pytest

from crm import notifications, pipelines
from crm.foundation.access import SYSTEM
from crm.platform import notices
from crm.platform.people import users
from crm.records import audit, bulk, feed
from crm.records.bulk import Action, BulkChange, Change
from crm.records.history import history
from crm.records.listing import ListQuery
from crm.store import Committed, Store
from tests.imports.conftest import Bring, begin, bring
from tests.people import Team

__all__ = ["begin", "bring"]

MANY = 5_000


@pytest.fixture
def committed(store: Store) -> Iterator[list[Committed]]:
    heard: list[Committed] = []
    store.listeners.append(heard.append)
    yield heard
    store.listeners.remove(heard.append)


@pytest.fixture
def many_deals(store: Store, team: Team, bring: Bring) -> None:
    with store.writing(team.ada) as tx:
        pipelines.create(tx, "Sales", ["Lead", "Offer"])
    rows = "".join(f"D-{number},Deal {number}\n" for number in range(MANY))
    assert bring(team.marta, "deals", f"identifier,title\n{rows}").created == MANY


@pytest.fixture
def given(store: Store, team: Team, many_deals: None) -> BulkChange:
    with store.writing(team.marta) as tx:
        return bulk.apply(tx, "deals", ListQuery(), Change(action=Action.SET_OWNER, owner_id=team.ids.bob))


def told(store: Store, name_id: int) -> list[str]:
    while notifications.catch_up(store):
        pass
    with store.reading(users.actor(store, name_id)) as tx:
        return [notice.text for notice in notices.of_actor(tx)]


def test_the_new_owner_of_many_is_told_of_all_in_one(store: Store, team: Team, given: BulkChange) -> None:
    assert told(store, team.ids.bob) == [f"{MANY:,} deals were given to you by Marta."]
    with store.writing(team.marta) as tx:
        bulk.undo(tx, given.id)
    assert len(told(store, team.ids.bob)) == 1


def test_every_timeline_tells_of_it(store: Store, team: Team, given: BulkChange) -> None:
    with store.reading(team.ada) as tx:
        for deal_id in (1, MANY):
            newest, made = history(tx, "deal", deal_id)
            assert (newest.name, newest.actor_name, newest.payload["many"]) == ("deal.changed", "Marta", MANY)
            assert newest.payload["changes"]["owner_name"] == [None, "Bob"]
            assert made.name == "deal.created"


def test_live_pages_hear_which_kinds_of_record_changed(
    store: Store, team: Team, committed: list[Committed], given: BulkChange
) -> None:
    kinds = [feed.kinds_changed(store, one.events) for one in committed if one.events]
    assert {"import", "deal"} <= set().union(*(one for one in kinds if "import" in one))
    assert kinds[-1] == {"bulk_change", "deal"}


def test_the_audit_shows_it_once_and_of_deals_each(store: Store, team: Team, given: BulkChange) -> None:
    with store.reading(team.ada) as tx:
        assert audit.find(tx).items[0].name == "bulk_change.made"
        of_deals = audit.find(tx, kind="deal", actor_id=team.ids.marta, limit=3)
        imported = audit.find(tx, kind="deal", search='"line":').items[0]
        assert "deal" in audit.kinds(tx)
    assert of_deals.total == 2 * MANY
    assert {entry.name for entry in of_deals.items} == {"deal.changed"}
    assert of_deals.items[0].payload["changes"]["owner_id"] == [None, team.ids.bob]
    assert imported.name == "deal.created"


def test_each_deal_is_a_row_of_the_feed_with_before_and_after(store: Store, team: Team, given: BulkChange) -> None:
    with store.reading(SYSTEM) as tx:
        rows = feed.scan(tx).filter(kind="deal")
        last = feed.changes(tx, feed.Position(rows["seq"].max()), kinds=["deal"], limit=MANY + 1)
    assert rows["event"].value_counts().sort("event").rows() == [("deal.changed", MANY), ("deal.created", MANY)]
    assert [one.id for one in last] == list(range(1, MANY + 1))
    assert last[0].before == {"owner_id": None, "owner_name": None}
    assert last[0].after == {"owner_id": team.ids.bob, "owner_name": "Bob"}
    assert (last[0].source, last[0].actor_name) == ("page", "Marta")
