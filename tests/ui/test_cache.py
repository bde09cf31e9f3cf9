"""Answers kept for all who see the same, until something changes."""

import threading
from dataclasses import replace

import pytest

from crm import contacts
from crm.foundation import clock
from crm.foundation.access import SYSTEM
from crm.foundation.errors import Invalid
from crm.store import Reading, Store
from crm.ui import cache
from tests.people import Team


class Counting:
    """A builder that says who it worked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.refuses = False

    def names(self, tx: Reading, city: str = "") -> list[str]:
        self.asked.append(tx.actor.name)
        if self.refuses:
            raise Invalid("Not now.")
        return [row["name"] for row in tx.rows("SELECT name FROM contacts WHERE $city IN ('', city)", city=city)]


@pytest.fixture
def counting() -> Counting:
    return Counting()


def test_what_one_asked_for_is_there_for_all_who_see_the_same(store: Store, team: Team, counting: Counting) -> None:
    assert cache.read(store, team.marta, counting.names) == cache.read(store, team.ada, counting.names)
    assert counting.asked == ["Marta"]


def test_another_question_is_worked_out_on_its_own(store: Store, team: Team, counting: Counting) -> None:
    cache.read(store, team.marta, counting.names)
    cache.read(store, team.marta, counting.names, city="Recife")
    assert len(counting.asked) == 2


def test_after_a_change_the_answer_is_a_new_one(store: Store, team: Team, counting: Counting) -> None:
    assert cache.read(store, team.marta, counting.names) == []
    with store.writing(team.marta) as tx:
        contacts.create(tx, name="Lia Prado")
    assert cache.read(store, team.marta, counting.names) == ["Lia Prado"]


def test_one_rep_is_never_given_what_another_sees(store: Store, team: Team, counting: Counting) -> None:
    ana, bob = (replace(rep, sees_everything=False) for rep in (team.ana, team.bob))
    with store.writing(ana) as tx:
        contacts.create(tx, name="Lia Prado")
    assert cache.read(store, ana, counting.names) == ["Lia Prado"]
    assert cache.read(store, bob, counting.names) == []


def test_a_new_day_asks_again(store: Store, team: Team, counting: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.read(store, team.marta, counting.names)
    tomorrow = clock.now().replace(year=clock.now().year + 1)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    cache.read(store, team.marta, counting.names)
    assert len(counting.asked) == 2


def test_a_refusal_is_not_kept(store: Store, team: Team, counting: Counting) -> None:
    counting.refuses = True
    with pytest.raises(Invalid):
        cache.read(store, team.marta, counting.names)
    counting.refuses = False
    assert cache.read(store, team.marta, counting.names) == []


def test_many_who_ask_at_once_wait_for_one_answer(store: Store, team: Team, counting: Counting) -> None:
    with store.writing(SYSTEM) as tx:
        tx.record("workspace.changed", "workspace", 1, changes={})
    asking = [threading.Thread(target=cache.read, args=(store, team.marta, counting.names)) for _ in range(12)]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    assert counting.asked == ["Marta"]
