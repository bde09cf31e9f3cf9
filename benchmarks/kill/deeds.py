"""Checkpoints and backups of a product that is being worked with, and how long they take."""

import threading

from benchmarks.kill.ledger import Ledger
from benchmarks.kill.product import Product
from benchmarks.kill.workers import BREATH, PATIENCE


class Deeds:
    """Made in turn, each after a while, until one is begun that is not to end."""

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

    def begin(self, deed: str) -> None:
        """Ask for one and return once it has begun."""
        self._orders.send(deed)
        self._heard("begun", deed)

    def end(self, deed: str) -> bool:
        """After the kill: whether it had come to its end, and was acknowledged."""
        try:
            self._heard("done", deed)
        except (EOFError, ConnectionResetError):
            return False
        return True

    def _go_on(self) -> None:
        while not self._last.is_set():
            for deed in self.took:
                if self._last.wait(BREATH):
                    return
                self.begin(deed)
                self._heard("done", deed)

    def _heard(self, what: str, deed: str) -> None:
        if not self._orders.poll(PATIENCE):
            raise RuntimeError(f"no {deed} came to pass in {PATIENCE:.0f} s")
        said, _, seconds, made = self._orders.recv()
        assert said == what
        if said == "done":
            self.took[deed] = seconds
            self._ledger.acknowledged[f"{deed}s"] += 1
            if deed == "backup":
                self._ledger.backups.append(made)
