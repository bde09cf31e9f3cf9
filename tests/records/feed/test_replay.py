"""Whatever is done to records, one by one or many at once, a replay of the feed tells what they are."""

import pytest

from crm import pipelines
from crm.foundation.access import Module
from crm.platform import workspace
from crm.records import attributes
from crm.store import Store
from crm.verify import verify
from tests.people import Team
from tests.records.feed.replay import compared, every_change, replayed, stored
from tests.records.feed.world import World

STEPS = 40


@pytest.mark.parametrize("seed", range(4))
def test_a_replay_of_the_feed_from_nothing_makes_every_record_as_it_is(store: Store, team: Team, seed: int) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, True)
        attributes.define(tx, model="contact", name="Size", type="number")
        sales = pipelines.create(tx, "Sales", ["Lead", "Offer"])
    world = World(store, team, sales, seed)
    done = [world.step() for _ in range(STEPS)]
    changes = every_change(store)
    assert [change.position for change in changes] == sorted({change.position for change in changes})
    found, there = replayed(changes), stored(store)
    told, held = compared(found, there), compared(there, there)
    assert not [(key, told.get(key), held.get(key)) for key in told | held if told.get(key) != held.get(key)], done
    assert verify(store) == []
