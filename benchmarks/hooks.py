"""Orders by webhook, from many clients at once, against a served product.

    python -m benchmarks.hooks [--orders 10000 --clients 16]

Every order comes as a signed message of its own; one in ten messages is sent twice, and one order in twenty has two
messages. Afterwards each order must be there once, with its contact, and none lost. The baseline, in the same run: as
many threads on one bare DuckDB file, each insert of such an order and its contact a durable transaction.

Both in three rounds of a third of the orders each, by turns; the best of each counts. Processor time is the product's
alone, without the clients', against that of the bare inserts.
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import httpx
from standardwebhooks import Webhook

from benchmarks.served import Served, served
from crm.foundation.access import SYSTEM, Module
from crm.platform import workspace
from crm.store import Store
from crm.verify import verify
from crm.webhooks import inbound

PATIENCE = 60.0
BUYERS = 10
"""Orders for each contact."""
ROUNDS = 3


@dataclass(frozen=True)
class Took:
    """What an order or a message took: processor time, and time by the clock, in seconds."""

    cpu: float
    clock: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=16)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        secret = _store(Path(folder) / "store")
        rounds = [range(args.orders)[number::ROUNDS] for number in range(ROUNDS)]
        floor, product, faults = _measured(Path(folder), secret, rounds, args.clients)
        faults += _checked(Path(folder) / "store", args.orders)
    messages = sum(len(_messages(numbers)) for numbers in rounds)
    print(f"{args.clients} clients: {messages:,} messages of {args.orders:,} orders, best of {ROUNDS} rounds of each")
    print(f"bare durable inserts {floor.cpu * 1000:.1f} ms of processor, {1 / floor.clock:,.0f}/s")
    print(f"webhooks {product.cpu * 1000:.1f} ms of processor, {1 / product.clock:,.0f}/s, clients on the same cores")
    print(f"{product.cpu / floor.cpu:.1f} x the processor time, {product.clock / floor.clock:.1f} x the time")
    for fault in faults[:20]:
        print(f"  {fault}")
    if faults:
        sys.exit(f"{len(faults):,} faults")
    print("0 doubled, 0 lost")


def _measured(folder: Path, secret: str, rounds: list[range], clients: int) -> tuple[Took, Took, list[str]]:
    """What a bare insert took at best, what a message took, and the answers that are not as they should be."""
    faults: list[str] = []
    floors: list[Took] = []
    products: list[Took] = []
    with served(folder / "store") as server:
        for numbers in rounds:
            floors.append(_floor(folder / "bare.duckdb", numbers, clients))
            products.append(_sent(server, secret, _messages(numbers), clients, faults))
    return _best(floors), _best(products), faults


def _best(rounds: list[Took]) -> Took:
    return Took(min(took.cpu for took in rounds), min(took.clock for took in rounds))


def _messages(numbers: Sequence[int]) -> list[tuple[str, bytes]]:
    """(id, body) in the order in which they are sent."""
    found: list[tuple[str, bytes]] = []
    for number in numbers:
        body = _body(number, "paid")
        found.append((f"msg_{number}", body))
        # Beside the first, so that another client sends it at about the same time.
        if number % 10 == 0:
            found.append((f"msg_{number}", body))
        # Another message of the same order, which finds nothing to change.
        if number % 20 == 1:
            found.append((f"again_{number}", _body(number, "paid")))
    return found


def _body(number: int, status: str) -> bytes:
    order = {
        "external_id": f"o{number}",
        "title": f"Order {number}",
        "value": f"{number % 1000}.50",
        "currency": "BRL",
        "status": status,
        "ordered_on": "2026-11-03",
        "contact": {"email": f"buyer{number // BUYERS}@mallard.example", "name": f"Buyer {number // BUYERS}"},
    }
    return json.dumps({"type": "order.created", "data": order}).encode()


def _store(folder: Path) -> str:
    """A new store with the module on; the secret to sign with."""
    store = Store(folder)
    with store.writing(SYSTEM) as tx:
        workspace.switch(tx, Module.ORDERS, True)
        secret = inbound.make(tx, "commerce")
    store.close()
    return secret


def _sent(server: Served, secret: str, messages: list[tuple[str, bytes]], clients: int, faults: list[str]) -> Took:
    """Send all messages; what one took. Answers that are not as they should be are added to the faults."""
    signer = Webhook(secret)

    def client(share: Sequence[tuple[str, bytes]]) -> None:
        with httpx.Client(base_url=f"{server.url}/api/v1", timeout=PATIENCE) as api:
            for message_id, body in share:
                answer = api.post("/hooks/orders", content=body, headers=_signed(signer, message_id, body))
                if answer.status_code not in (200, 201):
                    faults.append(f"{message_id}: {answer.status_code} {answer.text[:200]}")

    busy = server.busy
    clock = _at_once(client, messages, clients)
    return Took((server.busy - busy) / len(messages), clock / len(messages))


def _signed(signer: Webhook, message_id: str, body: bytes) -> dict[str, str]:
    when = datetime.now(UTC)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(when.timestamp())),
        "webhook-signature": signer.sign(message_id, when, body.decode()),
    }


def _at_once(client: Callable[[Sequence[tuple[str, bytes]]], None], work: Sequence[tuple[str, bytes]], n: int) -> float:
    """Seconds that so many clients take, each for its share."""
    threads = [threading.Thread(target=client, args=(work[number::n],)) for number in range(n)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - started


def _checked(folder: Path, orders: int) -> list[str]:
    """The faults of the store: counts that are not as expected, and what `crm verify` finds."""
    store = Store(folder)
    with store.reading(SYSTEM) as tx:
        found = tx.row(
            """
            SELECT
                count(*) AS kept,
                count(DISTINCT external_id) AS told_apart,
                count(contact_id) AS bought,
                (SELECT count(*) FROM base.contacts) AS contacts
            FROM base.orders
            """
        )
    faults = list(verify(store))
    store.close()
    expected = {"kept": orders, "told_apart": orders, "bought": orders, "contacts": -(-orders // BUYERS)}
    return faults + [f"{found[what]:,} {what}, not {many:,}" for what, many in expected.items() if found[what] != many]


def _floor(path: Path, numbers: Sequence[int], clients: int) -> Took:
    """What an order alone takes: a look for the contact, its insert where there is none, the order's, a commit."""
    connection = duckdb.connect(str(path))
    connection.execute("CREATE TABLE IF NOT EXISTS contacts (id BIGINT PRIMARY KEY, email VARCHAR UNIQUE)").fetchall()
    connection.execute(
        "CREATE TABLE IF NOT EXISTS orders (id BIGINT PRIMARY KEY, key VARCHAR UNIQUE, contact_id BIGINT, body VARCHAR)"
    ).fetchall()
    turn = threading.Lock()  # writers of one table would clash and try again: taking turns is faster

    def client(share: Sequence[tuple[str, bytes]]) -> None:
        cursor = connection.cursor()
        for name, body in share:
            values = {"id": int(name), "key": f"o{name}", "buyer": int(name) // BUYERS, "body": body.decode()}
            email = f"buyer{values['buyer']}@mallard.example"
            with turn:
                cursor.execute("BEGIN TRANSACTION")
                cursor.execute(
                    "INSERT INTO contacts VALUES ($id, $email) ON CONFLICT DO NOTHING",
                    {"id": values["buyer"], "email": email},
                ).fetchall()
                cursor.execute("INSERT INTO orders VALUES ($id, $key, $buyer, $body)", values).fetchall()
                cursor.execute("COMMIT")

    work = [(str(number), _body(number, "paid")) for number in numbers]
    busy = time.process_time()
    clock = _at_once(client, work, clients)
    took = Took((time.process_time() - busy) / len(work), clock / len(work))
    connection.close()
    return took


if __name__ == "__main__":
    main()
