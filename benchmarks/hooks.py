"""Orders by webhook, from many clients at once, against a served product.

    python -m benchmarks.hooks [--orders 10000 --clients 16]

Every order comes as a signed message of its own; one in ten messages is sent twice, and one order in twenty has two
messages. Afterwards each order must be there once, with its contact, and none lost. The baseline, in the same run: as
many threads on one bare DuckDB file, each insert of such an order and its contact a durable transaction.
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import httpx
from standardwebhooks import Webhook

from benchmarks.served import served
from crm.foundation.access import SYSTEM, Module
from crm.platform import workspace
from crm.store import Store
from crm.verify import verify
from crm.webhooks import inbound

PATIENCE = 60.0
BUYERS = 10
"""Orders for each contact."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=16)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        floor = _floor(Path(folder) / "bare.duckdb", args.orders, args.clients)
        messages = _messages(args.orders)
        secret = _store(Path(folder) / "store")
        product, faults = _sent(Path(folder) / "store", secret, messages, args.clients)
        faults += _checked(Path(folder) / "store", args.orders)
    of_product, of_floor = len(messages) / product, args.orders / floor
    print(f"{args.clients} clients: {len(messages):,} messages of {args.orders:,} orders in {product:.1f} s")
    print(f"bare durable inserts {of_floor:,.0f}/s · webhooks {of_product:,.0f}/s · {of_floor / of_product:.1f} ×")
    for fault in faults[:20]:
        print(f"  {fault}")
    if faults:
        sys.exit(f"{len(faults):,} faults")
    print("0 doubled, 0 lost")


def _messages(orders: int) -> list[tuple[str, bytes]]:
    """(id, body) in the order in which they are sent."""
    found: list[tuple[str, bytes]] = []
    for number in range(orders):
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


def _sent(folder: Path, secret: str, messages: list[tuple[str, bytes]], clients: int) -> tuple[float, list[str]]:
    """Send all messages: (seconds, answers that are not as they should be)."""
    faults: list[str] = []
    signer = Webhook(secret)
    with served(folder) as server:

        def client(share: Sequence[tuple[str, bytes]]) -> None:
            with httpx.Client(base_url=f"{server.url}/api/v1", timeout=PATIENCE) as api:
                for message_id, body in share:
                    answer = api.post("/hooks/orders", content=body, headers=_signed(signer, message_id, body))
                    if answer.status_code not in (200, 201):
                        faults.append(f"{message_id}: {answer.status_code} {answer.text[:200]}")

        return _at_once(client, messages, clients), faults


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


def _floor(path: Path, orders: int, clients: int) -> float:
    """Seconds for the orders alone: a look for the contact, its insert where there is none, the order's, a commit."""
    connection = duckdb.connect(str(path))
    connection.execute("CREATE TABLE contacts (id BIGINT PRIMARY KEY, email VARCHAR UNIQUE)").fetchall()
    connection.execute(
        "CREATE TABLE orders (id BIGINT PRIMARY KEY, key VARCHAR UNIQUE, contact_id BIGINT, body VARCHAR)"
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

    seconds = _at_once(client, [(str(number), _body(number, "paid")) for number in range(orders)], clients)
    connection.close()
    return seconds


if __name__ == "__main__":
    main()
