"""Makes checkpoints and backups of a product under load, and measures how long they take."""

import threading

from benchmarks.kill.ledger import Ledger
from benchmarks.kill.product import Product
from benchmarks.kill.workers import BREATH, PATIENCE


class Maintenance:
    """Makes checkpoints and backups in turn, until one is begun that the kill is to interrupt."""

    def __init__(self, product: Product, ledger: Ledger) -> None:
        self._orders = product.orders
        self._ledger = ledger
        self._last = threading.Event()
        self._thread = threading.Thread(target=self._go_on)
        self.took = {"checkpoint": 0.02, "backup": 0.1}
        """Seconds, of the last of each."""

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._last.set()
        self._thread.join()

    def begin(self, operation: str) -> None:
        """Request one; returns once it has begun."""
        self._orders.send(operation)
        self._receive("begun", operation)

    def end(self, operation: str) -> bool:
        """After the kill: whether it had ended and was acknowledged."""
        try:
            self._receive("done", operation)
        except (EOFError, ConnectionResetError):
            return False
        return True

    def _go_on(self) -> None:
        while not self._last.is_set():
            for operation in self.took:
                if self._last.wait(BREATH):
                    return
                self.begin(operation)
                self._receive("done", operation)

    def _receive(self, what: str, operation: str) -> None:
        if not self._orders.poll(PATIENCE):
            raise RuntimeError(f"no {operation} came to pass in {PATIENCE:.0f} s")
        state, _, seconds, made = self._orders.recv()
        assert state == what
        if state == "done":
            self.took[operation] = seconds
            self._ledger.acknowledged[f"{operation}s"] += 1
            if operation == "backup":
                self._ledger.backups.append(made)
