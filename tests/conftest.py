"""A real store in a temporary folder, and the people who work in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crm.store import Store
from tests.people import Team


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "store", threads=1)
    yield store
    store.close()


@pytest.fixture
def team(store: Store) -> Team:
    return Team(store)
