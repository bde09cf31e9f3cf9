"""Changes that wait for the writer together share one commit, and nothing else."""

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from crm.foundation import language
from crm.foundation.access import SYSTEM, Actor
from crm.foundation.errors import Invalid, Unavailable
from crm.store import Store, Writing
from crm.store.head import HeadFile
from tests.people import Team
from tests.store.test_store import add_contact, names

Change = Callable[[Writing], Any]


def all_wait(store: Store, many: int) -> None:
    deadline = time.monotonic() + 20
    while len(store._shared_commits._waiting) < many:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def at_once(store: Store, *calls: Callable[[], Any], meanwhile: Callable[[], Any] = lambda: None) -> list[Any]:
    """Make the calls, all of which wait for the writer at the same time: what each returned or raised."""
    told: list[Any] = [None] * len(calls)

    def one(place: int) -> None:
        try:
            told[place] = calls[place]()
        except Exception as error:
            told[place] = error

    threads = [threading.Thread(target=one, args=(place,)) for place in range(len(calls))]
    with store.writing(SYSTEM):
        for many, thread in enumerate(threads, 1):
            thread.start()
            all_wait(store, many)
        meanwhile()
    for thread in threads:
        thread.join(30)
    return told


def together(store: Store, *changes: Change) -> list[Any]:
    return at_once(store, *(partial(store.change, SYSTEM, change) for change in changes))


def adding(name: str) -> Change:
    return lambda tx: add_contact(tx, name)


def refused(tx: Writing) -> None:
    add_contact(tx, "Nobody")
    raise Invalid("The name is not given.", "name")


def test_changes_that_wait_together_are_committed_together(store: Store) -> None:
    before = store.version
    ids = together(store, *(adding(f"Lia {number}") for number in range(8)))
    assert store.version == before + 2  # theirs, and the one that they waited for
    with store.reading(SYSTEM) as tx:
        rows = tx.rows("SELECT id, name FROM contacts ORDER BY name")
    assert [(row["id"], row["name"]) for row in rows] == [(ids[number], f"Lia {number}") for number in range(8)]


def test_a_change_that_is_refused_takes_no_other_with_it_and_is_told_to_who_brought_it(store: Store) -> None:
    told = together(store, adding("Lia"), refused, adding("Rosa"), refused)
    assert [type(one) for one in told] == [int, Invalid, int, Invalid]
    assert told[1] is not told[3]
    assert sorted(names(store)) == ["Lia", "Rosa"]
    with store.reading(SYSTEM) as tx:
        assert tx.value("SELECT count(*) FROM base.events WHERE name = 'contact.created'") == 2


def test_a_statement_that_fails_within_a_change_spoils_that_one_alone(store: Store) -> None:
    def spoilt(tx: Writing) -> str:
        try:
            tx.run("INSERT INTO base.contacts (name) VALUES (NULL)")
        except Exception:
            return "as if nothing had happened"
        return "kept"

    first, second, third = together(store, adding("Lia"), spoilt, adding("Rosa"))
    assert isinstance(second, Unavailable)
    assert (type(first), type(third)) == (int, int)
    assert sorted(names(store)) == ["Lia", "Rosa"]


def test_a_change_alone_is_committed_by_itself_and_its_error_is_its_own(store: Store) -> None:
    assert store.change(SYSTEM, adding("Lia")) == 1
    with pytest.raises(Invalid, match="not given"):
        store.change(SYSTEM, refused)
    assert names(store) == ["Lia"]


def test_nobody_is_answered_before_the_head_of_the_log_is_on_the_disk(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments: list[str] = []
    write = HeadFile.write

    def written(*args: Any) -> None:
        time.sleep(0.05)
        write(*args)
        moments.append("on the disk")

    def answered() -> None:
        store.change(SYSTEM, adding("Lia"))
        moments.append("answered")

    at_once(store, *[answered] * 4, meanwhile=lambda: monkeypatch.setattr(HeadFile, "write", written))
    assert moments == ["on the disk", *["answered"] * 4]


def test_a_commit_that_fails_is_told_to_all_and_not_tried_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    commit, commits = store._commit, []

    def broken(*args: Any, **named: Any) -> None:
        commits.append(args)
        if len(commits) > 1:  # the first is of the change that they wait for
            raise Unavailable("The disk is full.")
        commit(*args, **named)

    monkeypatch.setattr(store, "_commit", broken)
    told = together(store, adding("Lia"), adding("Rosa"), adding("Ida"))
    assert [str(one) for one in told] == ["The disk is full."] * 3
    assert len(commits) == 2  # a commit that raised may have been kept
    monkeypatch.undo()
    assert names(store) == []
    assert store.change(SYSTEM, adding("Lia"))


def test_people_share_no_transaction_with_each_other(store: Store, team: Team) -> None:
    before = store.version
    actors = (team.ana, team.bob, team.ana, team.bob)

    def one(actor: Actor) -> Any:
        return store.change(actor, lambda tx: (tx.actor.id, add_contact(tx, "Lia")))

    told = at_once(store, *(partial(one, actor) for actor in actors))
    assert [actor_id for actor_id, _ in told] == [actor.id for actor in actors]
    assert store.version == before + 3
    with store.reading(SYSTEM) as tx:
        rows = tx.rows("SELECT actor_id, subject_id FROM base.events WHERE name = 'contact.created'")
    assert {(row["actor_id"], row["subject_id"]) for row in rows} == set(told)


def test_each_change_is_made_in_the_language_of_who_brought_it(store: Store) -> None:
    def one(code: str) -> Any:
        with language.speaking(code):
            return store.change(SYSTEM, lambda tx: language.current())

    codes = ["en", "pt_BR", "en", "pt_BR"]
    assert at_once(store, *(partial(one, code) for code in codes)) == codes


def test_who_waits_behind_one_that_cannot_begin_has_a_turn_all_the_same(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing = store.writing
    begun: list[Actor] = []

    def closed_at_first(actor: Actor) -> Any:
        begun.append(actor)
        if len(begun) == 2:  # the first is of the change that they wait for
            with writing(actor):
                pass  # its turn has come, and all wait by now
            raise Unavailable("The store is being opened again.")
        return writing(actor)

    monkeypatch.setattr(store, "writing", closed_at_first)
    told = together(store, adding("Lia"), adding("Rosa"), adding("Ida"))
    assert [type(one) for one in told] == [Unavailable, int, int]
    assert sorted(names(store)) == ["Ida", "Rosa"]
