"""Whatever is done to deals, one by one or many at once, undone or removed: their activity is what history says."""

import random
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm import deals, pipelines
from crm.deals.data_rules import RULES
from crm.foundation.access import SYSTEM, Module
from crm.platform import workspace
from crm.records import attachments, notes
from crm.store import Store, Writing
from tests.people import Team
from tests.records.feed.world import Step, World

RULE = f"""
    {RULES["a deal whose activity is not what its history says"]}
    UNION ALL
    {RULES["a deal of other visits to stages than those of its history until it was won"]}
"""


class Active(World):
    """With what people do on a deal besides: dates, notes and files."""

    def postpone(self) -> None:
        with self._writing() as tx:
            day = self.chance.choice([None, tx.today, tx.today + timedelta(days=self.chance.randrange(-9, 9))])
            deals.edit(tx, self._one(tx, "deals"), expected_close=day)

    def note(self) -> None:
        with self._writing() as tx:
            notes.add(tx, "deal", self._one(tx, "deals"), "They called")

    def delete_note(self) -> None:
        with self._writing() as tx:
            notes.delete(tx, self._one(tx, "notes", "true"))

    def attach(self) -> None:
        with self._writing() as tx:
            deal_id = self._one(tx, "deals")
            attachments.attach(tx, "deal", deal_id, sha256="0", file_name="a.txt", size=1, media_type="text/plain")

    def remove_file(self) -> None:
        with self._writing() as tx:
            attachments.remove(tx, self._one(tx, "attachments", "true"))

    def open(self) -> None:
        with self._writing() as tx:
            deals.create(tx, title="Chairs", pipeline_id=self.sales.id, expected_close=tx.today)

    def change_many_deals(self) -> None:
        self._only_deals(self.change_many)

    def bring_deals(self) -> None:
        self._only_deals(self.bring)

    def _only_deals(self, step: Callable[[], None]) -> None:
        chance, self.chance = self.chance, cast(random.Random, _Deals(self.chance))
        try:
            step()
        finally:
            self.chance = chance


class _Deals:
    """Chance that chooses deals where it chooses a type of record."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def choice(self, given: list[object]) -> object:
        return "deals" if "deals" in given else self._chance.choice(given)

    def __getattr__(self, name: str) -> object:
        return getattr(self._chance, name)


STEPS = (
    Active.open,
    Active.open,
    Active.make,
    Active.edit,
    Active.postpone,
    Active.postpone,
    Active.note,
    Active.delete_note,
    Active.attach,
    Active.remove_file,
    Active.move,
    Active.move,
    Active.line,
    Active.delete,
    Active.restore,
    Active.change_many_deals,
    Active.change_many_deals,
    Active.undo_change,
    Active.undo_change,
    Active.bring_deals,
    Active.bring_deals,
    Active.undo_import,
    Active.empty_bin,
)


@pytest.fixture
def new_world(staffed_store: Path, tmp_path: Path) -> Iterator[Callable[[random.Random], Active]]:
    opened: list[Store] = []
    numbers = count()

    def made(chance: random.Random) -> Active:
        store = Store(shutil.copytree(staffed_store, tmp_path / f"store-{next(numbers)}"), threads=1)
        opened.append(store)
        team = Team(store)
        with store.writing(team.ada) as tx:
            workspace.switch(tx, Module.ORDERS, True)
        with store.writing(team.ada) as tx:
            sales = pipelines.create(tx, "Sales", ["Lead", "Offer"])
        return Active(store, team, sales, chance)

    yield made
    for store in opened:
        store.close()


# Seeds, not `st.randoms`: that draws zeros most of the time, and with them always the first of everything.
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    chance=st.integers(0, 10**6).map(random.Random),
    steps=st.lists(st.sampled_from(STEPS), min_size=30, max_size=60),
)
def test_activity_is_what_history_says_whatever_is_done(
    new_world: Callable[[random.Random], Active], chance: random.Random, steps: list[Step]
) -> None:
    world = new_world(chance)
    for step in steps:
        world.do(step)
        assert broken(world.store) == []


def broken(store: Store) -> list[int]:
    with store.reading(SYSTEM) as tx:
        return [row["id"] for row in tx.rows(RULE)]


def test_each_column_is_compared(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        deals.create(tx, title="Chairs", pipeline_id=pipelines.create(tx, "Sales", ["Lead"]).id)
        columns = [row["name"] for row in tx.rows("SELECT name FROM pragma_table_info('base.deal_activity')")]
    assert broken(store) == []
    for column in columns:
        value = f"coalesce({column}, now()) + INTERVAL 1 HOUR" if column.endswith("_at") else f"{column} + 1"
        assert broken_by(store, f"UPDATE base.deal_activity SET {column} = {value}"), column
    assert broken_by(store, "DELETE FROM base.deal_activity")


def broken_by(store: Store, change: str) -> list[int]:
    """The deals that the rule names after a change, which is taken back."""

    class _Back(Exception):
        pass

    found: list[int] = []

    def tried(tx: Writing) -> None:
        tx.run(change)
        found.extend(row["id"] for row in tx.rows(RULE))
        raise _Back

    with pytest.raises(_Back), store.writing(SYSTEM) as tx:
        tried(tx)
    return found
