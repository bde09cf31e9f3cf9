"""Erasing one person from a large store, against copying its file.

python -m benchmarks.erasing --contacts 1000000

The floor is what any rewriting of a file costs: to read it, write it and sync it. The engine's own copy of a database
(`COPY FROM DATABASE`) builds the keys' indexes anew, too.
"""

import argparse
import os
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.generate import generate
from crm import contacts
from crm.foundation.access import SYSTEM
from crm.privacy import erasing
from crm.privacy.erasing import run as erase_run
from crm.records import notes
from crm.store import Store
from crm.verify import verify

MIB = 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mallard-bench-") as folder:
        store = generate(Path(folder), contacts=args.contacts, deals=args.contacts // 5, board=1_000)
        measure(store, args.contacts)
        store.close()


def measure(store: Store, count: int) -> None:
    with store.writing(SYSTEM) as tx:
        # A word that no generated record holds: where the bytes have it, it is this person's.
        person = contacts.create(tx, name="Zqcanary Prado", email="zqcanary@example.com", phone="+5511987654321")
        notes.add(tx, "contact", person.id, "zqcanary likes yellow")
    # The person has to be in the file itself, not only in the write-ahead log.
    store._connection.execute("CHECKPOINT").fetchall()
    floor = timed(lambda: copied(store.path))
    print(f"{count:,} contacts, {store.path.stat().st_size / MIB:,.0f} MiB\n")
    print(f"{'copy of the file, synced (the floor)':44} {floor:8.2f} s")
    print(f"{'what would go (preview)':44} {timed(lambda: preview(store, person.id)):8.2f} s")
    with store.writing(SYSTEM) as tx:
        erasure = erasing.begin(tx, person.id, sure=erasing.SURE)
    erasure_row = erase_run._read(store, erasure.id)
    print(f"{'out of the tables and the log':44} {timed(lambda: erase_run._take_out(store, erasure_row)):8.2f} s")
    reader = ContactReader(store)
    reader.start()
    renewal = timed(store.renew)
    reader.stop()
    print(f"{'the store written anew':44} {renewal:8.2f} s   {renewal / floor:.1f} × the floor")
    print(f"{'  the longest look at a contact meanwhile':44} {reader.longest:8.2f} s, of {reader.count:,}")
    found = b"zqcanary" in store.path.read_bytes().lower()
    print(f"{'still in the bytes':44} {'yes' if found else 'no':>8}")
    print(f"{'crm verify':44} {len(verify(store)):8} problems")


def preview(store: Store, contact_id: int) -> None:
    with store.reading(SYSTEM) as tx:
        erasing.preview(tx, contact_id)


def copied(path: Path) -> None:
    with path.open("rb") as source, path.with_name("copy").open("wb") as target:
        while piece := source.read(16 * MIB):
            target.write(piece)
        target.flush()
        os.fsync(target.fileno())
    path.with_name("copy").unlink()


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


class ContactReader(threading.Thread):
    """Opens a contact again and again, and measures the longest wait."""

    def __init__(self, store: Store) -> None:
        super().__init__(daemon=True)
        self.longest = 0.0
        self.count = 0
        self._store = store
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(0.01):
            self.longest = max(self.longest, timed(self._read))
            self.count += 1

    def stop(self) -> None:
        self._ended.set()
        self.join()

    def _read(self) -> None:
        with self._store.reading(SYSTEM) as tx:
            contacts.get(tx, 1)


if __name__ == "__main__":
    main()
