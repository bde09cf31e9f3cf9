"""`crm serve` that makes a checkpoint or a backup on request."""

import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.served import FORKS, address_of, forked, serve_here
from crm.foundation.access import SYSTEM
from crm.platform import backups, process
from crm.store import Store


class Product:
    """One life of the product, listening, over a folder. `orders` carries requests to it and its answers."""

    def __init__(self, folder: Path) -> None:
        self.orders, theirs = FORKS.Pipe()
        log = folder.with_suffix(".log")
        log.unlink(missing_ok=True)
        self._process = forked(_serve, folder, log, theirs)
        self.url = address_of(log, self._process.is_alive)

    def kill(self) -> None:
        """As a power cut would: no chance to finish anything."""
        self._process.kill()
        self._process.join()


def _serve(folder: Path, log: Path, orders: Connection) -> None:
    threading.Thread(target=_serve_operations, args=(orders,), daemon=True).start()
    serve_here(folder, log)


def _serve_operations(orders: Connection) -> None:
    while True:
        operation = orders.recv()
        orders.send(("begun", operation, 0.0, ""))
        began = time.perf_counter()
        made = OPERATIONS[operation](process.store())
        orders.send(("done", operation, time.perf_counter() - began, made))


def _checkpoint(store: Store) -> str:
    # The product makes checkpoints by itself only; the bench has to know when one begins.
    with store._one_writer:
        store._checkpoint_if_allowed()
    return ""


def _backup(store: Store) -> str:
    return backups.make(store, SYSTEM).name


OPERATIONS: dict[str, Callable[[Store], str]] = {"checkpoint": _checkpoint, "backup": _backup}
