"""A real store in a temporary folder, and the people who work in it."""

import gc
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
import pytest

from crm.records import event_types
from crm.store import Store, Writing
from crm.store.events import Link
from tests.people import Team, hire

_chained = Writing._chained


def _checked(tx: Writing, *event: Any) -> Link:
    link = _chained(tx, *event)
    event_types.check(link.name, link.subject_kind, link.particulars)
    return link


Writing._chained = _checked  # an event that the catalogue does not know fails every test that records it


LONGEST = {Path(__file__).parent / folder for folder in ("browser", "laws")}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take minutes with few tests come first: begun last, one of them would keep one of two processes busy
    after the other has ended. Then come those with the most tests, as pytest-xdist would order all of them."""
    tests = Counter(item.path for item in items)
    items.sort(key=lambda item: (LONGEST.isdisjoint(item.path.parents), -tests[item.path]))


def pytest_collection_finish() -> None:
    """What is imported by now lives as long as the process: no collection goes through it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def new_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store as its first start leaves it, to be copied: its migrations take longer than most tests."""
    folder = tmp_path_factory.mktemp("new") / "store"
    Store(folder, threads=1).close()
    return folder


@pytest.fixture(scope="session")
def staffed_store(tmp_path_factory: pytest.TempPathFactory, new_store: Path) -> Path:
    """The same with the six people in it, to be copied."""
    folder = shutil.copytree(new_store, tmp_path_factory.mktemp("staffed") / "store")
    store = Store(folder, threads=1)
    hire(store)
    store.close()
    return folder


@pytest.fixture
def original_store(request: pytest.FixtureRequest) -> Path:
    """What a test's store is a copy of: without anybody in it, but for a test that asks for the team, too."""
    found: Path = request.getfixturevalue("staffed_store" if "team" in request.fixturenames else "new_store")
    return found


@pytest.fixture
def store(original_store: Path, tmp_path: Path) -> Iterator[Store]:
    store = Store(shutil.copytree(original_store, tmp_path / "store"), threads=1)
    yield store
    with suppress(duckdb.Error):  # the test may have closed it
        # Nobody opens it again: its log need not be written into its file.
        store._connection.execute("PRAGMA disable_checkpoint_on_shutdown").fetchall()
    store.close()


@pytest.fixture
def team(store: Store) -> Team:
    return Team(store)
