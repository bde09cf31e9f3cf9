"""What a query of the workbench costs beyond the same statement run bare, in the same run: `python -m
benchmarks.workbench`.

cold: its rows are read from the store, handed over and queried; warm: they were handed over a moment ago. In both the
process waits already, as it does but for the first query and in bursts; what starting one takes is told apart. Best of
several, in milliseconds of processor time of both processes together.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from crm.foundation.access import SYSTEM, Actor, Module, Role
from crm.platform import workspace
from crm.platform.people import users
from crm.store import Store
from crm.workbench.children import Child, Pool
from crm.workbench.limits import Limits
from crm.workbench.running import Query, Workbench

QUERIES = {
    "a look": "SELECT name, city FROM contacts WHERE id = 7",
    "a count": "SELECT city, count(*) FROM contacts GROUP BY city",
    "a join": "SELECT c.city, sum(o.value) FROM orders o JOIN contacts c ON c.id = o.contact_id GROUP BY 1",
    "a star": "SELECT * FROM orders ORDER BY value DESC LIMIT 100",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--orders", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "store")
        reader = _fill(store, given.contacts, given.orders)
        workbench = Workbench(store, Limits(), Pool(1))
        print(f"{given.contacts:,} contacts, {given.orders:,} orders; starting a process takes {_start():.0f} ms")
        print(f"{'':10} {'bare':>8} {'cold':>8} {'over':>8} {'warm':>8} {'over':>8}")
        for name, sql in QUERIES.items():
            _measure(store, workbench, reader, name, sql, given.rounds)
        workbench.close()
        store.close()


def _measure(store: Store, workbench: Workbench, reader: Actor, name: str, sql: str, rounds: int) -> None:
    def bare() -> float:
        with store.reading(reader) as tx:
            tx.arrow(sql)
        return 0.0

    def asked() -> float:
        return workbench.run(reader, Query(sql)).processor

    def wait_for_process() -> None:
        workbench.pool.warm_up()
        while not workbench.pool.waiting:
            time.sleep(0.01)
        time.sleep(1.0)  # until it has loaded what it needs

    def forget() -> None:
        workbench.slices.forget()
        wait_for_process()

    alone = _best(bare, rounds, lambda: None)
    cold = _best(asked, rounds, forget)
    warm = _best(asked, rounds, wait_for_process)
    print(f"{name:10} {alone:8.1f} {cold:8.1f} {cold - alone:8.1f} {warm:8.1f} {warm - alone:8.1f}", flush=True)


def _best(work: Callable[[], float], rounds: int, prepare: Callable[[], None]) -> float:
    """The least milliseconds of processor time: of this process, and what `work` says of another's."""
    used = []
    for _ in range(rounds):
        prepare()
        began = time.process_time()
        elsewhere = work()
        used.append(time.process_time() - began + elsewhere)
    return min(used) * 1000


def _start() -> float:
    """Processor milliseconds of one process from its start until it waits."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    child = Child()
    time.sleep(3)
    child.close()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def _fill(store: Store, contacts: int, orders: int) -> Actor:
    with store.writing(SYSTEM) as tx:
        workspace.switch(tx, Module.ORDERS, True)
        reader = users.add(tx, email="rui@example.com", name="Rui", role=Role.ANALYST)
        tx.run(
            """
            INSERT INTO base.contacts (id, name, city, search, created_at, updated_at)
            SELECT i, 'Contact ' || i, 'City ' || (i % 200), 'contact ' || i, $now, $now
            FROM range(1, $many + 1) AS t(i)
            """,
            many=contacts,
            now=tx.now,
        )
        tx.run(
            """
            INSERT INTO base.orders
                (title, contact_id, value, currency, status, source, ordered_on, search, created_at, updated_at)
            SELECT 'Order ' || i, 1 + i % $contacts, i % 900, 'BRL', 'paid', 'manual', DATE '2026-01-01', '', $now, $now
            FROM range($many) AS t(i)
            """,
            many=orders,
            contacts=contacts,
            now=tx.now,
        )
    return users.actor(store, reader.id)


if __name__ == "__main__":
    main()
