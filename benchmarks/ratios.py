"""Times the product and a baseline side by side, and reports the ratio."""

import json
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from crm.store import Reading, Writing

# The first rounds read from disk, and fill caches of plans and pages.
WARM_UPS = 3


@dataclass(frozen=True)
class Case:
    """`product` does what a person requests, `bare` the same by hand-written SQL."""

    name: str
    product: Callable[[], object]
    bare: Callable[[], object]
    aim: float
    """The ratio that we want to stay under."""


@dataclass(frozen=True)
class Ratio:
    """Medians in milliseconds."""

    name: str
    bare: float
    product: float
    aim: float

    @property
    def ratio(self) -> float:
        return self.product / self.bare


def measure(case: Case, rounds: int) -> Ratio:
    """The medians of both sides. The product keeps no answers meanwhile: every read is computed."""
    with _nothing_kept():
        for _ in range(WARM_UPS):
            case.bare()
            case.product()
        bare, product = [], []
        for _ in range(rounds):
            # In turn: whatever else the machine does falls on both sides alike.
            bare.append(_milliseconds(case.bare))
            product.append(_milliseconds(case.product))
    return Ratio(case.name, statistics.median(bare), statistics.median(product), case.aim)


def show(ratios: Iterable[Ratio]) -> None:
    print(f"{'':58} {'bare SQL':>10} {'product':>10} {'ratio':>7} {'aim':>6}")
    for each in ratios:
        missed = "" if each.ratio <= each.aim else "  missed"
        figures = f"{each.bare:7.2f} ms {each.product:7.2f} ms {each.ratio:6.2f}× {'≤':>3}{each.aim:3g}×"
        print(f"{each.name:58} {figures}{missed}")


def keep(path: Path, ratios: Iterable[Ratio]) -> None:
    path.write_text(json.dumps([asdict(each) | {"ratio": each.ratio} for each in ratios], indent=2) + "\n")


@contextmanager
def _nothing_kept() -> Iterator[None]:
    answer = Reading.answer
    Reading.answer = Writing.answer  # type: ignore[assignment,method-assign]
    try:
        yield
    finally:
        Reading.answer = answer  # type: ignore[method-assign]


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)
