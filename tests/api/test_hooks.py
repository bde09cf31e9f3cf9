"""Orders that other systems send, signed: taken in once, and nothing is told to who cannot sign."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook
from starlette.testclient import TestClient

from crm import contacts, orders
from crm.api import hooks
from crm.foundation.access import SYSTEM, Module
from crm.platform import workspace
from crm.store import Store
from crm.webhooks import inbound
from crm.webhooks.inbound import secrets
from tests.api.conftest import ADDRESS, SERVED
from tests.people import Team

PATH = "/hooks/orders"
LAMP = {
    "external_id": "1042",
    "title": "Reading lamp",
    "value": "249.90",
    "currency": "BRL",
    "status": "paid",
    "contact": {"email": "lia@example.com", "name": "Lia Prado"},
    "ordered_on": "2026-11-03",
}


@pytest.fixture(autouse=True)
def module_on(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, True)


@pytest.fixture
def secret(store: Store, team: Team) -> str:
    with store.writing(team.ada) as tx:
        return inbound.make(tx, "commerce")


@pytest.fixture
def anyone() -> Iterator[TestClient]:
    with TestClient(SERVED, base_url=ADDRESS, raise_server_exceptions=False) as made:
        yield made


def signed(secret: str, body: bytes, message_id: str = "msg_1", at: datetime | None = None) -> dict[str, str]:
    when = at or datetime.now(UTC)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(when.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, when, body.decode()),
        "content-type": "application/json",
    }


def body_of(data: Any = None, **changes: Any) -> bytes:
    return json.dumps({"type": "order.created", "data": {**LAMP, **(data or {}), **changes}}).encode()


@pytest.fixture
def send(anyone: TestClient, secret: str) -> Callable[..., Any]:
    def post(message_id: str = "msg_1", **changes: Any) -> Any:
        body = body_of(**changes)
        return anyone.post(PATH, content=body, headers=signed(secret, body, message_id))

    return post


@pytest.fixture
def tell(anyone: TestClient, secret: str) -> Callable[..., Any]:
    """A message that says when the order was so."""

    def post(message_id: str, timestamp: str, **changes: Any) -> Any:
        body = json.dumps({"type": "order.updated", "timestamp": timestamp, "data": {**LAMP, **changes}}).encode()
        return anyone.post(PATH, content=body, headers=signed(secret, body, message_id))

    return post


def held(store: Store) -> tuple[int, int, int]:
    """orders, contacts, deliveries."""
    with store.reading(SYSTEM) as tx:
        return tuple(
            tx.value(f"SELECT count(*) FROM base.{table}") for table in ("orders", "contacts", "webhook_deliveries")
        )


def test_an_order_and_its_contact_are_made(store, team, send):
    answer = send()
    assert answer.status_code == 201
    told = answer.json()
    with store.reading(team.ana) as tx:
        order = orders.get(tx, told["order_id"])
        buyer = contacts.get(tx, order.contact_id)
    assert told == {"order_id": order.id, "created": True}
    assert (order.title, str(order.value), order.currency, order.status) == ("Reading lamp", "249.9000", "BRL", "paid")
    assert (order.source, order.external_id) == ("commerce", "1042")
    assert (buyer.name, buyer.email) == ("Lia Prado", "lia@example.com")


def test_the_order_again_is_brought_up_to_date_and_not_doubled(store, team, send):
    first = send("msg_1", status="pending").json()
    answer = send("msg_2", status="paid")
    assert answer.status_code == 200
    assert answer.json() == {"order_id": first["order_id"], "created": False}
    with store.reading(team.ana) as tx:
        assert orders.get(tx, first["order_id"]).status == "paid"
    assert held(store) == (1, 1, 2)


def test_who_is_known_is_not_made_again(store, team, send):
    with store.writing(team.ana) as tx:
        known = contacts.create(tx, name="Lia", email="LIA@example.com")
    order_id = send().json()["order_id"]
    with store.reading(team.ana) as tx:
        assert orders.get(tx, order_id).contact_id == known.id


def test_it_can_name_a_deal(store, team, send, chairs):
    order_id = send(deal_id=chairs.id).json()["order_id"]
    with store.reading(team.ana) as tx:
        assert orders.get(tx, order_id).deal_id == chairs.id


def test_the_log_says_that_a_webhook_did_it(store, send):
    send()
    with store.reading(SYSTEM) as tx:
        [event] = tx.rows("SELECT actor_name, door FROM base.events WHERE name = 'order.created'")
    assert event == {"actor_name": "Webhook", "door": "api"}


def test_the_same_message_again_is_answered_as_the_first_time(store, team, send):
    first = send("msg_1")
    again = send("msg_1", status="refunded", title="Another")
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert held(store) == (1, 1, 1)
    with store.reading(team.ana) as tx:
        assert orders.get(tx, first.json()["order_id"]).status == "paid"


def test_a_message_that_was_refused_can_come_again_mended(store, send):
    assert send("msg_1", currency="???").status_code == 422
    assert send("msg_1").status_code == 201


# Who may send


def refused(answer: Any) -> None:
    """The one answer to whatever is not signed as it must be."""
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:mallard:problem:not-signed",
        "title": "Not signed",
        "status": 401,
        "detail": "The message is not signed as it must be.",
        "errors": [],
    }


BODY = body_of()
STRANGE = "whsec_" + "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="


@pytest.mark.parametrize(
    "spoil",
    [
        lambda good: {},
        lambda good: {**good, "webhook-signature": ""},
        lambda good: {**good, "webhook-signature": "v1"},
        lambda good: {**good, "webhook-signature": "v1,????"},
        lambda good: {**good, "webhook-signature": good["webhook-signature"].replace("v1,", "v2,")},
        lambda good: {**good, "webhook-id": "msg_2"},
        lambda good: {name: value for name, value in good.items() if name != "webhook-id"},
        lambda good: {**good, "webhook-timestamp": str(int(good["webhook-timestamp"]) + 1)},
        lambda good: {**good, "webhook-timestamp": "yesterday"},
        lambda good: {**good, "webhook-timestamp": "1e999"},
        lambda good: signed(STRANGE, BODY),
    ],
)
def test_what_is_not_signed_as_it_must_be_is_refused_and_leaves_no_trace(store, anyone, secret, spoil):
    refused(anyone.post(PATH, content=BODY, headers=spoil(signed(secret, BODY))))
    assert held(store) == (0, 0, 0)


@pytest.mark.parametrize(("minutes", "taken"), [(-6, False), (-4, True), (4, True), (6, False)])
def test_a_message_holds_for_five_minutes(store, anyone, secret, minutes, taken):
    then = datetime.now(UTC) + timedelta(minutes=minutes)
    answer = anyone.post(PATH, content=BODY, headers=signed(secret, BODY, at=then))
    assert answer.status_code == (201 if taken else 401)


def test_a_changed_body_is_refused(anyone, secret):
    refused(anyone.post(PATH, content=BODY.replace(b"249.90", b"0.01"), headers=signed(secret, BODY)))


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[]"])
def test_what_is_not_signed_is_not_even_read(anyone, secret, body):
    refused(anyone.post(PATH, content=body, headers=signed(STRANGE, b"x")))


def test_a_token_does_not_replace_a_signature(store, team, client, secret):
    refused(client(team.ada).post(PATH, content=BODY))


def test_without_any_secret_nothing_comes_in(anyone):
    refused(anyone.post(PATH, content=BODY, headers=signed(STRANGE, BODY)))


def test_each_source_has_a_secret_of_its_own(store, team, anyone, secret):
    with store.writing(team.ada) as tx:
        other = inbound.make(tx, "payments")
    for key, message_id in ((secret, "msg_1"), (other, "msg_1")):
        assert anyone.post(PATH, content=BODY, headers=signed(key, BODY, message_id)).status_code == 201
    with store.reading(SYSTEM) as tx:
        assert {row["source"] for row in tx.rows("SELECT source FROM base.orders")} == {"commerce", "payments"}


def test_a_former_secret_works_for_a_day_more(store, team, anyone, secret):
    with store.writing(team.ada) as tx:
        fresh = inbound.make(tx, "commerce")
    for number, key in enumerate((secret, fresh)):
        assert anyone.post(PATH, content=BODY, headers=signed(key, BODY, f"m{number}")).status_code in (200, 201)
    with store.writing(SYSTEM) as tx:
        tx.run("UPDATE base.webhook_secrets SET ends_at = $then WHERE ends_at IS NOT NULL", then=tx.now)
    refused(anyone.post(PATH, content=BODY, headers=signed(secret, BODY, "m3")))
    assert anyone.post(PATH, content=BODY, headers=signed(fresh, BODY, "m4")).status_code == 200


def test_a_sender_signs_with_both_secrets_while_they_change(anyone, secret):
    good, strange = signed(secret, BODY), signed(STRANGE, BODY)
    both = {**good, "webhook-signature": f"{strange['webhook-signature']} {good['webhook-signature']}"}
    assert anyone.post(PATH, content=BODY, headers=both).status_code == 201


def test_a_secret_that_was_ended_signs_nothing(store, team, anyone, secret):
    with store.writing(team.ada) as tx:
        inbound.end(tx, inbound.live(tx)[0].id)
    refused(anyone.post(PATH, content=BODY, headers=signed(secret, BODY)))


def test_with_the_module_off_there_is_no_such_address(store, team, anyone, secret):
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.ORDERS, False)
    for headers in ({}, signed(secret, BODY)):
        assert anyone.post(PATH, content=BODY, headers=headers).status_code == 404


# What they may say


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": None}, "data.title"),
        ({"value": "much"}, "data.value"),
        ({"value": -1}, "data.value"),
        ({"status": "gone"}, "data.status"),
        ({"ordered_on": "03/11/2026"}, "data.ordered_on"),
        ({"colour": "red"}, "data.colour"),
        ({"currency": "XXQ"}, "currency"),
        ({"external_id": ""}, "external_id"),
        ({"contact": None}, "contact_id"),
        ({"contact": {"email": "nobody"}}, "email"),
    ],
)
def test_what_cannot_be_is_refused_by_the_name_of_its_field(store, send, changes, field):
    answer = send(**changes)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert field in [error["field"] for error in answer.json()["errors"]]
    assert held(store) == (0, 0, 1)
    with store.reading(SYSTEM) as tx:
        [kept] = tx.rows("SELECT status, order_id, field, answered FROM base.webhook_deliveries")
    assert kept == {"status": 422, "order_id": None, "field": field, "answered": None}


def test_what_is_no_json_is_refused_as_such(anyone, secret):
    answer = anyone.post(PATH, content=b"{", headers=signed(secret, b"{"))
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:mallard:problem:malformed")


def test_a_message_of_something_else_is_refused(anyone, secret):
    body = json.dumps({"type": "customer.created", "data": LAMP}).encode()
    answer = anyone.post(PATH, content=body, headers=signed(secret, body))
    assert answer.json()["errors"][0]["field"] == "type"


def test_a_body_beyond_the_limit_is_not_taken(store, anyone, secret):
    body = body_of(note="x" * hooks.LARGEST)
    assert anyone.post(PATH, content=body, headers=signed(secret, body)).status_code == 413
    assert held(store) == (0, 0, 0)


# Many at once


def at_once(anyone: TestClient, secret: str, messages: list[tuple[str, bytes]], clients: int = 16) -> list[Any]:
    """Sends them from so many clients at once, each its share; what was answered."""
    answers: list[Any] = []

    def client(number: int) -> None:
        for message_id, body in messages[number::clients]:
            answers.append(anyone.post(PATH, content=body, headers=signed(secret, body, message_id)))

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_sixteen_clients_that_send_the_same_order_make_one(store, anyone, secret):
    messages = [(f"m{n % 8}", body_of(status="pending" if n % 2 else "paid")) for n in range(64)]
    answers = at_once(anyone, secret, messages)
    assert {answer.status_code for answer in answers} <= {200, 201}
    assert len({answer.json()["order_id"] for answer in answers}) == 1
    assert held(store) == (1, 1, 8)


def test_sixteen_clients_that_send_different_orders_lose_none_and_double_none(store, anyone, secret):
    messages = [(f"m{n}", body_of(external_id=f"x{n}", contact={"email": f"c{n % 10}@example.com"})) for n in range(96)]
    answers = at_once(anyone, secret, [*messages, *messages[:32]])
    assert {answer.status_code for answer in answers} == {201}
    assert held(store) == (96, 10, 96)


def test_a_bad_message_among_many_takes_none_of_the_others_with_it(store, anyone, secret):
    def sent(n: int) -> tuple[str, bytes]:
        buyer = {"email": "nobody"} if n % 5 == 0 else {"email": f"c{n}@example.com"}
        return f"m{n}", body_of(external_id=f"x{n}", contact=buyer)

    messages = [sent(n) for n in range(40)]
    answers = at_once(anyone, secret, messages)
    assert sorted(answer.status_code for answer in answers) == [201] * 32 + [422] * 8
    assert held(store) == (32, 32, 40)
    with store.reading(SYSTEM) as tx:
        rows = tx.rows("SELECT message_id, status FROM base.webhook_deliveries")
    assert {row["message_id"]: row["status"] for row in rows} == {f"m{n}": 201 if n % 5 else 422 for n in range(40)}


def test_each_sender_is_answered_of_its_own_order(store, anyone, secret):
    told: dict[str, int] = {}

    def client(number: int) -> None:
        body = body_of(external_id=f"x{number}", contact={"email": f"c{number}@example.com"})
        answer = anyone.post(PATH, content=body, headers=signed(secret, body, f"m{number}"))
        told[f"x{number}"] = answer.json()["order_id"]

    threads = [threading.Thread(target=client, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading(SYSTEM) as tx:
        assert told == {row["external_id"]: row["id"] for row in tx.rows("SELECT id, external_id FROM base.orders")}


def test_an_order_that_was_not_kept_has_no_delivery_that_says_so(store, team, send, monkeypatch):
    """Both are one transaction: what is killed in between has neither, and the sender's next try has both."""
    with monkeypatch.context() as patched:
        patched.setattr(inbound.deliveries, "keep", lambda *_, **__: 1 / 0)
        assert send().status_code == 500
    assert held(store) == (0, 0, 0)
    assert send().status_code == 201
    assert held(store) == (1, 1, 1)


# The secret itself


def test_a_secret_stands_in_no_view_and_no_event(store, team, secret):
    with store.reading(SYSTEM) as tx:
        views = tx.rows("SELECT sql FROM duckdb_views() WHERE NOT internal")
        assert not [view for view in views if "webhook_secrets" in view["sql"]]
        assert tx.value("SELECT count(*) FROM base.events WHERE contains(particulars, $text)", text=secret) == 0
        assert tx.value("SELECT count(*) FROM base.events WHERE name = 'webhook_secret.made'") == 1
    with store.reading(team.ada) as tx:
        assert secret not in str(inbound.live(tx))


def test_a_secret_is_long_enough(secret):
    assert len(secret) >= len("whsec_") + secrets.BYTES * 4 // 3


def test_an_older_message_that_comes_late_does_not_win(store, team, tell):
    first = tell("msg_1", "2026-11-03T10:00:00Z", status="pending").json()
    tell("msg_3", "2026-11-03T12:00:00Z", status="paid", value="300")
    late = tell("msg_2", "2026-11-03T11:00:00Z", status="overdue", value="1", title="Desk lamp")
    assert (late.status_code, late.json()) == (200, {"order_id": first["order_id"], "created": False})
    with store.reading(team.ada) as tx:
        order = orders.get(tx, first["order_id"])
        assert (order.status, order.value, order.title) == ("paid", 300, "Reading lamp")
        assert [step.to_status for step in orders.history(tx, order.id)] == ["pending", "paid"]
        newest = inbound.recent(tx)[0]
    assert (newest.message_id, newest.status, newest.order_id) == ("msg_2", 200, order.id)
    assert "newer one" in (newest.reason or "")
    again = tell("msg_2", "2026-11-03T11:00:00Z", status="overdue")
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (late.json(), "true")


@pytest.mark.parametrize(
    ("second", "wins"),
    [
        ("2026-11-03T10:00:01Z", True),
        ("2026-11-03T10:00:00Z", True),  # of the same second: as they come
        ("2026-11-03T07:30:00-03:00", True),
        ("2026-11-03T10:30:00", True),
        ("2026-11-03T12:30:00+03:00", False),
        ("2026-11-03T09:30:00", False),
    ],
)
def test_the_later_by_the_sender_s_clock_wins_in_whatever_zone_it_is_told(store, team, tell, second, wins):
    order_id = tell("msg_1", "2026-11-03T10:00:00Z", status="pending").json()["order_id"]
    tell("msg_2", second, status="paid")
    with store.reading(team.ana) as tx:
        assert orders.get(tx, order_id).status == ("paid" if wins else "pending")


def test_a_clock_that_is_ahead_does_not_shut_out_what_follows(store, team, tell):
    order_id = tell("msg_1", "2199-01-01T00:00:00Z", status="pending").json()["order_id"]
    tell("msg_2", "2199-01-01T00:00:00Z", status="paid")
    with store.reading(team.ana) as tx:
        assert orders.get(tx, order_id).status == "paid"


def test_a_message_that_does_not_say_when_counts_as_it_comes(store, team, tell, send):
    order_id = tell("msg_1", "2026-11-03T10:00:00Z", status="pending").json()["order_id"]
    send("msg_2", status="paid")
    with store.reading(team.ana) as tx:
        assert orders.get(tx, order_id).status == "paid"


def test_what_is_told_of_one_order_does_not_hold_up_another(store, team, tell):
    tell("msg_1", "2026-11-03T12:00:00Z", external_id="1")
    answer = tell("msg_2", "2026-11-03T10:00:00Z", external_id="2")
    assert answer.status_code == 201
