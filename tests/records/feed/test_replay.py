"""Whatever is done to records, one by one or many at once, a replay of the feed tells what they are."""

import random
import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm import pipelines
from crm.foundation.access import Module
from crm.platform import workspace
from crm.records import attributes
from crm.store import Store
from crm.verify import verify
from tests.people import Team
from tests.records.feed.replay import agree, compared, every_change, replayed, stored
from tests.records.feed.world import STEPS, Step, World

steps = st.lists(st.sampled_from(STEPS), min_size=20, max_size=40)


@pytest.fixture
def new_world(staffed_store: Path, tmp_path: Path) -> Iterator[Callable[[random.Random], World]]:
    """Each example begins in a store of its own: the feed is read from its first event."""
    opened: list[Store] = []
    numbers = count()

    def made(chance: random.Random) -> World:
        store = Store(shutil.copytree(staffed_store, tmp_path / f"store-{next(numbers)}"), threads=1)
        opened.append(store)
        team = Team(store)
        with store.writing(team.ada) as tx:
            workspace.switch(tx, Module.ORDERS, True)
        with store.writing(team.ada) as tx:
            attributes.define(tx, model="contact", name="Size", type="number")
            attributes.define(tx, model="contact", name="Level", type="list", values=["gold", "silver"])
            sales = pipelines.create(tx, "Sales", ["Lead", "Offer"])
        return World(store, team, sales, chance)

    yield made
    for store in opened:
        store.close()


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(chance=st.randoms(use_true_random=False), steps=steps)
def test_a_replay_of_the_feed_from_nothing_makes_every_record_as_it_is(
    new_world: Callable[[random.Random], World], chance: random.Random, steps: list[Step]
) -> None:
    world = new_world(chance)
    for step in steps:
        world.do(step)
    changes = every_change(world.store)
    assert [change.position for change in changes] == sorted({change.position for change in changes})
    assert agree(world.store, changes)
    found, there = replayed(changes), stored(world.store)
    told, held = compared(found, there), compared(there, there)
    assert not [(key, told.get(key), held.get(key)) for key in told | held if told.get(key) != held.get(key)]
    assert verify(world.store) == []
