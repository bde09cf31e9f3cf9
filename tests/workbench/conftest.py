"""A workbench over the test's store; the processes that wait for queries are shared by all tests."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from crm.foundation.access import Actor
from crm.store import Store
from crm.workbench.children import Pool
from crm.workbench.limits import Limits
from crm.workbench.parameters import ParameterType
from crm.workbench.running import Query, Workbench

Ask = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="session")
def pool() -> Iterator[Pool]:
    pool = Pool()
    yield pool
    pool.close()


@pytest.fixture
def workbench(store: Store, pool: Pool) -> Iterator[Workbench]:
    made = Workbench(store, Limits(seconds=60), pool)
    yield made
    made.slices.forget()


@pytest.fixture
def ask(workbench: Workbench) -> Ask:
    """The rows of a query; parameters as `name=value`, of the type of their value."""
    types = {str: ParameterType.TEXT, int: ParameterType.NUMBER, bool: ParameterType.BOOLEAN}

    def asked(actor: Actor, sql: str, **values: Any) -> list[dict[str, Any]]:
        given = {name: (types[type(value)], value) for name, value in values.items()}
        table = workbench.run(actor, Query(sql, given)).table
        assert table is not None
        found: list[dict[str, Any]] = table.to_pylist()
        return found

    return asked
