"""/warm/…: reads ahead what a record's page, a deal's drawer or another page of a list shows, for who may see it, and
gives nothing away."""

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
from crm.ui.lists import ahead
from crm.ui.warming import routes
from crm.ui.warming.load import Load
from crm.ui.warming.reads import Ahead
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
    reading_orders(monkeypatch, read)
    with routes._pressed:
        assert ask(team.ana, f"/warm/order/{lamp.id}") == 204
    assert read == []
    assert ask(team.ana, f"/warm/order/{lamp.id}") == 204
    assert read == [lamp.id]


def reading_orders(monkeypatch: pytest.MonkeyPatch, read: list[int]) -> None:
    """Note the orders that are read ahead in `read`."""
    monkeypatch.setattr(routes, "READS", {"order": Ahead("order", lambda tx, record_id: read.append(record_id))})


def test_where_the_process_is_busy_only_a_press_reads(
    store: Store, team: Team, lamp: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    process.use(store)
    read: list[int] = []
    reading_orders(monkeypatch, read)
    with store.writing(SYSTEM) as tx:
        headers = {TRUSTED_HEADER.decode(): sessions.hashed(sessions.begin(tx, team.ids.ana))}
    client = TestClient(Starlette(routes=routes.ROUTES), headers=headers)
    busy = Load(clock=iter([0.0, 2.0, 2.0]).__next__, used=iter([0.0, 1.0, 1.0]).__next__)
    monkeypatch.setattr(routes, "_load", busy)
    answer = client.get(f"/warm/order/{lamp.id}?maybe")
    assert (answer.status_code, answer.headers["retry-after"], read) == (204, "30", [])
    answer = client.get(f"/warm/order/{lamp.id}")
    assert (answer.status_code, "retry-after" in answer.headers, read) == (204, False, [lamp.id])
    monkeypatch.setattr(routes, "_load", Load(clock=iter([0.0, 10.0]).__next__, used=iter([0.0, 1.0]).__next__))
    assert "retry-after" not in client.get(f"/warm/order/{lamp.id}?maybe").headers
    assert read == [lamp.id, lamp.id]


def test_the_load_is_of_the_last_seconds_and_not_of_the_whole_life() -> None:
    moments = iter([(0.0, 0.0), (100.0, 1.0), (101.0, 2.0), (101.5, 2.0), (102.0, 2.0)])
    now = [next(moments)]
    load = Load(clock=lambda: now[0][0], used=lambda: now[0][1])
    found = []
    for now[0] in moments:
        found.append(load.cores())
    assert found == [0.01, 1.0, pytest.approx(2 / 3), 0.0]


def test_another_page_of_a_list_is_read_for_the_session_that_it_was_shown_to(store: Store, team: Team) -> None:
    process.use(store)
    read: list[tuple[int, int]] = []
    with store.writing(SYSTEM) as tx:
        ana, bob = (sessions.hashed(sessions.begin(tx, one)) for one in (team.ids.ana, team.ids.bob))
    ahead.LISTS.offer(ana, "cursos-日本-page", lambda tx, page: read.append((tx.actor.id, page)))
    client = TestClient(Starlette(routes=routes.ROUTES))
    for id_hash in (ana, bob):
        answer = client.get("/warm/list/cursos----page/3", headers={TRUSTED_HEADER.decode(): id_hash})
        assert (answer.status_code, answer.content) == (204, b"")
    for page in (0, 200_001, 10**17):
        assert (
            client.get(f"/warm/list/cursos----page/{page}", headers={TRUSTED_HEADER.decode(): ana}).status_code == 204
        )
    assert client.get("/warm/list/cursos----page/3").status_code == 403
    assert read == [(team.ids.ana, 3)]


def test_the_lists_that_were_drawn_longest_ago_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "MOST", 2)
    shown = ahead.ShownLists()
    for key in ("contacts", "orders", "contacts", "companies"):
        shown.offer("ana", key, lambda tx, page: None)
    assert [key for key in ("contacts", "orders", "companies") if shown.find("ana", key)] == ["contacts", "companies"]
