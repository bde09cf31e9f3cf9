"""/warm/<type>/<id>: reads ahead what a record's page shows, for who may see it, and gives nothing away."""

from collections.abc import Callable

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from crm import contacts, orders
from crm.foundation.access import SYSTEM, Actor, Module
from crm.orders import Order
from crm.platform import process, workspace
from crm.platform.people import sessions
from crm.store import Store
from crm.ui.auth.auth_middleware import TRUSTED_HEADER
from crm.ui.warming import routes
from tests.owner_privacy import owner_privacy
from tests.people import Team

Ask = Callable[[Actor | None, str], int]


@pytest.fixture
def lamp(store: Store, team: Team) -> Order:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, True)
    with store.writing(team.ana) as tx:
        return orders.create(tx, title="Lamp", contact_id=contacts.create(tx, name="Lia").id, value=250)


@pytest.fixture
def ask(store: Store) -> Ask:
    """The status of the answer to this person's request; None is nobody."""
    process.use(store)

    def ask(actor: Actor | None, path: str) -> int:
        client = TestClient(Starlette(routes=routes.ROUTES))
        if actor is None:
            return client.get(path).status_code
        with store.writing(SYSTEM) as tx:
            session_id = sessions.begin(tx, actor.id)
        answer = client.get(path, headers={TRUSTED_HEADER.decode(): sessions.hashed(session_id)})
        assert answer.status_code != 204 or answer.content == b""
        return answer.status_code

    return ask


def test_a_record_that_one_sees_is_read(team: Team, lamp: Order, ask: Ask) -> None:
    assert ask(team.ana, f"/warm/order/{lamp.id}") == 204
    assert ask(team.ana, f"/warm/contact/{lamp.contact_id}") == 204


def test_a_record_that_one_may_not_see_is_as_one_that_is_not_there(
    store: Store, team: Team, lamp: Order, ask: Ask
) -> None:
    owner_privacy(store, team)
    assert ask(team.bob, f"/warm/order/{lamp.id}") == ask(team.bob, "/warm/order/999") == 404
    assert ask(team.ana, f"/warm/order/{lamp.id}") == 204


def test_nobody_and_other_types_are_refused(team: Team, lamp: Order, ask: Ask) -> None:
    assert ask(None, f"/warm/order/{lamp.id}") == 403
    assert ask(team.ana, "/warm/product/1") == 404
    assert ask(team.ana, "/warm/order/1e9") == 404


def test_the_records_of_a_module_that_is_off_are_not_read(store: Store, team: Team, lamp: Order, ask: Ask) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, False)
    assert ask(team.ana, f"/warm/order/{lamp.id}") == 404


def test_while_one_is_read_another_press_reads_nothing(
    team: Team, lamp: Order, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    monkeypatch.setattr(routes, "READS", {"order": lambda tx, record_id: read.append(record_id)})
    with routes._working:
        assert ask(team.ana, f"/warm/order/{lamp.id}") == 204
    assert read == []
    assert ask(team.ana, f"/warm/order/{lamp.id}") == 204
    assert read == [lamp.id]
