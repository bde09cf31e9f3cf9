"""The API as it is served, below /api/v1, with a client for each of the people."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from crm import deals, pipelines
from crm.api import rate
from crm.api.app import api
from crm.api.paths import BASE
from crm.foundation.access import Actor
from crm.pipelines import Pipeline
from crm.platform import process, workspace
from crm.platform.people import tokens
from crm.platform.people.tokens import Scope
from crm.store import Store
from tests.people import Team

ADDRESS = f"http://mallard.test{BASE}"
SERVED = Starlette(routes=[Mount(BASE, app=api)])

Clients = Callable[..., TestClient]


@pytest.fixture(autouse=True)
def in_process(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    process.use(store)
    monkeypatch.setattr(rate, "_buckets", {})


@pytest.fixture
def token(store: Store) -> Callable[..., str]:
    """A new token of an actor, with all scopes unless some are given."""

    def make(actor: Actor, *scopes: Scope) -> str:
        with store.writing(actor) as tx:
            return tokens.issue(tx, name="Test", scopes=scopes or tuple(Scope), expires_at=None).text

    return make


@pytest.fixture
def client(token: Callable[..., str]) -> Iterator[Clients]:
    """A client that calls as an actor: `client(team.ana)`, or with fewer scopes `client(team.ana, Scope.READ)`."""
    with ExitStack() as open_clients:

        def make(actor: Actor, *scopes: Scope) -> TestClient:
            made = TestClient(SERVED, base_url=ADDRESS, raise_server_exceptions=False)
            made.headers["Authorization"] = f"Bearer {token(actor, *scopes)}"
            return open_clients.enter_context(made)  # entered, it keeps its event loop from call to call

        yield make


@pytest.fixture
def anyone() -> Iterator[TestClient]:
    with TestClient(SERVED, base_url=ADDRESS, raise_server_exceptions=False) as made:
        yield made


@pytest.fixture
def sales(store: Store, team: Team) -> Pipeline:
    with store.writing(team.marta) as tx:
        return pipelines.create(tx, "Sales", ["Lead", "Talk", "Offer"])


@pytest.fixture
def chairs(store: Store, team: Team, sales: Pipeline) -> deals.Deal:
    """Ana's deal, in Lead."""
    with store.writing(team.ana) as tx:
        return deals.create(tx, title="Chairs", pipeline_id=sales.id, value=1200, currency="BRL")


@pytest.fixture
def private(store: Store, team: Team) -> None:
    """Owner-based privacy is on."""
    with store.writing(team.ada) as tx:
        workspace.change(tx, owner_privacy=True)
