"""A real store in a temporary folder, and the people who work in it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm.store import Store
from tests.people import Team


@pytest.fixture(scope="session")
def new_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store as its first start leaves it, to be copied: its migrations take longer than most tests."""
    folder = tmp_path_factory.mktemp("new") / "store"
    Store(folder, threads=1).close()
    return folder


@pytest.fixture
def store(tmp_path: Path, new_store: Path) -> Iterator[Store]:
    store = Store(shutil.copytree(new_store, tmp_path / "store"), threads=1)
    yield store
    store.close()


@pytest.fixture
def team(store: Store) -> Team:
    return Team(store)
