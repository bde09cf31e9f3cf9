"""Readings go on while a large change is committed, and its checkpoint waits until nobody reads."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import crm.store
from crm.foundation.access import SYSTEM, Actor
from crm.foundation.errors import NotFound, TooSlow
from crm.store import Reading, Store, snapshots
from crm.store.kept import kept
from crm.store.snapshots import Snapshots

COUNT = "SELECT count(*) FROM base.companies"
ANA: Actor = replace(SYSTEM, id=7, name="Ana")


@pytest.fixture
def store(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(crm.store, "LARGE", 100)
    _add(store, 100, "first")
    return store


def _add(store: Store, many: int, name: str = "more") -> None:
    with store.writing(SYSTEM) as tx:
        tx.run(
            """
            INSERT INTO base.companies (name, search, created_at, updated_at)
            SELECT $name || range, '', $now, $now FROM range($many)
            """,
            name=name,
            now=tx.now,
            many=many,
        )


def _companies(store: Store) -> int:
    with store.reading(SYSTEM) as tx:
        return int(tx.value(COUNT))


def _before_commit(store: Store, monkeypatch: pytest.MonkeyPatch, ask: Callable[[], Any]) -> list[Any]:
    """What `ask` gives at the moment before a change is committed."""
    found: list[Any] = []
    begin_commit = store._shared.changes.begin_commit

    def begin() -> None:
        found.append(ask())
        begin_commit()

    monkeypatch.setattr(store._shared.changes, "begin_commit", begin)
    return found


def _read_before_commit(store: Store, monkeypatch: pytest.MonkeyPatch, read: Callable[[], Any]) -> list[Any]:
    """As `_before_commit`, in another thread."""

    def ask() -> object:
        with ThreadPoolExecutor(1) as other:
            return other.submit(read).result(timeout=10)

    return _before_commit(store, monkeypatch, ask)


def test_a_reading_during_a_large_commit_begins_no_transaction(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    borrowed: list[Actor] = []
    borrow = store._borrow_cursor
    monkeypatch.setattr(store, "_borrow_cursor", lambda actor, limit: borrowed.append(actor) or borrow(actor, limit))
    found = _read_before_commit(store, monkeypatch, lambda: _companies(store))
    _add(store, 100)
    assert found == [100]
    assert borrowed == [SYSTEM], "the change alone"
    assert _companies(store) == 200


def test_a_reading_sees_the_change_while_the_snapshots_of_before_it_end(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[int] = []
    end = Snapshots.end

    def ending(of: Snapshots) -> None:
        found.append(_companies(store))
        end(of)

    monkeypatch.setattr(Snapshots, "end", ending)
    _add(store, 100)
    assert found == [200, 200]


@kept
def _kept_count(tx: Reading) -> int:
    return int(tx.value(COUNT))


def test_kept_answers_are_of_the_change_as_soon_as_statements_are(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[tuple[int, int]] = []

    def read() -> None:
        with store.reading(SYSTEM) as tx:
            found.append((_kept_count(tx), int(tx.value(COUNT))))

    end = Snapshots.end
    monkeypatch.setattr(Snapshots, "end", lambda of: (read(), end(of)))
    read()
    _add(store, 100)
    read()
    assert found == [(100, 100), (200, 200), (200, 200), (200, 200)]


def test_a_question_that_took_too_long_leaves_the_snapshots_to_the_others(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "MANY", 1)

    def read() -> int:
        # A list answers the refusal where it stands, within its reading.
        with store.reading(SYSTEM, seconds=0.1) as tx, pytest.raises(TooSlow):
            tx.value("SELECT count(*) FROM range(10_000_000_000) AS a, range(2) AS b WHERE a.range % 7 = b.range")
        return _companies(store)

    found = _read_before_commit(store, monkeypatch, read)
    _add(store, 100)
    assert found == [100]


def test_a_reading_that_fails_leaves_the_snapshots_to_the_others(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "MANY", 2)

    def fail_twice() -> int:
        for _ in range(2):
            with pytest.raises(NotFound), store.reading(SYSTEM) as tx:
                tx.row("SELECT 1 WHERE false")
        return _companies(store)

    found = _read_before_commit(store, monkeypatch, fail_twice)
    _add(store, 100)
    assert found == [100]


def test_a_reading_that_outlasts_the_commit_keeps_its_snapshot(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "PATIENCE", 0)
    begun, committed = threading.Event(), threading.Event()

    def read() -> list[int]:
        with store.reading(SYSTEM) as tx:
            counts = [int(tx.value(COUNT))]
            begun.set()
            committed.wait(10)
            return [*counts, int(tx.value(COUNT))]

    with ThreadPoolExecutor(1) as other:
        with monkeypatch.context() as patch:
            found = _before_commit(store, patch, lambda: (other.submit(read), begun.wait(10)))
            _add(store, 100)
        assert _companies(store) == 200
        committed.set()
        assert found[0][0].result(timeout=10) == [100, 100]
    _add(store, 100)
    assert _companies(store) == 300


def test_a_snapshot_shows_each_reader_what_they_may_see(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "MANY", 1)

    def both() -> tuple[object, object]:
        with store.reading(SYSTEM) as tx:
            first = tx.value("SELECT getvariable('actor_id')")
        with store.reading(ANA) as tx:
            return first, tx.value("SELECT getvariable('actor_id')")

    found = _read_before_commit(store, monkeypatch, both)
    _add(store, 100)
    assert found == [(SYSTEM.id, ANA.id)]


def test_a_refused_large_change_leaves_the_store_as_it_was(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise RuntimeError("refused")

    with monkeypatch.context() as patch:
        patch.setattr(store._shared.changes, "begin_commit", refuse)
        with pytest.raises(RuntimeError):
            _add(store, 100)
    _add(store, 100)
    assert _companies(store) == 200


def test_the_checkpoint_of_a_large_change_waits_until_nobody_reads(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_last_read", 0.0)
    store.checkpoint_if_quiet()
    _add(store, 100)
    with store.reading(ANA) as tx:
        tx.value(COUNT)
    assert not store.checkpoint_if_quiet(), "Ana has just read"
    monkeypatch.setattr(crm.store, "QUIET", 0)
    assert _log(store).stat().st_size > 0
    assert store.checkpoint_if_quiet()
    assert not _log(store).exists() or not _log(store).stat().st_size
    assert not store.checkpoint_if_quiet(), "nothing is put off any more"


def test_a_small_change_puts_no_checkpoint_off(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crm.store, "QUIET", 0)
    store.checkpoint_if_quiet()
    _add(store, 1)
    assert not store.checkpoint_if_quiet()


def test_the_next_small_change_does_not_make_the_checkpoint_of_a_large_one(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import notes how long it took right after its own commit, and would make it with all readers waiting."""
    _add_long(store)
    _add(store, 1)
    assert _log(store).stat().st_size > ENGINES_THRESHOLD
    monkeypatch.setattr(crm.store, "QUIET", 0)
    assert store.checkpoint_if_quiet()
    assert _threshold(store) == "16.0 MiB"


@pytest.mark.parametrize("bound", ["GROWTH", "LONGEST_LOG"])
def test_a_log_that_grows_on_is_taken_into_the_file_at_last(
    store: Store, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    monkeypatch.setattr(crm.store, bound, 0)
    _add_long(store)
    _add(store, 1)
    assert not _log(store).exists() or _log(store).stat().st_size < ENGINES_THRESHOLD
    assert _threshold(store) == "16.0 MiB"


ENGINES_THRESHOLD = 16 * 2**20


def _add_long(store: Store) -> None:
    """A large change whose log is longer than the engine's own threshold."""
    with store.writing(SYSTEM) as tx:
        tx.run(
            """
            INSERT INTO base.companies (name, search, created_at, updated_at)
            SELECT range, lpad(range::VARCHAR, 2000, 'x'), $now, $now FROM range(9000)
            """,
            now=tx.now,
        )


def _threshold(store: Store) -> Any:
    return store._connection.execute("SELECT current_setting('checkpoint_threshold')").fetchall()[0][0]


def _log(store: Store) -> Path:
    return store.folder / "crm.duckdb.wal"
